#include "peer/deliver.h"

#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/child.h"
#include "peer/ending.h"
#include "peer/peer.h"
#include "report/jsonevents.h"
#include "stream/chat.h"

/* ---- stdout and programs -------------------------------------------------------------------- */

/* Queues data for the program of the peer, or without a program for stdout. Returns false if the
 * queue is full. */
static bool put(struct peer *peer, const uint8_t *data, size_t length)
{
    return peer->child != NULL ? child_put(peer->child, data, length)
                               : sink_put(&peer->app->out, data, length);
}

static bool put_framed(struct peer *peer, const uint8_t *data, size_t length)
{
    static uint8_t text[FRAME_OUT_BYTES];
    char name[NET_NAME_MAX];
    struct origin origin = {.name = net_name(name, &peer->session),
                            .identity = peer->info.identity,
                            .identity_length = peer->info.identity_length};
    ssize_t used = frame_put(&peer->app->options->framing, text, &origin, data, length);

    if (used >= 0)
        return put(peer, text, (size_t)used);
    report("%s: received a message of %zu bytes, which the --frame mode cannot represent; closing "
           "the session",
           name, length);
    peer_refuse(peer, EXIT_PEER, "closed because of a message that --frame cannot represent");
    return true;
}

static bool write_out(struct peer *peer, const uint8_t *data, size_t length)
{
    enum frame_mode mode = peer->app->options->framing.mode;

    return mode == FRAME_RAW || mode == FRAME_PACKET ? put(peer, data, length)
                                                     : put_framed(peer, data, length);
}

/* ---- other peers ----------------------------------------------------------------------------- */

static void relay(struct peer *from, struct chat_text message)
{
    for (struct peer *peer = from->app->peers; peer != NULL; peer = peer->next)
        if (peer != from && peer_accepts_data(peer))
            readers_put(peer, message.data, message.length);
}

/* ---- received messages ---------------------------------------------------------------------- */

/* Delays heartbeat responses until the received data is delivered. If the peer is a dtlscat, it
 * takes a response as the confirmation of delivery. */
static void hold(struct peer *peer)
{
    if (peer->holds_responses)
        return;
    peer->holds_responses = true;
    if (peer->child == NULL)
        peerlist_add(&peer->app->held, &peer->held, peer);
    dtls_hold_heartbeats(peer->app->dtls, &peer->session, true);
}

/* Names are written only in framings that people read. In other framings they would change the data
 * that a program parses. */
static bool shows_sender(const struct options *options)
{
    return options->chat &&
           (options->framing.mode == FRAME_RAW || options->framing.mode == FRAME_LINE);
}

/* Returns the identity of the peer, or its address if the keys have no identities. */
static const char *sender_name(char text[SHOWN_MAX], const struct peer *peer)
{
    const dtls_info_t *info = &peer->info;

    return peer->app->psk->ring.entries[0].identity != NULL
               ? show_bytes(text, info->identity, info->identity_length)
               : net_name(text, &peer->session);
}

static void deliver(struct peer *peer, uint8_t *data, size_t length)
{
    const struct options *options = peer->app->options;
    struct chat_text message = {data, length};
    char sender[SHOWN_MAX];

    if (options->chat)
        message = chat_message(sender_name(sender, peer), data, length);
    peer->unread += shows_sender(options) ? !write_out(peer, message.data, message.length)
                                          : !write_out(peer, data, length);
    if (options->broker)
        relay(peer, message);
}

void deliver_message(struct peer *peer, uint8_t *data, size_t length)
{
    struct app *app = peer->app;
    const struct options *options = app->options;

    peer->moved_us = peer->received_data_us = clock_us();
    peer->proven |=
        peer->info.version == DTLS12; /* in DTLS 1.2, data proves that the peer has our Finished */
    hold(peer);
    peer->discards |= app->out.broken && peer->child == NULL;
    if (options->message_limit > 0 && app->received == options->message_limit) {
        peer->discards = true;
        return;
    }
    app->received++;
    dump_data(&app->dump, DUMP_RECEIVED, data, length);
    if (app->trace.json)
        jsonevents_data(&peer->session, false, data, length);
    progress_clear(&app->progress);
    if (!options->send_only)
        deliver(peer, data, length);
    if (options->message_limit > 0 && app->received == options->message_limit)
        peers_close(app, EXIT_DONE, "closed because the limit of -W was reached");
}

void deliver_early(struct peer *peer)
{
    while (peer->state != PEER_GONE && !queue_is_empty(&peer->early)) {
        deliver_message(peer, peer->early.first->data, peer->early.first->length);
        queue_drop(&peer->early);
    }
}

/* ---- heartbeats ----------------------------------------------------------------------------- */

/* A response would confirm data that was discarded, too. */
static void release(struct peer *peer)
{
    if (peer->discards || (peer->state != PEER_OPEN && peer->state != PEER_CLOSING))
        return;
    peer->holds_responses = false;
    peerlist_remove(&peer->held);
    dtls_hold_heartbeats(peer->app->dtls, &peer->session, false);
}

void deliver_program_responses(struct peer *peer)
{
    if (peer->holds_responses && queue_is_empty(&peer->child->in))
        release(peer);
}

void deliver_responses(struct app *app)
{
    if (app->held == NULL || sink_pending(&app->out))
        return;
    for (struct peer_link *link = app->held, *next; link != NULL; link = next) {
        next = link->next;
        if (!app->options->broker || readers_have_room(link->peer, clock_us()))
            release(link->peer);
    }
}

void deliver_failed(struct app *app, int code, const char *end)
{
    for (struct peer_link *link = app->held; link != NULL; link = link->next)
        if (peer_is_session(link->peer))
            peer_refuse(link->peer, code, end);
    peers_close(app, code, end);
}
