#include "base/heap.h"

#include <string.h>

#define ROOM_FIRST 16 /* number of nodes in the first allocation; a full heap doubles its size */

bool heap_reserve(heap_t *heap, const alloc_t *alloc, size_t count)
{
    size_t room = heap->room > 0 ? heap->room : ROOM_FIRST;
    if (count <= heap->room)
        return true;
    while (room < count)
        room *= 2;
    heap_item_t *items = alloc_zeroed(alloc, room * sizeof *items);
    if (!items)
        return false;
    if (heap->count > 0)
        memcpy(items, heap->items, heap->count * sizeof *items);
    alloc_wipe(alloc, heap->items, heap->room * sizeof *items);
    heap->items = items;
    heap->room = room;
    return true;
}

void heap_end(heap_t *heap, const alloc_t *alloc)
{
    alloc_wipe(alloc, heap->items, heap->room * sizeof *heap->items);
    heap->items = NULL;
}

heap_node_t *heap_first(const heap_t *heap)
{
    return heap->count > 0 ? heap->items[0].node : NULL;
}

static void put(heap_t *heap, size_t at, heap_item_t item)
{
    heap->items[at] = item;
    item.node->place = at + 1;
}

/* Stores the item at this index, or nearer to the root while the parent there has a larger key.
 * Returns the index of the item. */
static size_t rise(heap_t *heap, size_t at, heap_item_t item)
{
    while (at > 0 && item.key < heap->items[(at - 1) / 2].key) {
        put(heap, at, heap->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(heap, at, item);
    return at;
}

/* Stores the item at this index, or further from the root while a child there has a smaller key. */
static void sink(heap_t *heap, size_t at, heap_item_t item)
{
    for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && heap->items[child + 1].key < heap->items[child].key)
            child++;
        if (item.key <= heap->items[child].key)
            break;
        put(heap, at, heap->items[child]);
    }
    put(heap, at, item);
}

static void place(heap_t *heap, size_t at, heap_item_t item)
{
    if (rise(heap, at, item) == at)
        sink(heap, at, item);
}

void heap_set(heap_t *heap, heap_node_t *node, uint64_t key)
{
    size_t at = node->place > 0 ? node->place - 1 : heap->count++;
    node->key = key;
    place(heap, at, (heap_item_t){key, node});
}

void heap_remove(heap_t *heap, heap_node_t *node)
{
    if (node->place == 0)
        return;
    size_t at = node->place - 1;
    node->place = 0;
    heap->count--;
    if (at < heap->count)
        place(heap, at, heap->items[heap->count]);
}
