#include "deadlines.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/child.h"
#include "peer/ending.h"
#include "peer/liveness.h"
#include "peer/peer.h"

#define READER_US 2000000   /* for stdout to accept more, after a signal */
#define UNWANTED_US 1000000 /* for the response to our close, if received data is discarded */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- the end of stdin ---------------------------------------------------------------- */

static bool all_sent(const struct app *app)
{
    for (const struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer->state == PEER_OPEN && !queue_is_empty(&peer->out.queue))
            return false;
    return app->feed.done;
}

static int64_t idle_since(const struct peer *peer)
{
    return later(peer->moved_us, peer->received_any_us);
}

/* When a client closes after the end of stdin: after -q of silence, but not later than the idle limit. As in nc, the
 * first response may take as long as -w. The time does not count while stdout has data pending. With -W the client
 * waits for the messages instead. */
static int64_t linger_end(const struct app *app, const struct peer *peer)
{
    const struct options *options = app->options;
    bool counts = !options->listen && options->linger_ms >= 0 && !sink_pending(&app->out) &&
                  (options->message_limit == 0 || options->own_linger);

    if (!counts)
        return CLOCK_NEVER;
    int64_t linger = later(peer->moved_us, app->feed.done_us) + options->linger_ms * 1000;
    if (options->wait_ms > 0 && !options->own_linger && peer->received_data_us < app->feed.done_us)
        linger = app->feed.done_us + options->wait_ms * INT64_C(1000);
    int64_t idle = options->idle_ms > 0 ? idle_since(peer) + options->idle_ms * 1000 : linger;
    return sooner(linger, idle);
}

static int64_t check_stdin(struct app *app, int64_t now)
{
    struct peer *peer = app->peers;

    if (app->state != RUNNING || !all_sent(app))
        return CLOCK_NEVER;
    if (!app->options->listen && (peer->state != PEER_OPEN || peer->finishing != NULL))
        return CLOCK_NEVER;
    if (app->options->close_at_eof) {
        liveness_finish_all(app, "closed at the end of stdin");
        return CLOCK_NEVER;
    }
    int64_t end = linger_end(app, peer);
    if (!app->options->listen && !liveness_is_confirmed(peer) && liveness_can_ask(peer))
        outgoing_ask(peer);
    if (end > now)
        return end;
    liveness_finish(peer, "closed after the end of stdin");
    return CLOCK_NEVER;
}

/* ---- silence -------------------------------------------------------------------------------- */

/* Any authenticated record ends a silence, so that the responses to --keepalive do. The exception is a peer with an
 * unanswered request: it is alive but delivers nothing. */
static int64_t check_idle(struct peer *peer, int64_t now)
{
    const struct options *options = peer->app->options;
    int64_t end = idle_since(peer) + options->idle_ms * 1000;

    if (options->idle_ms == 0)
        return CLOCK_NEVER;
    if (end <= now && !peer->out.window.asking)
        end = later(peer->moved_us, liveness_received_any(peer, now)) + options->idle_ms * 1000;
    if (end > now)
        return end;
    if (!options->keep || options->verbose > 0)
        report("no data sent or received for %g s (-w, --idle): closed",
               (double)options->idle_ms / 1000.0);
    peer_leave(peer, EXIT_IDLE, "closed for silence");
    return CLOCK_NEVER;
}

/* Our close_notify is sent and not yet answered: the peer may send more data first, or be unreachable. The library
 * repeats the close, and ends the association if the peer is silent. */
static int64_t check_closing(struct peer *peer, int64_t now)
{
    const struct options *options = peer->app->options;
    int64_t idle = later(peer->closed_us, peer->moved_us) + options->idle_ms * 1000;
    bool unwanted = options->send_only || peer->code != EXIT_DONE;

    if (unwanted && now >= peer->closed_us + UNWANTED_US) {
        peer_abandon(peer, peer->code, peer->end);
        return CLOCK_NEVER;
    }
    if (options->idle_ms > 0 && idle <= now) {
        report("nothing received for %g s after the close (-w, --idle)",
               (double)options->idle_ms / 1000.0);
        peer_abandon(peer, EXIT_IDLE, peer->end);
        return CLOCK_NEVER;
    }
    int64_t next = liveness_closing(peer, now);
    if (next == 0) {
        peer_abandon(peer, liveness_close_unconfirmed(peer), peer->end);
        return CLOCK_NEVER;
    }
    next = options->idle_ms > 0 ? sooner(next, idle) : next;
    return unwanted ? sooner(next, peer->closed_us + UNWANTED_US) : next;
}

/* ---- the end after a signal -------------------------------------------------------------------- */

void deadlines_drain(struct app *app)
{
    app->drain_at = app->out.start;
    app->drain_since_us = clock_us();
}

/* After a signal stdout is flushed as long as its reader reads, but a stopped reader must not delay the end. */
static int64_t check_reader(struct app *app, int64_t now)
{
    if (app->state != OVER || app->drain_since_us == 0 || !sink_pending(&app->out))
        return CLOCK_NEVER;
    if (app->drain_at != app->out.start)
        deadlines_drain(app);
    if (app->drain_since_us + READER_US > now)
        return app->drain_since_us + READER_US;
    report("stdout was not read for 2 s: its last %zu bytes are lost",
           app->out.end - app->out.start);
    sink_break(&app->out);
    return CLOCK_NEVER;
}

/* ---- all deadlines ---------------------------------------------------------------------------- */

static int64_t check_peer(struct peer *peer, int64_t now)
{
    int64_t next = CLOCK_NEVER;

    if (peer->state == PEER_OPEN && peer->finished && queue_is_empty(&peer->out.queue))
        liveness_finish(peer, "closed, as its program has ended");
    if (peer->state == PEER_OPEN)
        next = check_idle(peer, now);
    if (peer->state == PEER_OPEN)
        next = sooner(next, liveness_check(peer, now));
    if (peer->state == PEER_CLOSING)
        next = check_closing(peer, now);
    return next;
}

int64_t deadlines_check(struct app *app)
{
    int64_t now = clock_us(), next = check_stdin(app, now);

    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        next = sooner(next, check_peer(peer, now));
    return sooner(next, check_reader(app, now)); /* last: it applies once the last peer is gone */
}
