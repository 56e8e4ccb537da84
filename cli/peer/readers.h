/*
 * readers.h - which peers can be sent data now, and which have data in their queue. Each change
 * of a peer updates the counters and lists, so that few calls have to examine all peers.
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

/* The fields of a peer that readers.c writes. */
struct reader {
    bool ready, pending;
    struct peer_link idle, behind;
    int64_t behind_us; /* time at which the queue became long; 0: the peer keeps up */
};

/* Sends or queues a message to the peer. */
void readers_put(struct peer *peer, uint8_t *data, size_t length);
/* Call this after the queue or the state of the peer may have changed. */
void readers_update(struct peer *peer);
/* Returns what outgoing_wait() returns, and updates the number of peers to which a message
 * can be sent at once. */
int64_t readers_wait(struct peer *peer, int64_t now_us);
/* Call this when the peer has gone: removes the peer from counters and lists. */
void readers_remove(struct peer *peer);

/* Returns true if --broker may accept another message of the peer `from`. This is so in two cases:
 * no other peer accepts data, or at least one other peer has an empty queue and none has a long
 * one. A queue that has been long for more than a second does not count as long here, and a stalled
 * peer counts as one that accepts no data, so that such peers cannot delay the sender. */
bool readers_have_room(const struct peer *from, int64_t now_us);

#endif
