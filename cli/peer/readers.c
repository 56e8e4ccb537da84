#include "peer/readers.h"

#include "common/clock.h"
#include "peer/due.h"
#include "peer/ending.h"
#include "peer/peer.h"

/* A queue with more bytes than this is long. With --broker no message is accepted while a peer has
 * a long queue: see readers_have_room(). */
#define BEHIND_BYTES (1 << 18)
/* A peer whose queue is long for more than this time is slow: the senders no longer wait for it. */
#define BEHIND_US 1000000

static bool is_slow(const struct peer *peer, int64_t now_us)
{
    return now_us - peer->reader.behind_us > BEHIND_US;
}

static void count(size_t *counter, bool *flag, bool value)
{
    if (*flag == value)
        return;
    *flag = value;
    if (value)
        ++*counter;
    else
        --*counter;
}

/* Stores the time since which the queue is long. A slow peer remains slow until its queue is empty.
 * Otherwise the senders would wait for it again whenever its queue gets a little shorter. */
static void note_behind(struct peer *peer)
{
    struct reader *reader = &peer->reader;
    bool behind = peer->out.queue.bytes > BEHIND_BYTES;

    if (behind && reader->behind_us == 0)
        reader->behind_us = clock_us();
    if (!behind && (queue_is_empty(&peer->out.queue) || !is_slow(peer, clock_us())))
        reader->behind_us = 0;
    if (behind && !peerlist_has(&reader->behind))
        peerlist_add(&peer->app->readers.behind, &reader->behind, peer);
    if (!behind)
        peerlist_remove(&reader->behind);
}

void readers_update(struct peer *peer)
{
    struct readers *readers = &peer->app->readers;
    struct reader *reader = &peer->reader;
    bool empty = queue_is_empty(&peer->out.queue);
    bool idle = empty && peer_accepts_data(peer);

    count(&readers->pending, &reader->pending, !empty && peer->state == PEER_OPEN);
    if (idle && !peerlist_has(&reader->idle))
        peerlist_add(&readers->idle, &reader->idle, peer);
    if (!idle)
        peerlist_remove(&reader->idle);
    if (!empty || reader->behind_us != 0)
        note_behind(peer);
}

int64_t readers_wait(struct peer *peer, int64_t now_us)
{
    int64_t wait = outgoing_wait(peer, now_us);

    count(&peer->app->readers.ready, &peer->reader.ready, wait == 0);
    return wait;
}

void readers_put(struct peer *peer, uint8_t *data, size_t length)
{
    outgoing_put(peer, data, length);
    readers_update(peer);
    due_touch(peer);
}

void readers_remove(struct peer *peer)
{
    struct readers *readers = &peer->app->readers;
    struct reader *reader = &peer->reader;

    count(&readers->ready, &reader->ready, false);
    count(&readers->pending, &reader->pending, false);
    peerlist_remove(&reader->idle);
    peerlist_remove(&reader->behind);
}

static bool may_read(const struct peer *peer, const struct peer *from, int64_t now_us)
{
    return peer != from && peer_accepts_data(peer) && !window_is_stalled(&peer->out.window, now_us);
}

bool readers_have_room(const struct peer *from, int64_t now_us)
{
    const struct app *app = from->app;

    for (const struct peer_link *link = app->readers.behind; link != NULL; link = link->next)
        if (may_read(link->peer, from, now_us) && !is_slow(link->peer, now_us))
            return false;
    for (const struct peer_link *link = app->readers.idle; link != NULL; link = link->next)
        if (may_read(link->peer, from, now_us))
            return true;
    for (const struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (may_read(peer, from, now_us))
            return false;
    return true;
}
