#include "stream/queue.h"

#include <stdlib.h>
#include <string.h>

void queue_init(struct queue *queue, size_t limit)
{
    *queue = (struct queue){.end = &queue->first, .limit = limit};
}

static size_t size_of(size_t length)
{
    return sizeof(struct entry) + length;
}

bool queue_put(struct queue *queue, const uint8_t *data, size_t length)
{
    if (queue->bytes + size_of(length) > queue->limit)
        return false;
    struct entry *entry = malloc(size_of(length));
    if (entry == NULL)
        return false;
    entry->next = NULL;
    entry->length = length;
    memcpy(entry->data, data, length);
    *queue->end = entry;
    queue->end = &entry->next;
    queue->bytes += size_of(length);
    return true;
}

void queue_drop(struct queue *queue)
{
    struct entry *entry = queue->first;

    queue->first = entry->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    queue->bytes -= size_of(entry->length);
    explicit_bzero(entry->data, entry->length);
    free(entry);
}

size_t queue_count(const struct queue *queue)
{
    size_t count = 0;

    for (const struct entry *entry = queue->first; entry != NULL; entry = entry->next)
        count++;
    return count;
}

void queue_clear(struct queue *queue)
{
    while (!queue_is_empty(queue))
        queue_drop(queue);
}
