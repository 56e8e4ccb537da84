#include "peer/early.h"

#include "peer/input.h"
#include "peer/peer.h"

#define RECORDS 64   /* most messages that are sent as early data */
#define LEAST_ROOM 2 /* bytes; do not read stdin for less: with -C one LF becomes CR LF */

void early_init(struct early *early)
{
    *early = (struct early){.sent = 0};
    queue_init(&early->cached, EARLY_BYTES + FRAME_MAX_MESSAGE + RECORDS * sizeof(struct entry));
}

/* Sends a message as early data. Returns false if the library does not accept it: the message is
 * then sent after the handshake. */
static bool send_now(struct peer *peer, struct entry *entry)
{
    struct early *early = &peer->app->early;
    struct net *net = &peer->app->net;

    net->message = true;
    int sent = dtls_write_early(peer->app->dtls, &peer->session, entry->data, entry->length);
    net->message = false;
    if (sent != (int)entry->length)
        return false;
    early->sent++;
    return true;
}

/* Reads one message from stdin, and appends it to the cache. Returns NULL if there is no message,
 * or no room for one. */
static struct entry *read_one(struct peer *peer)
{
    struct app *app = peer->app;
    struct early *early = &app->early;
    size_t room = dtls_max_payload(app->dtls, &peer->session), left = EARLY_BYTES - early->bytes;
    struct message message;

    if (room > left)
        room = left;
    size_t max = options_is_stream(app->options) ? room : FRAME_MAX_MESSAGE;
    if (room < LEAST_ROOM || early->sent == RECORDS)
        return NULL;
    do
        if (!feed_next(&app->feed, max, &message))
            return NULL;
    while (!input_is_for(&app->feed, peer, &message));
    struct entry **place = early->cached.end;
    if (!queue_put(&early->cached, message.data, message.length)) {
        peer->out.unsent++;
        return NULL;
    }
    early->bytes += message.length;
    return *place;
}

/* When the handshake is repeated with another address of the peer, the messages in the cache are
 * sent again before more are read. */
void early_send(struct peer *peer)
{
    struct early *early = &peer->app->early;
    struct entry *entry = early->cached.first;

    early->sent = early->unsent = 0;
    while (entry != NULL && send_now(peer, entry))
        entry = entry->next;
    if (entry != NULL)
        return;
    while ((entry = read_one(peer)) != NULL && send_now(peer, entry))
        continue;
}

static bool fits_peer(struct peer *peer, size_t length)
{
    struct app *app = peer->app;

    return options_is_stream(app->options) || peer->state != PEER_OPEN ||
           feed_fits(&app->feed, length, dtls_max_payload(app->dtls, &peer->session));
}

void early_connected(struct peer *peer)
{
    struct early *early = &peer->app->early;
    bool accepted = peer->info.early_data == DTLS_EARLY_ACCEPTED;
    size_t taken = accepted ? early->sent : 0;

    net_flush(&peer->app->net);
    peer->out.unsent += accepted ? early->unsent : 0;
    for (size_t i = 0; !queue_is_empty(&early->cached); i++) {
        struct entry *first = early->cached.first;
        if (i < taken)
            outgoing_count(peer, first->length);
        else if (fits_peer(peer, first->length))
            readers_put(peer, first->data, first->length);
        queue_drop(&early->cached);
    }
}
