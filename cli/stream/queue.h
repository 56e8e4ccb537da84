/*
 * queue.h - messages that wait, in order and bounded.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry {
    struct entry *next;
    size_t length;
    uint8_t data[];
};

struct queue {
    struct entry *first, **end;
    size_t bytes, limit; /* what the entries take, and may take */
};

void queue_init(struct queue *queue, size_t limit);

/* Copies a message to the end. False: no room. */
bool queue_put(struct queue *queue, const uint8_t *data, size_t length);

/* Wipes and forgets the first one. */
void queue_drop(struct queue *queue);

void queue_clear(struct queue *queue);

size_t queue_count(const struct queue *queue);

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

#endif
