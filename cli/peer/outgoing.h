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
    struct pace pace;      /* limit by --rate and --delay, or a fixed one without heartbeats */
    struct pace path_pace; /* limit by congestion control */
    struct path path;
    uint64_t peer_lost; /* number of our data records that the peer reports as lost */
    uint64_t reported;  /* number of our data records that the last report covers */
    uint64_t unsent;    /* number of messages that were too long, or refused by queue or socket */
    int64_t sent_us;    /* time at which the last data record was sent */
    bool ever_answered; /* the peer has answered at least one heartbeat */
    bool slow_reported; /* report_slow() has already printed that the rate is limited */
};

void outgoing_init(struct outgoing *out);
/* Call this when the session opens: starts the flow control that the peer supports. */
void outgoing_start(struct peer *peer);

/* Returns the microseconds until a message can be sent without being queued. 0: now;
 * OUTGOING_STOPPED: not before another event, or never. */
#define OUTGOING_STOPPED (-1)
int64_t outgoing_wait(struct peer *peer, int64_t now_us);

/* Returns the length of the longest piece of a stream that may be sent now: as many full datagrams
 * as flow control permits, but at least one datagram and at most one batch. */
size_t outgoing_room(struct peer *peer);

/* Counts a message that was sent during the handshake. */
void outgoing_count(struct peer *peer, size_t length);
/* Sends or queues a message. */
void outgoing_put(struct peer *peer, uint8_t *data, size_t length);

/* Sends queued messages as far as flow control permits, and a request if one is due. Returns the
 * microseconds until the next message or request; OUTGOING_STOPPED: not before another event. */
int64_t outgoing_run(struct peer *peer);

/* Returns true if the peer has confirmed all data that was sent. If the peer sends reports
 * (feedback.h), its last report has to cover all data too. */
bool outgoing_is_confirmed(const struct outgoing *out);
/* Requests a confirmation of what was sent, unless a request is outstanding. */
void outgoing_ask(struct peer *peer);
/* Call this when the peer has echoed the request with this serial number (feedback.h). The peer has
 * then received the data that was sent before the request. If the peer is a dtlscat, it has also
 * delivered this data. */
void outgoing_echoed(struct peer *peer, uint64_t serial);
/* Call this when the peer has sent a report (feedback.h) of what it has received of the data sent
 * before the request with this serial number. room is the number of bytes that the peer can
 * buffer. */
void outgoing_reported(struct peer *peer, uint64_t serial, const struct amount *received,
                       uint32_t room);
/* Call this when the peer has acknowledged our KeyUpdate, which is sent instead of a request to a
 * peer without heartbeats. */
void outgoing_acknowledged(struct peer *peer);
/* Call this if the peer answers no heartbeats: sends no heartbeats from now on, and limits the rate
 * instead. */
void outgoing_without_heartbeats(struct peer *peer);
/* Call this when a probe of the path MTU was answered, or given up. */
void outgoing_path_probed(struct peer *peer);

#endif
