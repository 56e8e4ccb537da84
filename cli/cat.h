/*
 * cat.h - one run of dtlscat: the socket, the library, stdin and stdout, and where it stands.
 */
#ifndef CAT_H
#define CAT_H

#include "held.h"
#include "netio.h"
#include "outgoing.h"
#include "pace.h"
#include "pipe.h"
#include "psk.h"
#include "ticketfile.h"
#include "trace.h"
#include "window.h"

enum state {
    WAITING, /* for the handshake; a listener: for the first that succeeds */
    OPEN,    /* data flows both ways */
    CLOSING, /* close_notify is sent, the peer's answer not here yet */
    OVER     /* all that is left is what stdout has not taken */
};

struct cat {
    const struct options *options;
    const struct psk *psk;
    struct net net;
    struct trace trace;
    struct ticketfile ticket;
    struct source in;
    struct sink out;
    struct pace pace;
    struct window window;
    struct early early; /* client */
    struct held *held;  /* listener: early data of others than the peer */
    dtls_context_t *dtls;
    enum state state;
    session_t peer; /* client: whom we call; listener: from OPEN on */
    bool refused_said;
    bool last;             /* the run ends with this session, also with -k */
    int code;              /* exit code, from CLOSING on */
    const char *end;       /* why it ended, for -v */
    int64_t moved_us;      /* when data last came from or went to the peer */
    int64_t eof_us;        /* when stdin ended */
    int64_t complaints_us; /* up to when a listener has used its right to complain unasked */
    dtls_info_t info;      /* as the peer ended, without its pointers */
    dtls_stats_t stats;
    uint64_t strays[DTLS_DROP_COUNT]; /* of no session, and reported */
};

#endif
