/*
 * outgoing.h - messages on their way to a peer: as fast as it takes them. What it does not take yet waits
 * in a queue, and what does not fit there is counted, so that nobody waits for a slow peer but itself.
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
    uint64_t unsent; /* messages that did not fit the queue, or a record */
    int64_t sent_us; /* when the last record went */
};

void outgoing_init(struct outgoing *out);
/* The peer is open: it may answer heartbeats, or not. */
void outgoing_start(struct peer *peer);

/* Microseconds until the peer takes another message without a wait in the queue; 0: now;
 * OUTGOING_STOPPED: not before it has answered, or at all. */
#define OUTGOING_STOPPED (-1)
int64_t outgoing_wait(struct peer *peer, int64_t now_us);

/* Sends a message, now or later. */
void outgoing_put(struct peer *peer, uint8_t *data, size_t length);

/* Sends what waits, as far as may be. Microseconds until there is more to do; OUTGOING_STOPPED: nothing. */
int64_t outgoing_run(struct peer *peer);

/* Asks the peer to confirm what was sent, unless a question is under way. */
void outgoing_ask(struct peer *peer);
/* The peer has answered: it has all that was sent before the question, and a dtlscat has also handed it on. */
void outgoing_confirmed(struct peer *peer);
/* It has answered no heartbeat so far, and is not asked by one again. */
void outgoing_without_heartbeats(struct peer *peer);
/* It has answered how long datagrams may be, or does not. */
void outgoing_path_probed(struct peer *peer);

#endif
