#include "peer/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "peer/ending.h"
#include "peer/peer.h"
#include "stream/chat.h"

#define STOPPED OUTGOING_STOPPED
#define BATCH 64 /* messages before others get their turn */

/* ---- to whom -------------------------------------------------------------------------------- */

static bool is_wanted(const struct cat *cat)
{
    const struct options *options = cat->options;

    return cat->state == RUNNING && !cat->feed.done && options->program == NULL &&
           !options->recv_only && !options->probe_key;
}

int64_t input_wait(struct cat *cat, int64_t now_us)
{
    int64_t least = STOPPED;

    if (!is_wanted(cat))
        return STOPPED;
    for (struct peer *peer = cat->peers; peer != NULL && least != 0; peer = peer->next) {
        int64_t wait = outgoing_wait(peer, now_us);
        if (wait != STOPPED && (least == STOPPED || wait < least))
            least = wait;
    }
    return least;
}

/* The largest message that anybody takes; a stream is cut for the others. */
static size_t max_payload(struct cat *cat)
{
    size_t most = 0;

    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next) {
        size_t room = peer_takes_data(peer) ? dtls_max_payload(cat->dtls, &peer->session) : 0;
        if (room > most)
            most = room;
    }
    size_t name = cat->options->chat ? strlen(CHAT_HOST) + CHAT_SIGNS : 0;
    return most > name ? most - name : 0;
}

/* A client uses its own identity, which is known before the handshake is done. */
static bool has_identity(const struct peer *peer, const uint8_t *identity, size_t length)
{
    const struct credential *own = &peer->cat->psk->ring.entries[0];
    bool client = !peer->cat->options->listen;
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

/* A message is sent to exactly one peer with its address, or to none. */
static void say_address(struct feed *feed, const struct message *message, size_t peers)
{
    char peer[SHOWN_MAX] = "", identity[SHOWN_MAX] = "";

    feed->spoilt = true;
    if (message->peer != NULL)
        show_bytes(peer, (const uint8_t *)message->peer, strlen(message->peer));
    if (message->identity != NULL)
        show_bytes(identity, message->identity, message->identity_length);
    if (peers > 0)
        say("%s: not sent: %zu sessions have the identity %s: name the peer, too", feed->name,
            peers, identity);
    else
        say("%s: not sent: no peer %s%s%s%s", feed->name, message->peer != NULL ? "is at " : "",
            peer,
            message->identity == NULL ? ""
            : message->peer != NULL   ? " with the identity "
                                      : "has the identity ",
            identity);
}

bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message)
{
    bool good = is_for(message, peer);

    if (!good)
        say_address(feed, message, 0);
    return good;
}

static void give(struct cat *cat, const struct message *message)
{
    struct spoken spoken = {message->data, message->length};
    size_t found = 0;

    if (is_addressed(message)) {
        for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
            found += peer_takes_data(peer) && is_for(message, peer);
        if (found != 1) {
            say_address(&cat->feed, message, found);
            return;
        }
    }
    if (cat->options->chat)
        spoken = chat_message(CHAT_HOST, message->data, message->length);
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        if (peer_takes_data(peer) && is_for(message, peer))
            outgoing_put(peer, spoken.data, spoken.length);
}

/* Tells a user at a terminal what happens after Ctrl-D. */
static void say_end_of_input(const struct cat *cat)
{
    const struct options *options = cat->options;

    if (!options->reports || !isatty(cat->feed.in.fd))
        return;
    if (options->close_at_eof)
        say("end of input: closing");
    else if (options->message_limit > 0 && !options->own_linger)
        say("end of input: receiving until %lu messages are there (-W)", options->message_limit);
    else if (options->keep)
        say("end of input: receiving until a signal ends it (Ctrl-C)");
    else if (options->listen || options->linger_ms < 0)
        say("end of input: receiving until the other side closes");
    else
        say("end of input: closing when nothing has come for %g s (-q)",
            (double)options->linger_ms / 1000.0);
}

static void check_read(struct cat *cat)
{
    if (cat->feed.error == 0 || cat->code != EXIT_DONE)
        return;
    say("cannot read stdin: %s", strerror(cat->feed.error));
    peers_close(cat, EXIT_IO, "closed, as stdin failed");
}

void input_pump(struct cat *cat)
{
    struct message message;
    size_t max; /* a message may change it: path.h */
    bool done = cat->feed.done;

    for (int i = 0; i < BATCH && (max = max_payload(cat)) > 0 && input_wait(cat, clock_us()) == 0;
         i++)
        if (feed_next(&cat->feed, max, &message))
            give(cat, &message);
        else
            break;
    if (!done && cat->feed.done)
        say_end_of_input(cat);
    check_read(cat);
}
