/*
 * delayline.h - datagrams that are delayed, in the order in which they are due: a link with a limited
 * rate and a queue, and a path with a delay behind it. The caller has the clock.
 */
#ifndef DELAYLINE_H
#define DELAYLINE_H

#include "dtls.h"

/* The queue before a link with a limited rate holds what the link sends in 100 ms, or at least this
 * number of bytes. A batch of the sender fits. */
#define DELAYLINE_QUEUE 65536
/* All datagrams of a delay line take at most this memory. */
#define DELAYLINE_BYTES (4 << 20)
/* A reordered datagram waits until another one has overtaken it, but at most this time longer than
 * its delay. */
#define DELAYLINE_REORDER_US 50000

struct delayed {
    struct delayed *previous, *next;
    int64_t due_us;
    int64_t sooner_us; /* the datagram waits to be overtaken, and is due then; otherwise due_us */
    session_t peer;
    int mark; /* for the caller */
    size_t length;
    uint8_t data[];
};

struct delayline {
    struct delayed *first, *last; /* by due_us; equal ones in the order in which they were added */
    size_t bytes;                 /* memory of all datagrams */
    size_t waiting;               /* number of datagrams that wait to be overtaken */
    int64_t free_ns;              /* time at which the link has sent what it has accepted */
};

struct delayline_item {
    const session_t *peer;
    int mark;
    const uint8_t *data;
    size_t length;
    uint64_t rate; /* of the link, in bytes per second; 0: no limit */
    int64_t delay_us;
    bool reorder;
};

/* Adds a copy of a datagram, at time now_us. Returns the copy, which the caller may change, or NULL
 * if the queue is full or memory is exhausted. */
struct delayed *delayline_add(struct delayline *line, const struct delayline_item *item,
                              int64_t now_us);
/* Removes and returns the first datagram if it is due. The caller frees it. Returns NULL if none is
 * due. */
struct delayed *delayline_take(struct delayline *line, int64_t now_us);
/* Returns the time at which the first datagram is due, or CLOCK_NEVER if there is none. */
int64_t delayline_next_us(const struct delayline *line);
/* Discards all datagrams. Returns their number. */
size_t delayline_clear(struct delayline *line);

#endif
