#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "common/clock.h"
#include "common/eventlog.h"
#include "common/exit.h"
#include "common/lines.h"
#include "common/report.h"
#include "common/signals.h"
#include "deadlines.h"
#include "peer/deliver.h"
#include "peer/ending.h"
#include "peer/input.h"
#include "peer/peer.h"
#include "peer/stdineof.h"
#include "peer/summary.h"
#include "reload.h"
#include "serve.h"
#include "socketerrors.h"

static void end_at(struct turn *turn, int64_t at_us)
{
    turn->until = clock_sooner(turn->until, at_us);
}

static void end_within(struct turn *turn, int64_t wait_us)
{
    if (wait_us >= 0)
        end_at(turn, turn->now + wait_us);
}

/* ---- waiting --------------------------------------------------------------------- */

static int64_t library_wait(struct app *app)
{
    int ms = app->state != OVER ? dtls_next_timeout(app->dtls) : -1;

    return ms < 0 ? -1 : (int64_t)ms * 1000;
}

static struct pollfd wait_for(int fd, short events)
{
    return (struct pollfd){.fd = fd, .events = events};
}

/* Decides for which descriptors this turn waits, and how long. The turn does not wait at all if
 * there is work to do already. */
static void prepare(struct app *app, struct turn *turn)
{
    bool receiving = app->state != OVER && sink_has_room(&app->out);
    bool sending = input_is_open(app);

    turn->now = clock_us();
    turn->received = receiving && net_has_more(&app->net);
    if (turn->received || app->due.first != NULL || (sending && !app->feed.needs_input))
        end_within(turn, 0);
    turn->arrival_us = receiving ? net_arrival_us(&app->net) : CLOCK_NEVER;
    end_at(turn, clock_sooner(turn->arrival_us, net_departure_us(&app->net)));
    end_at(turn, due_next_us(&app->due));
    end_within(turn, library_wait(app));
    end_within(turn, progress_wait(&app->progress, turn->now));
    turn->ready[SIGNALS] = wait_for(signals_fd(), POLLIN);
    turn->ready[SOCKET] = wait_for(receiving ? app->net.fd : -1, POLLIN);
    turn->ready[STDIN] = wait_for(sending && app->feed.needs_input ? app->feed.in.fd : -1, POLLIN);
    turn->ready[STDOUT] = wait_for(sink_pending(&app->out) ? app->out.fd : -1, POLLOUT);
    turn->ready[DIAGNOSTICS] = wait_for(lines_fd(), POLLOUT);
    turn->ready[CAPTURE] = wait_for(capture_fd(app->trace.capture), POLLOUT);
    turn->ready[EVENTS] = wait_for(eventlog_fd(), POLLOUT);
    turn->ready[PROGRAMS] = wait_for(app->programs.set, POLLIN);
}

/* ---- handling events ------------------------------------------------------------------------ */

static void on_signal(struct app *app, int number)
{
    switch (number) {
    case SIGCHLD: programs_reap(app); break;
    case SIGUSR1: summary_so_far(app); break;
    case SIGHUP:
        if (reload_is_possible(app)) {
            reload(app);
            break;
        }
        /* fall through */
    default:
        if (app->state == OVER) { /* do not wait for stdout, nor for what --sim delays */
            sink_break(&app->out);
            net_discard(&app->net);
        }
        deadlines_drain(app);
        peers_close(app, EXIT_SIGNAL + number, "closed by a signal");
        programs_signal(app, SIGTERM);
    }
}

static void pump_signals(struct app *app)
{
    int number;

    while ((number = signals_next()) != 0)
        on_signal(app, number);
}

static void take_batch(struct app *app, struct batch *in)
{
    if (!acl_allows(&app->options->acl, &in->peer))
        return;
    response_note(&app->response, &in->peer, in->data, in->segment);
    dtls_handle_batch(app->dtls, &in->peer, in->data, in->end, in->segment);
}

static void receive(struct app *app)
{
    const session_t *senders[NET_BATCHES];

    net_receive(&app->net);
    size_t count = net_senders(&app->net, senders);
    if (count > 1)
        dtls_prefetch(app->dtls, senders, count);
}

static void pump_socket(struct app *app)
{
    struct batch *in;

    if (!net_has_more(&app->net))
        receive(app);
    while (app->state != OVER && sink_has_room(&app->out) && (in = net_next(&app->net)) != NULL)
        take_batch(app, in);
}

static void pump_stdout(struct app *app)
{
    enum pipe_result result = sink_flush(&app->out);

    if (result == PIPE_FAILED) {
        report("cannot write to stdout: %s", strerror(errno));
        deliver_failed(app, EXIT_IO, "closed because stdout failed");
    } else if (result == PIPE_END) {
        deliver_failed(app, EXIT_DONE, "closed because the reader of stdout has closed");
    }
}

static void show_progress(struct app *app)
{
    if (progress_wait(&app->progress, clock_us()) != 0)
        return;
    dtls_stats_t sum = summary_of_all(app);
    progress_show(&app->progress, &sum);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void wait_until(struct turn *turn)
{
    int64_t left = turn->until > turn->now ? turn->until - turn->now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000),
                               .tv_nsec = (long)(left % 1000000 * 1000)};

    if (ppoll(turn->ready, LOOP_DESCRIPTORS, turn->until == CLOCK_NEVER ? NULL : &timeout, NULL) >=
        0)
        return;
    /* A signal has interrupted the wait. The next turn reads the signal from signals_fd(). */
    for (size_t i = 0; i < LOOP_DESCRIPTORS; i++)
        turn->ready[i].revents = 0;
}

/* Handles the events of the descriptors that are ready. */
static void handle_events(struct app *app, const struct turn *turn)
{
    if (turn->ready[SIGNALS].revents != 0)
        pump_signals(app);
    if (turn->ready[SOCKET].revents != 0 || turn->received || turn->arrival_us <= turn->now)
        pump_socket(app);
    if (app->state != OVER)
        dtls_check_retransmit(app->dtls, NULL);
    socketerrors_check(app);
    pump_stdout(app);
    if (turn->ready[DIAGNOSTICS].revents != 0)
        lines_flush();
    if (turn->ready[EVENTS].revents != 0)
        eventlog_flush();
    if (turn->ready[PROGRAMS].revents != 0)
        programs_pump(app);
}

void loop_turn(struct app *app, struct turn *turn)
{
    capture_flush(app->trace.capture);
    prepare(app, turn);
    net_flush(&app->net);
    wait_until(turn);
    turn->now = clock_us();
    turn->until = CLOCK_NEVER;
    due_expire(&app->due, turn->now);
    net_release(&app->net, turn->now);
    handle_events(app, turn);
    serve_peers(app);
    if (turn->ready[STDIN].revents != 0 || !app->feed.needs_input)
        input_pump(app);
    show_progress(app);
    size_t pending = app->readers.pending;
    end_at(turn, stdineof_check(app, clock_us()));
    serve_settle(app);
    deliver_responses(app);
    /* A queue is now empty. If stdin has ended, what happens then may have waited for this queue:
     * check again at once. */
    if (app->readers.pending < pending)
        end_within(turn, 0);
    end_at(turn, deadlines_check_reader(app, clock_us()));
    trace_end_turn(&app->trace);
}

void loop_run(struct app *app)
{
    struct turn turn = {.until = CLOCK_NEVER};

    while (app->state != OVER || sink_pending(&app->out) || app->programs.detached > 0 ||
           net_departure_us(&app->net) != CLOCK_NEVER)
        loop_turn(app, &turn);
    net_flush(&app->net);
}
