#include "deadlines.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/connecting.h"
#include "peer/ending.h"
#include "peer/liveness.h"
#include "peer/peer.h"
#include "peer/summary.h"

/* After a signal, buffered output is discarded once stdout has accepted nothing for this time. */
#define READER_US 2000000
/* A peer whose data is discarded has this time to answer our close_notify. */
#define UNWANTED_US 1000000

/* ---- silence -------------------------------------------------------------------------------- */

/* Returns the option that has set the idle limit, for error lines. */
static const char *idle_option(const struct options *options)
{
    return options->wait_ms > 0 && options->idle_ms == options->wait_ms ? "-w" : "--idle";
}

/* Any authenticated record restarts the idle limit, for example a response to --keepalive. While a
 * peer leaves our heartbeat request unanswered, its other records do not restart the limit: the
 * peer is alive, but does not deliver our data. */
static int64_t check_idle(struct peer *peer, int64_t now)
{
    const struct options *options = peer->app->options;
    int64_t end = peer_active_us(peer) + options->idle_ms * 1000;

    if (options->idle_ms == 0)
        return CLOCK_NEVER;
    if (end <= now && !peer->out.window.asking)
        end =
            clock_later(peer->moved_us, liveness_received_any(peer, now)) + options->idle_ms * 1000;
    if (end > now)
        return end;
    if (!options->keep || options->verbose > 0)
        report("session closed: no data was sent or received for %g s (limit of %s)",
               (double)options->idle_ms / 1000.0, idle_option(options));
    if (peer->info.heartbeat)
        summary_lost(peer);
    peer_leave(peer, EXIT_IDLE, "closed after silence");
    return CLOCK_NEVER;
}

/* We have sent close_notify and wait for the close_notify of the peer. Until then the peer may send
 * more data, or may be unreachable. The library retransmits our close_notify, and ends the
 * association if the peer is silent. */
static int64_t check_closing(struct peer *peer, int64_t now)
{
    const struct options *options = peer->app->options;
    int64_t idle = clock_later(peer->closed_us, peer->moved_us) + options->idle_ms * 1000;
    bool unwanted = options->send_only || peer->discards || peer->code != EXIT_DONE;

    if (unwanted && now >= peer->closed_us + UNWANTED_US) {
        peer_abandon(peer, peer->code, peer->end);
        return CLOCK_NEVER;
    }
    if (options->idle_ms > 0 && idle <= now) {
        report("the peer sent no answer to the close, and no data for %g s (limit of %s)",
               (double)options->idle_ms / 1000.0, idle_option(options));
        peer_abandon(peer, EXIT_IDLE, peer->end);
        return CLOCK_NEVER;
    }
    int64_t next = liveness_closing(peer, now);
    if (next == 0) {
        peer_abandon(peer, liveness_close_unconfirmed(peer), peer->end);
        return CLOCK_NEVER;
    }
    next = options->idle_ms > 0 ? clock_sooner(next, idle) : next;
    return unwanted ? clock_sooner(next, peer->closed_us + UNWANTED_US) : next;
}

/* ---- the end after a signal ----------------------------------------------------------------- */

void deadlines_drain(struct app *app)
{
    app->drain_at = app->out.start;
    app->drain_since_us = clock_us();
}

/* After a signal, the remaining output is still written to stdout. If the reader of stdout has
 * stopped, the run must end nevertheless. */
int64_t deadlines_check_reader(struct app *app, int64_t now)
{
    if (app->state != OVER || app->drain_since_us == 0 || !sink_pending(&app->out))
        return CLOCK_NEVER;
    if (app->drain_at != app->out.start)
        deadlines_drain(app);
    if (app->drain_since_us + READER_US > now)
        return app->drain_since_us + READER_US;
    report(
        "stdout accepted no data for 2 s after the signal: the last %zu bytes of output are lost",
        app->out.end - app->out.start);
    sink_break(&app->out);
    return CLOCK_NEVER;
}

/* ---- a peer --------------------------------------------------------------------------------- */

int64_t deadlines_check_peer(struct peer *peer, int64_t now)
{
    int64_t next = CLOCK_NEVER;

    if (peer->state == PEER_OPEN && peer->program_done && queue_is_empty(&peer->out.queue))
        liveness_finish(peer, "closed after its program ended");
    if (peer->state == PEER_HANDSHAKE)
        next = connecting_check(peer, now);
    if (peer->state == PEER_OPEN)
        next = check_idle(peer, now);
    if (peer->state == PEER_OPEN)
        next = clock_sooner(next, liveness_check(peer, now));
    if (peer->state == PEER_CLOSING)
        next = check_closing(peer, now);
    return next;
}
