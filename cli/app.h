/*
 * app.h - the state of one run of dtlscat: socket, library context, peers, stdin, stdout and exit
 * code.
 */
#ifndef APP_H
#define APP_H

#include "common/exit.h"
#include "key/psk.h"
#include "key/secrets.h"
#include "key/ticketfile.h"
#include "net/response.h"
#include "net/socket.h"
#include "peer/due.h"
#include "peer/early.h"
#include "peer/programs.h"
#include "peer/readers.h"
#include "report/dump.h"
#include "report/progress.h"
#include "report/trace.h"
#include "stream/feed.h"
#include "stream/pipe.h"

enum run_state {
    RUNNING,
    ENDING, /* closing all sessions; new clients are refused */
    OVER    /* all sessions have ended; output for stdout and programs is still written */
};

struct app {
    const struct options *options;
    struct psk *psk;
    struct secrets secrets; /* listener: from --secrets, or a random secret for all workers */
    uint8_t worker;         /* number of this worker, from 0 */
    struct net net;
    struct sim sim; /* --sim: the network of net.sim */
    struct trace trace;
    struct dump dump;
    struct progress progress;
    struct ticketfile ticket;
    struct feed feed;
    struct sink out;
    struct early early;       /* client: early data from stdin */
    struct response response; /* client: the first datagram received during the handshake */
    /* client: time limit of the handshake, for all addresses of the host name together */
    int64_t connect_until_us;
    unsigned rounds;    /* client: how often all addresses of the host name have been tried */
    bool silent;        /* client: at least one address tried in this round has not answered */
    int64_t attempt_us; /* client: start of the handshake with the current address */
    int64_t port_us;    /* client: time to change the local port if the server has not answered */
    dtls_context_t *dtls;
    size_t mtu; /* longest UDP payload in bytes that the library is configured to send */
    enum run_state state;
    int code;               /* exit code of the run; valid once state is ENDING or OVER */
    struct peer *peers;     /* linked list */
    size_t serving;         /* number of peers for which peer_is_session() is true */
    struct due due;         /* the peers to serve in this turn, and the deadlines of all peers */
    struct readers readers; /* which peers accept data now */
    /* peers that get our heartbeat responses only after stdout has accepted their data */
    struct peer_link *held;
    struct programs programs;
    uint64_t received;     /* number of messages received from all peers */
    bool lossy;            /* data was lost in a session that has ended */
    bool refused_reported; /* a refused port (ICMP) was reported already */
    bool failing_reported; /* a temporary error of sending was reported already */
    bool terminal;         /* stdin is a terminal, so a silent peer is probed */
    size_t drain_at;       /* after a signal: value of out.start at time drain_since_us */
    /* after a signal: time at which stdout last accepted data; 0: no signal */
    int64_t drain_since_us;
    /* listener: token bucket, as a time, that limits the reports of failed handshakes */
    int64_t failure_reports_us;
    uint64_t failures_unreported; /* failed handshakes since then that were not reported */
    /* for each reason: number of datagrams discarded without a session that --stats has counted
     * already */
    uint64_t unmatched[DTLS_DROP_COUNT];
    uint64_t write_failed; /* value of net.write_failed when --stats last counted it */
};

/* Sets the exit code of the run. The code of an earlier failure is not replaced. */
static inline void app_set_code(struct app *app, int code)
{
    if (app->code == EXIT_DONE)
        app->code = code;
}

#endif
