/*
 * heap.h - a binary heap: it finds the entry with the smallest key. The caller embeds a heap_node_t
 * in each structure, and reserves memory when it makes the structure, so that no later call can
 * fail.
 */
#ifndef HEAP_H
#define HEAP_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t place; /* 1 + index of the node in the heap; 0: the node is not in the heap */
    uint64_t key;
} heap_node_t;

/* An entry of the heap. It has a copy of the key, so that a comparison does not read the
 * structure of the caller. */
typedef struct {
    uint64_t key;
    heap_node_t *node;
} heap_item_t;

typedef struct {
    heap_item_t *items;
    size_t count, room;
} heap_t;

/* Makes room for `count` nodes in total. Returns false if there is not enough memory. */
bool heap_reserve(heap_t *heap, const alloc_t *alloc, size_t count);
void heap_end(heap_t *heap, const alloc_t *alloc);
/* Returns the node with the smallest key. NULL: the heap is empty. */
heap_node_t *heap_first(const heap_t *heap);
/* Gives a node this key, and adds it if it is not in the heap. heap_reserve() must have made
 * room for the node. */
void heap_set(heap_t *heap, heap_node_t *node, uint64_t key);
/* Removes a node, if it is in the heap. The node keeps its key. */
void heap_remove(heap_t *heap, heap_node_t *node);

#endif
