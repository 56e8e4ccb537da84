/* alloc.h - allocation through the hooks of the application. Memory is wiped before it is
 * released. */
#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>

typedef struct {
    void *hook;
    void *(*allocate)(void *hook, size_t size);
    void (*release)(void *hook, void *memory);
} alloc_t;

/* Returns a block of size bytes, all zero, or NULL if there is not enough memory. */
void *alloc_zeroed(const alloc_t *alloc, size_t size);
/* Wipes and frees a block of size bytes. Does nothing if memory is NULL. */
void alloc_wipe(const alloc_t *alloc, void *memory, size_t size);

#endif
