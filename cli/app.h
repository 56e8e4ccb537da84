/*
 * app.h - one run of dtlscat: the socket, the library, its peers, stdin and stdout, and where it stands.
 */
#ifndef APP_H
#define APP_H

#include "common/exit.h"
#include "key/psk.h"
#include "key/ticketfile.h"
#include "net/netio.h"
#include "net/response.h"
#include "peer/early.h"
#include "report/dump.h"
#include "report/progress.h"
#include "report/trace.h"
#include "stream/feed.h"
#include "stream/pipe.h"

enum run_state {
    RUNNING,
    ENDING, /* nobody new is taken, and the peers are told; then */
    OVER    /* all that is left is what stdout has not taken, and programs that still run */
};

struct app {
    const struct options *options;
    struct psk *psk;
    struct net net;
    struct trace trace;
    struct dump dump;
    struct progress progress;
    struct ticketfile ticket;
    struct feed feed;
    struct sink out;
    struct early early;       /* client */
    struct response response; /* client */
    int64_t
        connect_until_us; /* client: the limit of the handshake, for all addresses of the name together */
    unsigned rounds; /* that all of them had, in vain */
    bool silent;     /* an address of this round has not answered */
    dtls_context_t *dtls;
    size_t mtu; /* of the library, unless a path takes less */
    enum run_state state;
    int code;           /* exit code, from ENDING on */
    struct peer *peers; /* peer.h */
    size_t serving;     /* so many of them are sessions, or want to become one that we called for */
    struct child *detached; /* programs whose peers have gone: child.h */
    uint64_t received;      /* messages, for -W */
    bool lossy;             /* something did not arrive, and is counted */
    bool refused_reported, failing_reported;
    bool terminal;          /* stdin is a terminal: a silent peer is asked for a sign of life */
    size_t drain_at;        /* after a signal: where stdout was in what waits, */
    int64_t drain_since_us; /* and since when */
    int64_t complaints_us;  /* up to when a listener has used its right to complain unasked */
    uint64_t unmatched[DTLS_DROP_COUNT]; /* of no session, and reported; */
    uint64_t write_failed;               /* and of net.write_failed */
};

/* The exit code of the run, unless something went wrong before. */
static inline void app_set_code(struct app *app, int code)
{
    if (app->code == EXIT_DONE)
        app->code = code;
}

#endif
