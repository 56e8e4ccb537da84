/*
 * alloc.h - the allocation hooks, and the habit of wiping what is given back.
 */
#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>

typedef struct {
    void *hook;
    void *(*allocate)(void *hook, size_t size);
    void (*release)(void *hook, void *memory);
} alloc_t;

void *alloc_zeroed(const alloc_t *alloc, size_t size);            /* NULL: none */
void alloc_wipe(const alloc_t *alloc, void *memory, size_t size); /* NULL is fine */

#endif
