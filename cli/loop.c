#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "common/signals.h"
#include "deadlines.h"
#include "peer/child.h"
#include "peer/ending.h"
#include "peer/incoming.h"
#include "peer/input.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "socketerrors.h"

#define BATCH 64 /* datagrams taken in a row before stdin and stdout get their turn */

enum { SIGNALS, SOCKET, STDIN, STDOUT, CHILDREN /* and more of them */ };

struct turn {
    struct pollfd *ready;
    size_t count;
    int64_t now, until; /* when it has to end, CLOCK_NEVER: never */
    bool received;      /* datagrams, that wait in memory */
};

static void end_within(struct turn *turn, int64_t wait_us)
{
    if (wait_us >= 0 && turn->now + wait_us < turn->until)
        turn->until = turn->now + wait_us;
}

/* ---- what is waited for --------------------------------------------------------------------- */

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

static void add_children(struct cat *cat, struct turn *turn)
{
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next) {
        if (peer->child == NULL)
            continue;
        int64_t wait = peer->finished ? OUTGOING_STOPPED : outgoing_wait(peer, turn->now);
        bool sending = wait == 0;
        if (sending && !peer->child->out.hungry && !peer->child->packets)
            end_within(turn, 0); /* messages wait in its buffer */
        add_child(turn, peer->child, sending);
        end_within(turn, wait > 0 ? wait : OUTGOING_STOPPED);
    }
    for (struct child *child = cat->detached; child != NULL; child = child->next)
        add_child(turn, child, false);
}

static int64_t library_wait(struct cat *cat)
{
    int ms = cat->state != OVER ? dtls_next_timeout(cat->dtls) : -1;

    return ms < 0 ? -1 : (int64_t)ms * 1000;
}

/* What is waited for, and how long: what has become possible since the last turn does not wait. */
static void prepare(struct cat *cat, struct turn *turn)
{
    turn->now = clock_us();
    turn->count = CHILDREN;
    int64_t wait = input_wait(cat, turn->now);
    bool receiving = cat->state != OVER && sink_has_room(&cat->out);
    bool sending = wait == 0;

    turn->received = receiving && net_has_more(&cat->net);
    end_within(turn, turn->received ? 0 : -1);
    end_within(turn, library_wait(cat));
    end_within(turn, wait > 0 || (sending && !cat->feed.hungry) ? wait : -1);
    end_within(turn, progress_wait(&cat->progress, turn->now));
    turn->ready[SIGNALS] = (struct pollfd){.fd = signals_fd(), .events = POLLIN};
    turn->ready[SOCKET] = (struct pollfd){.fd = receiving ? cat->net.fd : -1, .events = POLLIN};
    turn->ready[STDIN] =
        (struct pollfd){.fd = sending && cat->feed.hungry ? cat->feed.in.fd : -1, .events = POLLIN};
    turn->ready[STDOUT] =
        (struct pollfd){.fd = sink_pending(&cat->out) ? cat->out.fd : -1, .events = POLLOUT};
    add_children(cat, turn);
}

/* ---- what is done --------------------------------------------------------------------------- */

static void on_signal(struct cat *cat, int number)
{
    switch (number) {
    case SIGCHLD: children_wait(cat); break;
    case SIGUSR1: summary_so_far(cat); break;
    case SIGHUP:
        if (psk_can_reload(cat->psk, cat->options)) {
            psk_reload(cat->psk, cat->options);
            break;
        }
        /* fall through */
    default:
        if (cat->state == OVER)
            sink_break(&cat->out); /* one of the things that it can be waiting for */
        deadlines_hurry(cat);
        peers_close(cat, EXIT_SIGNAL + number, "closed by a signal");
        children_signal(cat, SIGTERM);
    }
}

static void pump_signals(struct cat *cat)
{
    int number;

    while ((number = signals_take()) != 0)
        on_signal(cat, number);
}

static void pump_socket(struct cat *cat)
{
    session_t from;
    uint8_t *data;

    for (int i = 0; i < BATCH && cat->state != OVER && sink_has_room(&cat->out); i++) {
        ssize_t length = net_receive(&cat->net, &from, &data);
        if (length < 0 && errno == EAGAIN)
            return;
        if (length < 0 || !acl_allows(&cat->options->acl, &from))
            continue;
        answer_came(&cat->answer, &from, data, (size_t)length);
        dtls_handle_message(cat->dtls, &from, data, (int)length);
    }
}

static void pump_stdout(struct cat *cat)
{
    enum pipe_result result = sink_flush(&cat->out);

    if (result == PIPE_FAILED) {
        say("cannot write to stdout: %s", strerror(errno));
        peers_close(cat, EXIT_IO, "closed, as stdout failed");
    } else if (result == PIPE_END) {
        peers_close(cat, EXIT_DONE, "closed, as nobody reads stdout");
    }
}

/* What the program has written, as far as the peer accepts it. */
static void pump_program(struct peer *peer)
{
    enum pipe_result result = PIPE_DATA;
    struct message message;

    for (int i = 0; i < BATCH && result == PIPE_DATA && outgoing_wait(peer, clock_us()) == 0; i++) {
        size_t max = dtls_max_payload(peer->cat->dtls, &peer->session);
        result = child_next(peer->child, max, &message);
        if (result == PIPE_DATA && input_is_for(&peer->child->out, peer, &message))
            outgoing_put(peer, message.data, message.length);
    }
    peer->finished |= result == PIPE_END;
}

static void pump_children(struct cat *cat, const struct turn *turn)
{
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next) {
        struct child *child = peer->child;
        if (child == NULL || peer->state == PEER_GONE)
            continue;
        child_flush(child);
        bool ready = child->out_slot >= 0 && turn->ready[child->out_slot].revents != 0;
        if (!peer->finished && (ready || child->pid == 0 || !child->out.hungry))
            pump_program(peer);
    }
}

static void pump_peers(struct cat *cat, struct turn *turn)
{
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        end_within(turn, outgoing_run(peer));
}

static void show_progress(struct cat *cat)
{
    if (progress_wait(&cat->progress, clock_us()) != 0)
        return;
    dtls_stats_t sum = summary_of_all(cat);
    progress_show(&cat->progress, &sum);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void wait_until(struct turn *turn)
{
    int64_t left = turn->until > turn->now ? turn->until - turn->now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000),
                               .tv_nsec = (long)(left % 1000000 * 1000)};

    if (ppoll(turn->ready, turn->count, turn->until == CLOCK_NEVER ? NULL : &timeout, NULL) >= 0)
        return;
    /* EINTR: the signal's byte is there in the next turn. */
    for (size_t i = 0; i < turn->count; i++)
        turn->ready[i].revents = 0;
}

static void take_turn(struct cat *cat, struct turn *turn)
{
    prepare(cat, turn);
    net_flush(&cat->net);
    wait_until(turn);
    turn->now = clock_us();
    turn->until = CLOCK_NEVER;
    if (turn->ready[SIGNALS].revents != 0)
        pump_signals(cat);
    if (turn->ready[SOCKET].revents != 0 || turn->received)
        pump_socket(cat);
    if (cat->state != OVER)
        dtls_check_retransmit(cat->dtls, NULL);
    socketerrors_check(cat);
    pump_stdout(cat);
    pump_children(cat, turn);
    incoming_answer(cat);
    pump_peers(cat, turn);
    if (turn->ready[STDIN].revents != 0 || !cat->feed.hungry)
        input_pump(cat);
    show_progress(cat);
    int64_t next = deadlines_check(cat);
    if (next < turn->until)
        turn->until = next;
    peers_sweep(cat);
    children_sweep(&cat->detached);
}

bool loop_run(struct cat *cat)
{
    /* Each datagram of a turn may bring somebody in the place of one whose program has not ended yet. */
    size_t most = CHILDREN + 2 * (cat->options->max_clients + BATCH);
    struct turn turn = {.ready = calloc(most, sizeof *turn.ready)};

    if (turn.ready == NULL) {
        say("out of memory");
        return false;
    }
    while (cat->state != OVER || sink_pending(&cat->out) || cat->detached != NULL)
        take_turn(cat, &turn);
    net_flush(&cat->net);
    free(turn.ready);
    return true;
}
