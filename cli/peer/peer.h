/*
 * peer.h - the other side: one struct for each, in a list.
 *
 * The library finds it, by dtls_set_peer_data(). Whatever ends one does so from inside a callback as well,
 * so it stays in the list as GONE until peers_sweep().
 */
#ifndef PEER_H
#define PEER_H

#include "app.h"
#include "peer/outgoing.h"
#include "stream/queue.h"

enum peer_state {
    PEER_HANDSHAKE, /* whom we call, or a client that sends early data */
    PEER_OPEN,      /* data flows both ways */
    PEER_CLOSING,   /* close_notify is sent, the peer's answer not here yet */
    PEER_GONE
};

struct peer {
    struct peer *next;
    struct app *app;
    session_t session;
    enum peer_state state;
    int code;                 /* exit code, from CLOSING on */
    const char *end;          /* why it ended, for -v */
    int64_t moved_us;         /* when data last came or went, */
    int64_t received_any_us;  /* or anything authentic: for --keepalive and the idle limit */
    bool holding;             /* its heartbeats, until what came before is handed on */
    bool finished;            /* nothing more comes for it: it closes when the queue is empty */
    bool proven;              /* it has all of our handshake */
    bool unverified_reported; /* that it moves, and cannot be checked */
    uint64_t repeats;         /* of the handshake, that it asked for before the end of it */
    const char *finishing;    /* why to close, once all is confirmed; NULL: not yet */
    int64_t left_us;          /* when it closed, to wait for our answer alone; 0: not yet */
    int64_t confirmed_us;     /* when it last answered a question */
    int64_t received_data_us; /* when data last came */
    int64_t closed_us;        /* when CLOSING began */
    int64_t follow_us;        /* when to look for another own address */
    int64_t refused_us;       /* when ICMP last said that nothing listens there; 0: never */
    struct outgoing out;
    struct queue early;  /* what came before the handshake was done */
    struct child *child; /* NULL: stdin and stdout */
    uint64_t unread;     /* messages that it sent and nobody took */
    dtls_info_t info;    /* as the peer ended, without its pointers */
    dtls_stats_t stats;
};

/* One that the library does not know yet; or does. NULL: no memory. */
struct peer *peer_new(struct app *app);
struct peer *peer_add(struct app *app, const session_t *session);
/* NULL: there is none. */
struct peer *peer_find(struct app *app, const session_t *session);

/* Its handshake is done: takes what it needs. False: it was sent away again, which is said. */
bool peer_open(struct peer *peer);

/* Frees those that are gone; without the association those that are left, too. */
void peers_sweep(struct app *app);
void peers_clear(struct app *app);

#endif
