/*
 * memory.c - what a server keeps for a peer, half-open and connected: by the allocation hooks, and
 * by libcrypto's allocations while the server runs.
 */
#include "common_bench.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

enum { PEERS = 200 };

static size_t crypto_bytes[2]; /* by the side that runs */

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    void *block = malloc(size);
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] += malloc_usable_size(block);
    return block;
}

static void crypto_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] -= malloc_usable_size(block);
    free(block);
}

static void *crypto_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] -= malloc_usable_size(block);
    block = realloc(block, size);
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] += malloc_usable_size(block);
    return block;
}

__attribute__((constructor)) static void count_allocations(void)
{
    CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

/* Runs PEERS handshakes up to and with so many datagrams each, and says what a peer costs. */
static size_t cost(const char *what, uint16_t suite, size_t datagrams)
{
    static line_t line;
    packet_t packet;
    line_start(&line, suite);
    line_connect(&line, PEERS); /* whatever is only done once */
    line_deliver(&line);
    side_t *server = &line.sides[SERVER];
    size_t ours = server->live_bytes, blocks = server->live, theirs = crypto_bytes[SERVER];
    for (unsigned n = 0; n < PEERS; n++) {
        line_connect(&line, n);
        for (size_t i = 0; i < datagrams && line_pop(&line, &packet); i++)
            line_push(&line, &packet);
        while (line_pop(&line, &packet))
            ;
    }
    size_t each = (server->live_bytes - ours) / PEERS;
    printf("    %-10s %04x: %5zu bytes in %.1f blocks, and %5zu of libcrypto\n", what, suite, each,
           (double)(server->live - blocks) / PEERS, (crypto_bytes[SERVER] - theirs) / PEERS);
    bench_inside = SERVER;
    line_end(&line);
    bench_inside = -1;
    return each;
}

TEST(peer)
{
    static const uint16_t suites[] = {0xc0a8, 0x00a8, 0x00a9, 0xccab};
    printf("memory of a server for one peer:\n");
    for (size_t i = 0; i < 4; i++) {
        cost("half-open", suites[i], 3);
        CHECK(cost("connected", suites[i], 6) < 2048); /* dtls.h says so */
    }
}
