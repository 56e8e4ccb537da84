/*
 * peer.h - a list with one struct for each peer.
 *
 * The library refers to it by dtls_set_peer_data(). A session may end inside a callback, so a peer remains in the list
 * as PEER_GONE until peers_sweep().
 *
 * Times are microseconds of clock_us().
 */
#ifndef PEER_H
#define PEER_H

#include "app.h"
#include "common/clock.h"
#include "peer/outgoing.h"
#include "stream/queue.h"

enum peer_state {
    PEER_HANDSHAKE, /* a server during our handshake, or a client that sends early data */
    PEER_OPEN,      /* data flows both ways */
    PEER_CLOSING,   /* close_notify is sent, and not answered yet */
    PEER_GONE       /* the session has ended */
};

struct peer {
    struct peer *next;
    struct app *app;
    session_t session;
    enum peer_state state;
    int code;                /* exit code, valid from PEER_CLOSING on */
    const char *end;         /* why the session ended, for the summary; NULL: not known */
    int64_t moved_us;        /* when data was last sent or received, or confirmed */
    int64_t received_any_us; /* when an authenticated record was last received, as far as updated */
    bool holds_responses;    /* heartbeat responses are held until earlier data is delivered */
    bool program_done;       /* its program writes no more: close once the queue is empty */
    bool proven;             /* it has received our whole handshake */
    bool unverified_reported; /* its unverified address was reported */
    uint64_t repeats;         /* messages that the handshake had resent when the session opened */
    const char *finishing; /* `end` of a session that closes once all is confirmed; NULL: not yet */
    int64_t left_us;       /* when the peer closed; 0: not yet */
    int64_t confirmed_us;  /* when it last answered a request */
    int64_t received_data_us; /* when data was last received */
    int64_t closed_us;        /* when we sent close_notify */
    int64_t follow_us;        /* when to check our own address next */
    int64_t refused_us;       /* when ICMP last reported its port closed; 0: never */
    struct outgoing out;
    struct queue early;  /* data received before the handshake was complete */
    struct child *child; /* the program of -e or -c; NULL: stdin and stdout */
    uint64_t unread;     /* received messages that stdout or the program did not accept */
    dtls_info_t info;    /* as of the beginning, and then of the end, of the session */
    dtls_stats_t stats;
};

/* Returns the time at which a record or data of the session was last sent or received. */
static inline int64_t peer_active_us(const struct peer *peer)
{
    return clock_later(peer->moved_us, peer->received_any_us);
}

/* Adds a peer to the list, without an association. Returns NULL if memory is short. */
struct peer *peer_new(struct app *app);
/* Adds the peer of an existing association. Returns NULL if memory is short. */
struct peer *peer_add(struct app *app, const session_t *session);
/* Returns the peer with this address, or NULL. */
struct peer *peer_find(struct app *app, const session_t *session);

/* The handshake is complete: opens the session, and starts its program. Returns false if the peer was rejected
 * instead. */
bool peer_open(struct peer *peer);

/* Frees the peers whose sessions have ended. */
void peers_sweep(struct app *app);
/* Frees all peers. */
void peers_clear(struct app *app);

#endif
