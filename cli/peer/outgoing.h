/*
 * outgoing.h - sends messages to a peer, as fast as its flow control permits. Further messages are queued, and counted
 * as unsent if the queue is full, so that a slow peer does not delay the others.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "peer/path.h"
#include "stream/pace.h"
#include "stream/queue.h"
#include "stream/window.h"

struct peer;

struct outgoing {
    struct queue queue;
    struct window window;
    struct pace pace;
    struct path path;
    uint64_t unsent; /* messages too long for record or queue, or refused by the network */
    int64_t sent_us; /* when the last record was sent */
};

void outgoing_init(struct outgoing *out);
/* The session is open: starts the flow control that the peer supports. */
void outgoing_start(struct peer *peer);

/* Returns the microseconds until a message can be sent without being queued. 0: now; OUTGOING_STOPPED: not before
 * another event, or never. */
#define OUTGOING_STOPPED (-1)
int64_t outgoing_wait(struct peer *peer, int64_t now_us);

/* Sends or queues a message. */
void outgoing_put(struct peer *peer, uint8_t *data, size_t length);

/* Sends queued messages as far as flow control permits. Returns the microseconds until the next one;
 * OUTGOING_STOPPED: not before another event. */
int64_t outgoing_run(struct peer *peer);

/* Requests a confirmation of what was sent, unless a request is outstanding. */
void outgoing_ask(struct peer *peer);
/* The peer has answered a request: it has received all that was sent before. If it is a dtlscat, it has also delivered
 * that. */
void outgoing_confirmed(struct peer *peer);
/* The peer answers no heartbeats: sends none from now on, and limits the rate instead. */
void outgoing_without_heartbeats(struct peer *peer);
/* A probe of the path MTU was answered, or given up. */
void outgoing_path_probed(struct peer *peer);

#endif
