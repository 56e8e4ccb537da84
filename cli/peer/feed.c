#include "peer/feed.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "peer/peek.h"
#include "peer/peer.h"
#include "stream/chat.h"

#define STOPPED OUTGOING_STOPPED
#define BATCH 64 /* messages, or reads without one, before others get their turn */

void feed_init(struct feed *feed, const struct framing *framing, int fd, const char *name)
{
    feed->name = name;
    source_init(&feed->in, fd);
    frame_in_init(&feed->frames, framing);
    feed->hungry = true;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* One read, if it does not have to wait. */
static bool fill(struct feed *feed)
{
    size_t size, length;

    if (feed->in.ended || (!feed->in.file && !source_is_ready(&feed->in)))
        return false;
    uint8_t *space = frame_space(&feed->frames, &size);
    enum pipe_result result = source_read(&feed->in, space, size, &length);
    if (result == PIPE_DATA)
        frame_filled(&feed->frames, length);
    if (result == PIPE_FAILED)
        feed->error = errno;
    return result != PIPE_AGAIN;
}

static void say_too_long(struct feed *feed, size_t length, size_t max)
{
    feed->spoilt = true;
    if (length > 0)
        say("%s: a message of %zu bytes is not sent: the largest has %zu; see --mtu, and "
            "--record-size of the other side",
            feed->name, length, max);
    else
        say("%s: a message is not sent: the largest has %zu bytes; see --mtu", feed->name, max);
}

static void complain(struct feed *feed, enum frame_result result, size_t length, size_t max)
{
    if (result == FRAME_TOO_LONG) {
        say_too_long(feed, length, max);
        return;
    }
    feed->spoilt = true;
    say("%s: not sent: %s", feed->name, feed->frames.wrong);
}

bool feed_fits(struct peer *peer, size_t length)
{
    struct cat *cat = peer->cat;
    size_t max = dtls_max_payload(cat->dtls, &peer->session);

    if (length <= max || options_is_stream(cat->options) || peer->state != PEER_OPEN)
        return true;
    say_too_long(&cat->feed, length, max);
    return false;
}

static void finish(struct feed *feed)
{
    if (feed->done || !feed->in.ended)
        return;
    feed->done = true;
    feed->done_us = clock_us();
}

bool feed_next(struct feed *feed, size_t max, struct message *message)
{
    feed->hungry = false;
    for (int i = 0; i < BATCH && !feed->hungry; i++) {
        enum frame_result result = frame_next(&feed->frames, max, feed->in.ended, message);
        if (result == FRAME_MESSAGE)
            return true;
        if (result == FRAME_MORE)
            feed->hungry = !fill(feed);
        else
            complain(feed, result, message->length, max);
    }
    if (feed->hungry)
        finish(feed);
    return false;
}

/* ---- what is left --------------------------------------------------------------------------- */

static uint64_t count_messages(struct feed *feed, bool ended)
{
    struct message message;
    enum frame_result result;
    uint64_t count = 0;

    while ((result = frame_next(&feed->frames, FRAME_MAX_MESSAGE, ended, &message)) != FRAME_MORE)
        count++;
    return count;
}

/* Those that wait in a pipe stay there for another reader. */
static uint64_t count_waiting(struct feed *feed)
{
    int copy = peek_pipe(feed->in.fd);
    uint64_t count = 0;
    size_t size;
    ssize_t got;

    if (copy < 0)
        return 0;
    uint8_t *space = frame_space(&feed->frames, &size);
    while ((got = read(copy, space, size)) > 0) {
        frame_filled(&feed->frames, (size_t)got);
        count += count_messages(feed, false);
        space = frame_space(&feed->frames, &size);
    }
    close(copy);
    return count;
}

bool feed_is_settled(struct feed *feed)
{
    int before = feed->unread;
    bool widened = feed->widened;

    if (feed->done || feed->in.ended || ioctl(feed->in.fd, FIONREAD, &feed->unread) != 0)
        return true;
    feed->widened = true;
    return widened ? feed->unread <= before : !peek_widen(feed->in.fd);
}

struct rest feed_rest(struct feed *feed)
{
    struct rest rest = {.messages = 0};
    int unread = 0;

    if (feed->done)
        return rest;
    if (!feed->in.ended && ioctl(feed->in.fd, FIONREAD, &unread) == 0 && unread > 0)
        rest.bytes = (uint64_t)unread;
    if (feed->frames.framing->mode == FRAME_RAW) {
        rest.bytes += feed->frames.end - feed->frames.start;
        return rest;
    }
    rest.messages = count_messages(feed, false);
    uint64_t waiting = count_waiting(feed);
    rest.messages += waiting;
    if (waiting > 0)
        rest.bytes = 0;
    rest.messages += count_messages(feed, true);
    return rest;
}

/* ---- to whom -------------------------------------------------------------------------------- */

static bool is_wanted(const struct cat *cat)
{
    const struct options *options = cat->options;

    return cat->state == RUNNING && !cat->feed.done && options->program == NULL &&
           !options->recv_only && !options->probe_key;
}

int64_t feed_wait(struct cat *cat, int64_t now_us)
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
    size_t name = cat->options->chat ? strlen(CHAT_HOST) : 0;
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

bool feed_is_for(struct feed *feed, const struct peer *peer, const struct message *message)
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
        spoken = chat_message(NULL, message->data, message->length);
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

void feed_pump(struct cat *cat)
{
    struct message message;
    size_t max; /* a message may change it: path.h */
    bool done = cat->feed.done;

    for (int i = 0; i < BATCH && (max = max_payload(cat)) > 0 && feed_wait(cat, clock_us()) == 0;
         i++)
        if (feed_next(&cat->feed, max, &message))
            give(cat, &message);
        else
            break;
    if (!done && cat->feed.done)
        say_end_of_input(cat);
    check_read(cat);
}
