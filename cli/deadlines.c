#include "deadlines.h"

#include "child.h"
#include "clock.h"
#include "exit.h"
#include "peer.h"
#include "say.h"

#define LOST_AFTER 3 /* times the interval of --keepalive */
#define READER_US 2000000

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- the end of what is sent ---------------------------------------------------------------- */

static bool all_sent(const struct cat *cat)
{
    for (const struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        if (peer->state == PEER_OPEN && !queue_is_empty(&peer->out.queue))
            return false;
    return cat->feed.done;
}

static int64_t idle_since(const struct peer *peer)
{
    return later(peer->moved_us, peer->heard_us);
}

/* When the silence after the end of stdin has lasted long enough: no longer than silence may last at all. What
 * stdout has not taken is no silence, and -W waits for its messages. */
static int64_t linger_end(const struct cat *cat, const struct peer *peer)
{
    const struct options *options = cat->options;
    bool counts = !options->listen && options->linger_ms >= 0 && !sink_pending(&cat->out) &&
                  (options->message_limit == 0 || options->own_linger);

    if (!counts)
        return DEADLINES_NEVER;
    int64_t linger = later(peer->moved_us, cat->feed.done_us) + options->linger_ms * 1000;
    int64_t idle = options->idle_ms > 0 ? idle_since(peer) + options->idle_ms * 1000 : linger;
    return sooner(linger, idle);
}

static int64_t check_stdin(struct cat *cat, int64_t now)
{
    struct peer *peer = cat->peers;

    if (cat->state != RUNNING || !all_sent(cat))
        return DEADLINES_NEVER;
    if (!cat->options->listen && peer->state != PEER_OPEN)
        return DEADLINES_NEVER;
    if (cat->options->close_at_eof) {
        peers_close(cat, EXIT_DONE, "closed at the end of stdin");
        return DEADLINES_NEVER;
    }
    int64_t end = linger_end(cat, peer);
    if (end > now)
        return end;
    peer_leave(peer, EXIT_DONE, "closed after the end of stdin");
    return DEADLINES_NEVER;
}

/* ---- silence -------------------------------------------------------------------------------- */

static int64_t last_heard(struct peer *peer, int64_t now)
{
    dtls_info_t info;

    if (dtls_get_info(peer->cat->dtls, &peer->session, &info) == 0)
        peer->heard_us = now - (int64_t)info.silent_ms * 1000;
    return peer->heard_us;
}

/* With --keepalive the peer is not silent as long as it answers. */
static int64_t check_idle(struct peer *peer, int64_t now)
{
    const struct options *options = peer->cat->options;
    int64_t end = idle_since(peer) + options->idle_ms * 1000;

    if (options->idle_ms == 0)
        return DEADLINES_NEVER;
    if (end <= now)
        end = later(peer->moved_us, last_heard(peer, now)) + options->idle_ms * 1000;
    if (end > now)
        return end;
    if (!options->keep || options->verbose > 0)
        say("nothing came or went for %g s (-w, --idle): closed",
            (double)options->idle_ms / 1000.0);
    peer_leave(peer, EXIT_IDLE, "closed for silence");
    return DEADLINES_NEVER;
}

static int64_t check_life(struct peer *peer, int64_t now)
{
    struct cat *cat = peer->cat;
    int64_t interval = cat->options->keepalive_ms * 1000;

    if (interval == 0 || !peer->info.heartbeat)
        return DEADLINES_NEVER;
    if (peer->heard_us + interval > now || last_heard(peer, now) + interval > now)
        return peer->heard_us + interval;
    if (peer->heard_us + LOST_AFTER * interval > now) {
        dtls_heartbeat(cat->dtls, &peer->session, NULL, 0);
        return peer->heard_us + LOST_AFTER * interval;
    }
    say("no sign of life for %g s (--keepalive)", (double)(LOST_AFTER * interval) / 1e6);
    peer_leave(peer, EXIT_PEER, "given up, since it gives no sign of life");
    return DEADLINES_NEVER;
}

/* ---- the end by a signal -------------------------------------------------------------------- */

void deadlines_hurry(struct cat *cat)
{
    cat->drained = cat->out.start;
    cat->drained_us = clock_us();
}

/* Who asked us to end waits for what stdout still takes, but not for a reader that has stopped. */
static int64_t check_reader(struct cat *cat, int64_t now)
{
    if (cat->state != OVER || cat->drained_us == 0 || !sink_pending(&cat->out))
        return DEADLINES_NEVER;
    if (cat->drained != cat->out.start)
        deadlines_hurry(cat);
    if (cat->drained_us + READER_US > now)
        return cat->drained_us + READER_US;
    say("nobody reads stdout: its last %zu bytes are lost", cat->out.end - cat->out.start);
    sink_break(&cat->out);
    return DEADLINES_NEVER;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static int64_t check_peer(struct peer *peer, int64_t now)
{
    int64_t next = DEADLINES_NEVER;

    if (peer->state == PEER_OPEN && peer->finished && queue_is_empty(&peer->out.queue))
        peer_leave(peer, EXIT_DONE, "closed, as its program has ended");
    if (peer->state == PEER_OPEN)
        next = check_idle(peer, now);
    if (peer->state == PEER_OPEN)
        next = sooner(next, check_life(peer, now));
    return next;
}

int64_t deadlines_check(struct cat *cat)
{
    int64_t now = clock_us(), next = sooner(check_stdin(cat, now), check_reader(cat, now));

    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        next = sooner(next, check_peer(peer, now));
    return next;
}
