#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "common/signals.h"
#include "deadlines.h"
#include "peer/child.h"
#include "peer/deliver.h"
#include "peer/ending.h"
#include "peer/input.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "socketerrors.h"

#define BATCH 64 /* most messages of a program in one turn, so that others are served too */

/* Indices in the array for ppoll(2). The descriptors of programs are stored from CHILDREN on. */
enum { SIGNALS, SOCKET, STDIN, STDOUT, CHILDREN };

/* One turn of the event loop. */
struct turn {
    struct pollfd *ready; /* the array for ppoll(2) */
    size_t count;         /* number of descriptors in the array */
    int64_t now;          /* the current time */
    int64_t until;        /* time at which the wait ends at the latest; CLOCK_NEVER: no limit */
    bool received;        /* received datagrams are left to handle: do not wait */
};

static void end_within(struct turn *turn, int64_t wait_us)
{
    if (wait_us >= 0 && turn->now + wait_us < turn->until)
        turn->until = turn->now + wait_us;
}

/* ---- waiting --------------------------------------------------------------------- */

static int add(struct turn *turn, int fd, short events)
{
    turn->ready[turn->count] = (struct pollfd){.fd = fd, .events = events};
    return (int)turn->count++;
}

static void add_child(struct turn *turn, struct child *child, bool sending)
{
    bool reading = child->fd >= 0 && !queue_is_empty(&child->in);
    bool writing = child->out.in.fd >= 0 && (sending || child->detached);

    child->in_slot = reading ? add(turn, child->fd, POLLOUT) : -1;
    child->out_slot = writing ? add(turn, child->out.in.fd, POLLIN) : -1;
}

static void add_children(struct app *app, struct turn *turn)
{
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next) {
        if (peer->child == NULL)
            continue;
        int64_t wait = peer->program_done ? OUTGOING_STOPPED : outgoing_wait(peer, turn->now);
        bool sending = wait == 0;
        if (sending && !peer->child->out.needs_input && !peer->child->packets)
            end_within(turn, 0); /* the program's feed may have a complete message */
        add_child(turn, peer->child, sending);
        end_within(turn, wait > 0 ? wait : OUTGOING_STOPPED);
    }
    for (struct child *child = app->detached; child != NULL; child = child->next)
        add_child(turn, child, false);
}

static int64_t library_wait(struct app *app)
{
    int ms = app->state != OVER ? dtls_next_timeout(app->dtls) : -1;

    return ms < 0 ? -1 : (int64_t)ms * 1000;
}

/* Decides for which descriptors this turn waits, and how long. The turn does not wait at all if
 * there is work to do already. */
static void prepare(struct app *app, struct turn *turn)
{
    turn->now = clock_us();
    turn->count = CHILDREN;
    int64_t wait = input_wait(app, turn->now);
    bool receiving = app->state != OVER && sink_has_room(&app->out);
    bool sending = wait == 0;

    turn->received = receiving && net_has_more(&app->net);
    end_within(turn, turn->received ? 0 : -1);
    end_within(turn, library_wait(app));
    end_within(turn, wait > 0 || (sending && !app->feed.needs_input) ? wait : -1);
    end_within(turn, progress_wait(&app->progress, turn->now));
    turn->ready[SIGNALS] = (struct pollfd){.fd = signals_fd(), .events = POLLIN};
    turn->ready[SOCKET] = (struct pollfd){.fd = receiving ? app->net.fd : -1, .events = POLLIN};
    turn->ready[STDIN] = (struct pollfd){
        .fd = sending && app->feed.needs_input ? app->feed.in.fd : -1, .events = POLLIN};
    turn->ready[STDOUT] =
        (struct pollfd){.fd = sink_pending(&app->out) ? app->out.fd : -1, .events = POLLOUT};
    add_children(app, turn);
}

/* ---- handling events ------------------------------------------------------------------------ */

static void on_signal(struct app *app, int number)
{
    switch (number) {
    case SIGCHLD: children_wait(app); break;
    case SIGUSR1: summary_so_far(app); break;
    case SIGHUP:
        if (psk_can_reload(app->psk, app->options)) {
            psk_reload(app->psk, app->options);
            break;
        }
        /* fall through */
    default:
        if (app->state == OVER)
            sink_break(&app->out); /* after a second signal, do not wait for stdout */
        deadlines_drain(app);
        peers_close(app, EXIT_SIGNAL + number, "closed by a signal");
        children_signal(app, SIGTERM);
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

static void pump_socket(struct app *app)
{
    struct batch *in;

    if (!net_has_more(&app->net))
        net_receive(&app->net);
    while (app->state != OVER && sink_has_room(&app->out) && (in = net_next(&app->net)) != NULL)
        take_batch(app, in);
}

static void pump_stdout(struct app *app)
{
    enum pipe_result result = sink_flush(&app->out);

    if (result == PIPE_FAILED) {
        report("cannot write to stdout: %s", strerror(errno));
        peers_close(app, EXIT_IO, "closed because stdout failed");
    } else if (result == PIPE_END) {
        peers_close(app, EXIT_DONE, "closed because the reader of stdout has closed");
    }
}

/* Sends the output of a program to its peer, as fast as flow control permits. */
static void pump_program(struct peer *peer)
{
    enum pipe_result result = PIPE_DATA;
    struct message message;

    for (int i = 0; i < BATCH && result == PIPE_DATA && outgoing_wait(peer, clock_us()) == 0; i++) {
        size_t max = dtls_max_payload(peer->app->dtls, &peer->session);
        result = child_next(peer->child, max, &message);
        if (result == PIPE_DATA && input_is_for(&peer->child->out, peer, &message))
            outgoing_put(peer, message.data, message.length);
    }
    peer->program_done |= result == PIPE_END;
}

static void pump_children(struct app *app, const struct turn *turn)
{
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next) {
        struct child *child = peer->child;
        if (child == NULL || peer->state == PEER_GONE)
            continue;
        child_flush(child);
        bool ready = child->out_slot >= 0 && turn->ready[child->out_slot].revents != 0;
        if (!peer->program_done && (ready || child->pid == 0 || !child->out.needs_input))
            pump_program(peer);
    }
}

static void pump_peers(struct app *app, struct turn *turn)
{
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        end_within(turn, outgoing_run(peer));
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

    if (ppoll(turn->ready, turn->count, turn->until == CLOCK_NEVER ? NULL : &timeout, NULL) >= 0)
        return;
    /* A signal has interrupted the wait. The next turn reads the signal from signals_fd(). */
    for (size_t i = 0; i < turn->count; i++)
        turn->ready[i].revents = 0;
}

static void run_turn(struct app *app, struct turn *turn)
{
    prepare(app, turn);
    net_flush(&app->net);
    wait_until(turn);
    turn->now = clock_us();
    turn->until = CLOCK_NEVER;
    if (turn->ready[SIGNALS].revents != 0)
        pump_signals(app);
    if (turn->ready[SOCKET].revents != 0 || turn->received)
        pump_socket(app);
    if (app->state != OVER)
        dtls_check_retransmit(app->dtls, NULL);
    socketerrors_check(app);
    pump_stdout(app);
    pump_children(app, turn);
    deliver_responses(app);
    pump_peers(app, turn);
    if (turn->ready[STDIN].revents != 0 || !app->feed.needs_input)
        input_pump(app);
    show_progress(app);
    int64_t next = deadlines_check(app);
    if (next < turn->until)
        turn->until = next;
    peers_sweep(app);
    children_sweep(&app->detached);
}

bool loop_run(struct app *app)
{
    /* Space for two descriptors of each program. Besides the programs of max_clients
     * sessions, there are programs of sessions that were replaced: each datagram of a turn
     * can replace one. */
    size_t most = CHILDREN + 2 * (app->options->max_clients + NET_BATCHES * BATCH_RECEIVED);
    struct turn turn = {.ready = calloc(most, sizeof *turn.ready)};

    if (turn.ready == NULL) {
        report("cannot wait for events: out of memory");
        return false;
    }
    while (app->state != OVER || sink_pending(&app->out) || app->detached != NULL)
        run_turn(app, &turn);
    net_flush(&app->net);
    free(turn.ready);
    return true;
}
