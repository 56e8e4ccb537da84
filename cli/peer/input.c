#include "peer/input.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/ending.h"
#include "peer/named.h"
#include "peer/peer.h"
#include "peer/stdineof.h"
#include "stream/chat.h"

#define BATCH 64 /* most messages sent in one turn, so that other events are handled too */

/* ---- receivers ------------------------------------------------------------------------------ */

bool input_is_wanted(const struct app *app)
{
    const struct options *options = app->options;

    return app->state == RUNNING && !app->feed.done && options->program == NULL &&
           !options->recv_only && !options->probe_key;
}

bool input_is_open(const struct app *app)
{
    return input_is_wanted(app) && app->readers.ready > 0;
}

/* Does the same as input_is_open() after a message was sent. Checks each peer again, because flow
 * control or a rate limit may now permit no further message to some of them. */
static bool is_still_open(struct app *app)
{
    int64_t now = clock_us();

    if (!input_is_wanted(app))
        return false;
    for (const struct peer_link *link = app->readers.idle; link != NULL; link = link->next)
        if (readers_wait(link->peer, now) == 0)
            return true;
    return false;
}

/* Returns the size of the largest message that any peer accepts. For a peer that accepts less, a
 * stream is split further. For a stream to a single peer, returns the size of a batch. */
static size_t max_payload(struct app *app)
{
    size_t most = 0;

    if (app->serving == 1 && app->peers->next == NULL && options_is_stream(app->options) &&
        !app->options->chat && peer_accepts_data(app->peers))
        return outgoing_room(app->peers);
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next) {
        size_t room = peer_accepts_data(peer) ? dtls_max_payload(app->dtls, &peer->session) : 0;
        if (room > most)
            most = room;
    }
    size_t name = app->options->chat ? strlen(CHAT_HOST) + CHAT_SIGNS : 0;
    return most > name ? most - name : 0;
}

/* Returns true if the session of the peer uses this identity. A client knows its own identity
 * before the handshake is complete. */
static bool has_identity(const struct peer *peer, const uint8_t *identity, size_t length)
{
    const struct credential *own = &peer->app->psk->ring.entries[0];
    bool client = !peer->app->options->listen;
    const uint8_t *bytes = client ? own->identity : peer->info.identity;
    size_t known = client ? own->identity_length : peer->info.identity_length;

    return known == length && (length == 0 || memcmp(bytes, identity, length) == 0);
}

static bool is_addressed(const struct message *message)
{
    return message->peer != NULL || message->identity != NULL;
}

static bool is_for(const struct message *message, const struct peer *peer)
{
    char name[NET_NAME_MAX];

    return (message->peer == NULL || strcmp(message->peer, net_name(name, &peer->session)) == 0) &&
           (message->identity == NULL ||
            has_identity(peer, message->identity, message->identity_length));
}

/* Reports that a message was not sent, because the number of sessions with its address is not 1.
 * peers is that number. */
static void report_address(struct feed *feed, const struct message *message, size_t peers)
{
    char peer[SHOWN_MAX] = "", identity[SHOWN_MAX] = "", place[FEED_PLACE_MAX];

    feed->had_errors = true;
    if (message->peer != NULL)
        show_bytes(peer, (const uint8_t *)message->peer, strlen(message->peer));
    if (message->identity != NULL)
        show_bytes(identity, message->identity, message->identity_length);
    if (peers > 0)
        report("%s: message not sent: %zu sessions have the identity %s: add the member \"peer\"",
               feed_place(place, feed), peers, identity);
    else
        report("%s: message not sent: no peer %s%s%s%s", feed_place(place, feed),
               message->peer != NULL ? "has the address " : "", peer,
               message->identity == NULL ? ""
               : message->peer != NULL   ? " and the identity "
                                         : "has the identity ",
               identity);
}

bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message)
{
    bool good = is_for(message, peer);

    if (!good)
        report_address(feed, message, 0);
    return good;
}

/* Sends a message to all peers. */
static void distribute(struct app *app, struct chat_text text)
{
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer_accepts_data(peer))
            readers_put(peer, text.data, text.length);
}

/* Returns the only peer with the address of the message. Otherwise reports the message, and returns
 * NULL. */
static struct peer *find_addressed(struct app *app, const struct message *message)
{
    struct peer *found = NULL;
    size_t count = 0;

    if (message->peer != NULL) {
        found = peer_named(app, message->peer);
        count = found != NULL && peer_accepts_data(found) && is_for(message, found);
    }
    for (struct peer *peer = app->peers; message->peer == NULL && peer != NULL; peer = peer->next)
        if (peer_accepts_data(peer) && is_for(message, peer)) {
            found = peer;
            count++;
        }
    if (count == 1)
        return found;
    report_address(&app->feed, message, count);
    return NULL;
}

static void send_message(struct app *app, const struct message *message)
{
    struct chat_text text = {message->data, message->length};
    struct peer *to = NULL;

    if (is_addressed(message) && (to = find_addressed(app, message)) == NULL)
        return;
    if (app->options->chat)
        text = chat_message(CHAT_HOST, message->data, message->length);
    if (to != NULL)
        readers_put(to, text.data, text.length);
    else
        distribute(app, text);
}

static void check_read(struct app *app)
{
    if (app->feed.error == 0 || app->code != EXIT_DONE)
        return;
    report("cannot read stdin: %s", strerror(app->feed.error));
    peers_close(app, EXIT_IO, "closed because reading stdin failed");
}

void input_pump(struct app *app)
{
    struct message message;
    size_t max; /* computed for each message, since sending one may change the path MTU */
    bool done = app->feed.done;

    for (int i = 0; i < BATCH && is_still_open(app) && (max = max_payload(app)) > 0; i++)
        if (feed_next(&app->feed, max, &message))
            send_message(app, &message);
        else
            break;
    if (!done && app->feed.done)
        stdineof_report(app);
    check_read(app);
}
