/*
 * heap.c - the heap: random operations, compared with a search of all nodes.
 */
#include "base/heap.h"
#include "test.h"

#include <stdlib.h>

enum { NODES = 200, STEPS = 20000 };

static void *allocate(void *hook, size_t size)
{
    (void)hook;
    return malloc(size);
}

static void release(void *hook, void *memory)
{
    (void)hook;
    free(memory);
}

static void *refuse(void *hook, size_t size)
{
    (void)hook;
    (void)size;
    return NULL;
}

static const alloc_t memory = {NULL, allocate, release}, no_memory = {NULL, refuse, release};

static heap_node_t *smallest(heap_node_t *nodes)
{
    heap_node_t *first = NULL;

    for (size_t i = 0; i < NODES; i++) {
        if (nodes[i].place > 0 && (!first || nodes[i].key < first->key)) {
            first = &nodes[i];
        }
    }
    return first;
}

TEST(first_is_the_smallest)
{
    static heap_node_t nodes[NODES];
    heap_t heap = {0};

    srand(1);
    CHECK(heap_reserve(&heap, &memory, NODES));
    for (unsigned step = 0; step < STEPS; step++) {
        heap_node_t *node = &nodes[rand() % NODES], *first;

        if (rand() % 3 == 0) {
            heap_remove(&heap, node);
        } else {
            heap_set(&heap, node, (uint64_t)(rand() % 1000));
        }
        first = heap_first(&heap);
        CHECK_EQ(first != NULL, smallest(nodes) != NULL);
        CHECK(!first || first->key == smallest(nodes)->key);
    }
    while (heap_first(&heap)) {
        CHECK_EQ(heap_first(&heap)->key, smallest(nodes)->key);
        heap_remove(&heap, heap_first(&heap));
    }
    heap_end(&heap, &memory);
}

TEST(without_memory_nothing_changes)
{
    heap_node_t nodes[16] = {{0}}, more = {0};
    heap_t heap = {0};

    CHECK(!heap_reserve(&heap, &no_memory, 1));
    CHECK(!heap_first(&heap));
    for (size_t i = 0; i < 16; i++) {
        CHECK(heap_reserve(&heap, &memory, i + 1));
        heap_set(&heap, &nodes[i], 100 - i);
    }
    CHECK(!heap_reserve(&heap, &no_memory, 17));
    CHECK(heap_first(&heap) == &nodes[15]);
    CHECK(heap_reserve(&heap, &memory, 17));
    heap_set(&heap, &more, 1);
    CHECK(heap_first(&heap) == &more);
    heap_remove(&heap, &more);
    CHECK(heap_first(&heap) == &nodes[15]);
    heap_end(&heap, &memory);
}
