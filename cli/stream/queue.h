/*
 * queue.h - a first-in first-out queue of messages with a limit in bytes.
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
    size_t bytes, limit; /* memory that the entries use, and its limit, in bytes */
};

void queue_init(struct queue *queue, size_t limit);

/* Appends a copy of a message. Returns false if the limit or the memory is exhausted. */
bool queue_put(struct queue *queue, const uint8_t *data, size_t length);

/* Wipes and removes the first message. The queue must not be empty. */
void queue_drop(struct queue *queue);

/* Wipes and removes all messages. */
void queue_clear(struct queue *queue);

size_t queue_count(const struct queue *queue);

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

#endif
