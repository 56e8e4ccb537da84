#include "common.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- random numbers ---- */

uint64_t unit_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t unit_below(uint64_t *state, size_t limit)
{
    return (size_t)(unit_random(state) % limit);
}

void unit_shuffle(uint64_t *state, size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = unit_below(state, i), last = order[i - 1];
        order[i - 1] = order[other];
        order[other] = last;
    }
}

uint64_t unit_seed(void)
{
    const char *text = getenv("TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : 20240229;
    fprintf(stderr, "TEST_SEED=%llu\n", (unsigned long long)seed);
    NOTE("TEST_SEED=%llu", (unsigned long long)seed);
    return seed;
}

/* ---- memory ---- */

enum { HEAD = 16 }; /* keeps the alignment that malloc gives */

/* After each block, to notice what is written there. */
static const uint8_t guard[] = "past the end of the block";

void *memory_allocate(void *hook, size_t size)
{
    memory_t *memory = hook;
    size_t call = ++memory->calls;
    if (memory->fail_at && (call == memory->fail_at || (memory->fail_on && call > memory->fail_at)))
        return NULL;
    uint8_t *block = malloc(HEAD + size + sizeof guard);
    if (!block)
        return NULL;
    memcpy(block, &size, sizeof size);
    memset(block + HEAD, 0x5a, size);
    memcpy(block + HEAD + size, guard, sizeof guard);
    memory->live++;
    memory->live_bytes += size;
    if (memory->live_bytes > memory->peak_bytes)
        memory->peak_bytes = memory->live_bytes;
    return block + HEAD;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

void memory_release(void *hook, void *block)
{
    memory_t *memory = hook;
    uint8_t *bytes = block;
    size_t size;
    if (!block)
        return;
    memcpy(&size, bytes - HEAD, sizeof size);
    memory->unwiped += !all_zero(bytes, size);
    memory->overrun += memcmp(bytes + size, guard, sizeof guard) != 0;
    memory->live--;
    memory->live_bytes -= size;
    free(bytes - HEAD);
}

alloc_t memory_alloc(memory_t *memory)
{
    return (alloc_t){memory, memory_allocate, memory_release};
}

void memory_check(const memory_t *memory)
{
    CHECK_EQ(memory->live, 0);
    CHECK_EQ(memory->live_bytes, 0);
    CHECK_EQ(memory->unwiped, 0);
    CHECK_EQ(memory->overrun, 0);
}

/* ---- memory of libcrypto ---- */

size_t libcrypto_allocations, libcrypto_live, libcrypto_fail_at;

/* The blocks of libcrypto are in a list, each after its head. */
typedef struct head head_t;
struct head {
    head_t *next, *previous;
    _Alignas(max_align_t) size_t size;
};

static head_t blocks = {&blocks, &blocks, 0};

static void *enter_block(head_t *head, size_t size)
{
    if (!head)
        return NULL;
    *head = (head_t){blocks.next, &blocks, size};
    head->next->previous = head->previous->next = head;
    return head + 1;
}

static head_t *leave_block(void *block)
{
    if (!block)
        return NULL;
    head_t *head = (head_t *)block - 1;
    head->next->previous = head->previous;
    head->previous->next = head->next;
    return head;
}

bool libcrypto_holds(const void *bytes, size_t length)
{
    for (const head_t *head = blocks.next; head != &blocks; head = head->next)
        if (memmem(head + 1, head->size, bytes, length))
            return true;
    return false;
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (++libcrypto_allocations == libcrypto_fail_at)
        return NULL;
    libcrypto_live++;
    return enter_block(malloc(sizeof(head_t) + size), size);
}

static void *crypto_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    libcrypto_allocations++;
    libcrypto_live += !block;
    return enter_block(realloc(leave_block(block), sizeof(head_t) + size), size);
}

static void crypto_release(void *block, const char *file, int line)
{
    (void)file, (void)line;
    libcrypto_live -= block != NULL;
    free(leave_block(block));
}

/* Runs before libcrypto allocates for the first time. */
__attribute__((constructor)) static void count_libcrypto(void)
{
    CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_release);
}
