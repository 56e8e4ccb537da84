#include "peer/stdineof.h"

#include <unistd.h>

#include "common/clock.h"
#include "common/report.h"
#include "peer/liveness.h"
#include "peer/peer.h"

void stdineof_report(const struct app *app)
{
    const struct options *options = app->options;

    if (!options->reports || !isatty(app->feed.in.fd))
        return;
    if (options->close_at_eof)
        report_note("end of input: closing");
    else if (options->message_limit > 0 && !options->linger_given)
        report_note("end of input: receiving until %lu messages have arrived (-W)",
                    options->message_limit);
    else if (options->keep)
        report_note("end of input: receiving until a signal arrives (Ctrl-C)");
    else if (options->listen || options->linger_ms < 0)
        report_note("end of input: receiving until the peer closes");
    else
        report_note("end of input: closing after %g s of silence (-q)",
                    (double)options->linger_ms / 1000.0);
}

/* Returns the time at which a client closes after the end of stdin. The client closes after -q of
 * silence, or at the idle limit if that is sooner. As in nc, it waits up to -w for the first
 * response. Returns CLOCK_NEVER while stdout has data pending, and while -W expects messages. */
static int64_t linger_end(const struct app *app, const struct peer *peer)
{
    const struct options *options = app->options;
    bool counts = !options->listen && options->linger_ms >= 0 && !sink_pending(&app->out) &&
                  (options->message_limit == 0 || options->linger_given);

    if (!counts)
        return CLOCK_NEVER;
    int64_t linger = clock_later(peer->moved_us, app->feed.done_us) + options->linger_ms * 1000;
    if (options->wait_ms > 0 && !options->linger_given &&
        peer->received_data_us < app->feed.done_us)
        linger = app->feed.done_us + options->wait_ms * INT64_C(1000);
    int64_t idle = options->idle_ms > 0 ? peer_active_us(peer) + options->idle_ms * 1000 : linger;
    return clock_sooner(linger, idle);
}

int64_t stdineof_check(struct app *app, int64_t now)
{
    struct peer *peer = app->peers;

    if (app->state != RUNNING || !app->feed.done || app->readers.pending > 0)
        return CLOCK_NEVER;
    if (!app->options->listen &&
        (peer == NULL || peer->state != PEER_OPEN || peer->finishing != NULL))
        return CLOCK_NEVER;
    if (app->options->close_at_eof) {
        liveness_finish_all(app, "closed at the end of stdin");
        return CLOCK_NEVER;
    }
    int64_t end = linger_end(app, peer);
    if (!app->options->listen && !liveness_is_confirmed(peer) && liveness_can_ask(peer))
        liveness_ask(peer);
    if (end > now)
        return end;
    liveness_finish(peer, "closed after the end of stdin");
    return CLOCK_NEVER;
}
