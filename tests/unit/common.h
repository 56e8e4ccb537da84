/*
 * common.h - shared by the unit tests: random numbers from a seed, and an allocator that counts.
 */
#ifndef UNIT_COMMON_H
#define UNIT_COMMON_H

#include "base/alloc.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* Returns the next random number. *state is the seed. */
uint64_t unit_random(uint64_t *state);
size_t unit_below(uint64_t *state, size_t limit);
void unit_shuffle(uint64_t *state, size_t *order, size_t count);
/* Returns the seed of a run: $TEST_SEED, or a fixed default. Prints it and NOTEs it. */
uint64_t unit_seed(void);

/* An allocator that fills new memory with garbage, and checks that released memory is zero and that nothing was written
 * past its end. */
typedef struct {
    size_t calls, live, live_bytes, peak_bytes, unwiped, overrun;
    size_t fail_at; /* the call that fails; 0: none */
    bool fail_on;   /* fail all later calls too */
} memory_t;

void *memory_allocate(void *hook, size_t size);
void memory_release(void *hook, void *block);
alloc_t memory_alloc(memory_t *memory);
/* Checks that all memory has been released, that all of it was wiped, and that nothing was written past its end. */
void memory_check(const memory_t *memory);

/* Bytes that libcrypto has allocated since the program began. */
extern size_t libcrypto_allocations, libcrypto_live;
/* The number of the allocation that fails: libcrypto_allocations + 1 is the next. 0: none. */
extern size_t libcrypto_fail_at;
/* Returns true if a live block of libcrypto contains these bytes. */
bool libcrypto_holds(const void *bytes, size_t length);

#endif
