/*
 * peer.h - the list of peers, with one struct for each.
 *
 * The library stores a pointer to the struct with dtls_set_peer_data(). A session may end inside a
 * callback of the library, so its struct remains in the list, as PEER_GONE, until the end of the
 * turn of the loop.
 *
 * Times are microseconds of clock_us().
 */
#ifndef PEER_H
#define PEER_H

#include "app.h"
#include "common/clock.h"
#include "peer/due.h"
#include "peer/feedback.h"
#include "peer/outgoing.h"
#include "peer/peerlist.h"
#include "peer/readers.h"
#include "stream/queue.h"

enum peer_state {
    PEER_HANDSHAKE, /* the handshake is under way */
    PEER_OPEN,      /* the handshake is complete */
    PEER_CLOSING,   /* we have sent close_notify, and the peer has not */
    PEER_GONE       /* the session has ended; the loop frees the struct */
};

struct peer {
    struct peer *next, **place; /* the next peer in app->peers, and the pointer to this one */
    struct app *app;
    session_t session;
    enum peer_state state;
    int code;         /* exit code of the session; valid once state is PEER_CLOSING */
    const char *end;  /* the reason of the end, for the summary; NULL: not known */
    int64_t moved_us; /* time at which data was last sent, received or confirmed */
    /* time of the last authenticated record; liveness_received_any() updates it */
    int64_t received_any_us;
    bool holds_responses;     /* we delay heartbeat responses until earlier data is delivered */
    bool discards;            /* received data was discarded: respond to no heartbeat */
    bool program_done;        /* the program has ended its output: close once all is sent */
    bool proven;              /* the peer has proved that it received our last handshake message */
    bool unverified_reported; /* sessions_unverified() has reported the peer */
    /* stats.resent when the session opened; a higher stats.resent now shows that the peer has
     * repeated its last flight */
    uint64_t repeats;
    /* reason for the close that waits until all data is confirmed; NULL: none */
    const char *finishing;
    int64_t left_us;          /* time of the peer's close_notify; 0: not yet */
    int64_t confirmed_us;     /* time at which the peer last answered a request */
    int64_t received_data_us; /* time at which data was last received */
    int64_t closed_us;        /* time at which we sent close_notify */
    int64_t follow_us;        /* time of the next check of our own address */
    int64_t refused_us;       /* time at which ICMP last reported a closed port; 0: never */
    struct due_mark due;
    struct reader reader;
    struct peer_link held; /* link in app->held, the peers whose responses wait for stdout */
    struct outgoing out;
    struct feedback feedback;
    struct queue early;  /* data received before the handshake was complete */
    struct child *child; /* the program of -e or -c; NULL: stdin and stdout */
    uint64_t unread;     /* number of received messages that could not be delivered */
    /* state of the association when the session opened, and later when it ended */
    dtls_info_t info;
    dtls_stats_t stats;
};

/* Returns the time at which data was last sent, or any record received. */
static inline int64_t peer_active_us(const struct peer *peer)
{
    return clock_later(peer->moved_us, peer->received_any_us);
}

/* Adds a peer without an association to the list. Returns NULL if memory is exhausted. */
struct peer *peer_new(struct app *app);
/* Adds the peer of an existing association to the list. Returns NULL if memory is exhausted. */
struct peer *peer_add(struct app *app, const session_t *session);
/* Returns the peer whose association has this address, or NULL. */
struct peer *peer_find(struct app *app, const session_t *session);
/* Returns the peer that the running callback of the library is about, or NULL. */
struct peer *peer_of_callback(struct app *app);

/* Opens the session of a peer whose handshake is complete, and starts its program. Returns false if
 * the peer was refused instead. */
bool peer_open(struct peer *peer);

/* Removes a peer from the list, and frees it. The peer must not be in the list of touched peers
 * (due.h). */
void peer_free(struct peer *peer);
/* Frees all peers. */
void peers_clear(struct app *app);

#endif
