/*
 * outgoing.h - sends messages to a peer, as fast as its flow control and the path permit. Further
 * messages are queued, and counted as unsent if the queue is full, so that a slow peer does not
 * delay the others.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "peer/path.h"
#include "stream/congestion.h"
#include "stream/pace.h"
#include "stream/queue.h"
#include "stream/window.h"

struct peer;

struct outgoing {
    struct queue queue;
    struct window window;
    struct congestion congestion;
    struct pace pace;      /* of --rate and --delay, or for a peer without heartbeats */
    struct pace path_pace; /* of congestion control */
    struct path path;
    uint64_t peer_lost; /* records that we have sent, and the peer reports as lost */
    uint64_t reported;  /* records sent before the request of the last report */
    uint64_t unsent;    /* messages too long for record or queue, or refused by the network */
    int64_t sent_us;    /* when the last record was sent */
    bool ever_answered; /* a heartbeat was answered */
    bool slow_reported; /* the limited rate was reported */
};

void outgoing_init(struct outgoing *out);
/* The session is open: starts the flow control that the peer supports. */
void outgoing_start(struct peer *peer);

/* Returns the microseconds until a message can be sent without being queued. 0: now;
 * OUTGOING_STOPPED: not before another event, or never. */
#define OUTGOING_STOPPED (-1)
int64_t outgoing_wait(struct peer *peer, int64_t now_us);

/* Counts a message that was sent during the handshake. */
void outgoing_count(struct peer *peer, size_t length);
/* Sends or queues a message. */
void outgoing_put(struct peer *peer, uint8_t *data, size_t length);

/* Sends queued messages as far as flow control permits, and the request that is due. Returns the
 * microseconds until the next one; OUTGOING_STOPPED: not before another event. */
int64_t outgoing_run(struct peer *peer);

/* Returns true if the peer has confirmed all data that was sent, and if it reports, has reported
 * what of it was lost. */
bool outgoing_is_confirmed(const struct outgoing *out);
/* Requests a confirmation of what was sent, unless a request is outstanding. */
void outgoing_ask(struct peer *peer);
/* The peer has echoed a request: it has received what was sent before. If it is a dtlscat, it has
 * also delivered that. */
void outgoing_echoed(struct peer *peer, uint64_t serial);
/* The peer reports what it has received, as of a request, and how many bytes it can buffer. */
void outgoing_reported(struct peer *peer, uint64_t serial, const struct amount *received,
                       uint32_t room);
/* The peer has acknowledged our KeyUpdate, which replaces a heartbeat. */
void outgoing_acknowledged(struct peer *peer);
/* The peer answers no heartbeats: sends none from now on, and limits the rate instead. */
void outgoing_without_heartbeats(struct peer *peer);
/* A probe of the path MTU was answered, or given up. */
void outgoing_path_probed(struct peer *peer);

#endif
