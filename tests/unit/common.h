/*
 * common.h - what the unit tests share: random numbers with a seed, and memory that is counted.
 */
#ifndef UNIT_COMMON_H
#define UNIT_COMMON_H

#include "base/alloc.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* A new number each time; the state is the seed. */
uint64_t unit_random(uint64_t *state);
size_t unit_below(uint64_t *state, size_t limit);
void unit_shuffle(uint64_t *state, size_t *order, size_t count);
/* The seed of a run: $TEST_SEED, else a fixed one. Printed, and NOTEd. */
uint64_t unit_seed(void);

/* Memory handed out is filled with rubbish; what comes back must be zero. */
typedef struct {
    size_t calls, live, live_bytes, peak_bytes, unwiped;
    size_t fail_at; /* the call that fails, 0: none */
    bool fail_on;   /* and all after it */
} memory_t;

void *memory_allocate(void *hook, size_t size);
void memory_release(void *hook, void *block);
alloc_t memory_alloc(memory_t *memory);
/* Nothing is out, and all of it was wiped. */
void memory_check(const memory_t *memory);

/* What libcrypto itself has allocated since the program began. */
extern size_t libcrypto_allocations, libcrypto_live;

#endif
