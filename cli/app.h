/*
 * app.h - the state of one run of dtlscat: socket, library context, peers, stdin, stdout, exit code.
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
    ENDING, /* no client is accepted, and the sessions are being closed */
    OVER    /* no session is left; stdout is flushed, and programs finish */
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
    /* client: the deadline of the handshake, for all addresses of the name together */
    int64_t connect_until_us;
    unsigned rounds; /* client: completed rounds over all addresses without an answer */
    bool silent;     /* client: an address of this round has not answered */
    dtls_context_t *dtls;
    size_t mtu; /* the MTU that the library is configured with */
    enum run_state state;
    int code;                                /* exit code, valid from ENDING on */
    struct peer *peers;                      /* list, see peer.h */
    size_t serving;                          /* peers that peer_is_session() is true for */
    struct child *detached;                  /* programs whose sessions have ended, see child.h */
    uint64_t received;                       /* messages received, for -W */
    bool lossy;                              /* data was lost, and counted in a summary */
    bool refused_reported, failing_reported; /* socketerrors.c has reported such an error */
    bool terminal;                           /* stdin is a terminal: a silent peer is probed */
    size_t drain_at;            /* after a signal: position of stdout at drain_since_us */
    int64_t drain_since_us;     /* after a signal: when stdout last accepted data; 0: no signal */
    int64_t failure_reports_us; /* listener: token bucket of its unrequested reports */
    uint64_t unmatched[DTLS_DROP_COUNT]; /* drops without a session that a summary has counted */
    uint64_t write_failed;               /* net.write_failed that a summary has counted */
};

/* Sets the exit code of the run, unless an earlier failure has set it. */
static inline void app_set_code(struct app *app, int code)
{
    if (app->code == EXIT_DONE)
        app->code = code;
}

#endif
