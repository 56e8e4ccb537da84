#include "serve.h"

#include "common/clock.h"
#include "deadlines.h"
#include "peer/child.h"
#include "peer/deliver.h"
#include "peer/ending.h"
#include "peer/input.h"
#include "peer/peer.h"
#include "peer/watch.h"

#define BATCH 64 /* most messages of a program sent in one turn, so that other events are handled */

/* ---- programs ------------------------------------------------------------------------------- */

/* Sends the output of a program to its peer, as fast as flow control permits. */
static void send_output(struct peer *peer)
{
    enum pipe_result result = PIPE_DATA;
    struct message message;

    for (int i = 0; i < BATCH && result == PIPE_DATA && outgoing_wait(peer, clock_us()) == 0; i++) {
        size_t max = outgoing_room(peer);
        result = child_next(peer->child, max, &message);
        if (result == PIPE_DATA && input_is_for(&peer->child->out, peer, &message))
            outgoing_put(peer, message.data, message.length);
    }
    peer->program_done |= result == PIPE_END;
}

static void serve_program(struct peer *peer)
{
    struct child *child = peer->child;

    child_flush(child);
    if (!peer->program_done && (child->ready || child->pid == 0 || !child->out.needs_input))
        send_output(peer);
    child->ready = false;
    deliver_program_responses(peer);
}

/* Selects which events of the program end the next wait. Returns the time at which to serve the
 * program even without an event. This is `now` if output of the program may be left that epoll(7)
 * does not report. CLOCK_NEVER: wait for an event. */
static int64_t settle_program(struct peer *peer, int64_t now)
{
    struct child *child = peer->child;
    int64_t wait = peer->program_done ? OUTGOING_STOPPED : readers_wait(peer, now);
    bool has_more = child->pid == 0 || (!child->packets && !child->out.needs_input);

    watch_program(child, wait == 0);
    if (wait == OUTGOING_STOPPED || (wait == 0 && !has_more))
        return CLOCK_NEVER;
    return now + wait;
}

/* ---- peers ---------------------------------------------------------------------------------- */

void serve_peers(struct app *app)
{
    for (struct peer *peer = app->due.first; peer != NULL; peer = peer->due.next) {
        if (peer->state == PEER_GONE)
            continue;
        if (peer->child != NULL)
            serve_program(peer);
        outgoing_run(peer);
        readers_update(peer);
    }
}

/* Returns the time at which more data of the program or of stdin can be sent to the peer.
 * CLOCK_NEVER: not before another event. */
static int64_t settle_input(struct peer *peer, int64_t now)
{
    if (peer->child != NULL)
        return settle_program(peer, now);
    int64_t wait = input_is_wanted(peer->app) ? readers_wait(peer, now) : OUTGOING_STOPPED;
    return wait > 0 ? now + wait : CLOCK_NEVER;
}

static void settle(struct peer *peer)
{
    int64_t now = clock_us(), wait = outgoing_run(peer);
    int64_t next = deadlines_check_peer(peer, now);

    readers_update(peer);
    next = clock_sooner(next, settle_input(peer, now));
    due_at(peer, wait == OUTGOING_STOPPED ? next : clock_sooner(next, now + wait));
}

void serve_settle(struct app *app)
{
    struct peer *peer;

    while ((peer = due_take(&app->due)) != NULL)
        if (peer->state == PEER_GONE)
            peer_free(peer);
        else
            settle(peer);
}
