/*
 * readers.h - which peers can be sent data now, and which have data in their queue. The answers are
 * kept up to date for each peer that changes, so that no other peer has to be asked.
 */
#ifndef READERS_H
#define READERS_H

#include <stddef.h>
#include <stdint.h>

#include "peer/peerlist.h"

struct app;

struct readers {
    size_t ready;             /* number of peers to which a message can be sent at once */
    size_t pending;           /* number of open sessions with messages in their queue */
    struct peer_link *idle;   /* peers that accept data, and have an empty queue */
    struct peer_link *behind; /* peers with a long queue */
};

/* The part of a peer that belongs to this file. */
struct reader {
    bool ready, pending;
    struct peer_link idle, behind;
    int64_t behind_us; /* time at which the queue became long; 0: it is short, or was emptied */
};

/* Sends or queues a message to the peer. */
void readers_put(struct peer *peer, uint8_t *data, size_t length);
/* Call this after the queue or the state of the peer may have changed. */
void readers_update(struct peer *peer);
/* Like outgoing_wait(). Also updates the number of peers that are ready. */
int64_t readers_wait(struct peer *peer, int64_t now_us);
/* The peer has gone. */
void readers_remove(struct peer *peer);

/* Returns true if for at least one other peer no relayed data is queued, or if there is no other
 * peer. Returns false for at most a second if the queue of another peer is long. A stalled peer does not count, so that it cannot delay the sender. */
bool readers_have_room(const struct peer *from, int64_t now_us);

#endif
