/*
 * peer.h - the other side: one struct for each, in a list.
 *
 * The library finds it, by dtls_set_peer_data(). Whatever ends one does so from inside a callback as well,
 * so it stays in the list as GONE until peers_sweep().
 */
#ifndef PEER_H
#define PEER_H

#include "cat.h"
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
    struct cat *cat;
    session_t session;
    enum peer_state state;
    int code;              /* exit code, from CLOSING on */
    const char *end;       /* why it ended, for -v */
    int64_t moved_us;      /* when data last came or went, */
    int64_t heard_us;      /* or anything authentic: for --keepalive and the idle limit */
    bool holding;          /* its heartbeats, until what came before is handed on */
    bool finished;         /* nothing more comes for it: it closes when the queue is empty */
    bool proven;           /* it has all of our handshake */
    bool unverified_said;  /* that it moves, and cannot be checked */
    uint64_t repeats;      /* of the handshake, that it asked for before the end of it */
    const char *finishing; /* why to close, once all is confirmed; NULL: not yet */
    int64_t left_us;       /* when it closed, to wait for our answer alone; 0: not yet */
    int64_t answered_us;   /* when it last answered a question */
    int64_t received_us;   /* when data last came */
    int64_t closed_us;     /* when CLOSING began */
    int64_t follow_us;     /* when to look for another own address */
    int64_t refused_us;    /* when ICMP last said that nothing listens there; 0: never */
    struct outgoing out;
    struct queue early;  /* what came before the handshake was done */
    struct child *child; /* NULL: stdin and stdout */
    uint64_t unread;     /* messages that it sent and nobody took */
    dtls_info_t info;    /* as the peer ended, without its pointers */
    dtls_stats_t stats;
};

/* One that the library does not know yet; or does. NULL: no memory. */
struct peer *peer_new(struct cat *cat);
struct peer *peer_add(struct cat *cat, const session_t *session);
/* NULL: there is none. */
struct peer *peer_find(struct cat *cat, const session_t *session);

/* It is no session, and will be none; the association is told so, or is no more. A client that sends its
 * only peer away has nothing left to do. */
bool peer_send_away(struct peer *peer, dtls_alert_t alert); /* false */
void peer_dismiss(struct peer *peer);

/* Its handshake is done: takes what it needs. False: it was sent away again, which is said. */
bool peer_open(struct peer *peer);

/* Whether data may be sent to it: it is open, and not just asked for the last time. */
bool peer_takes_data(const struct peer *peer);

/* Closes it, and ends with that code when it is the one that the run is for. */
void peer_leave(struct peer *peer, int code, const char *end);

/* The same, once the peer has confirmed all that was sent, if it can be asked for that. */
void peer_finish(struct peer *peer, const char *end);

/* Ends it at once, with that code when it is the one that the run is for. */
void peer_abandon(struct peer *peer, int code, const char *end);

/* Its association is no more: sums up. Once replaced, the run goes on. */
void peer_gone(struct peer *peer, int code, const char *end);
void peer_replaced(struct peer *peer);

/* The run ends with that code: closes all. */
void peers_close(struct cat *cat, int code, const char *end);
/* The same without an error, once they have confirmed what was sent. */
void peers_finish(struct cat *cat, const char *end);

/* Frees those that are gone; without the association those that are left, too. */
void peers_sweep(struct cat *cat);
void peers_clear(struct cat *cat);

#endif
