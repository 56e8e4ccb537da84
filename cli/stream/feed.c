#include "stream/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/report.h"
#include "stream/peek.h"

#define SETTLE_US 1000000     /* a writer has finished if the pipe has not grown for this time */
#define SETTLE_MAX_US 3000000 /* limit of the time to wait for a writer */
#define BATCH 64              /* most reads in one call, so that other events are handled too */
#define BULK 8192             /* after a read of at least this size, more is probably ready */

void feed_init(struct feed *feed, const struct framing *framing, int fd, const char *name)
{
    feed->name = name;
    source_init(&feed->in, fd);
    frame_in_init(&feed->frames, framing);
    feed->needs_input = true;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* Reads once, unless that would block. Returns true if data, the end or an error was read. */
static bool fill(struct feed *feed)
{
    size_t size, length;

    if (feed->in.ended || (!feed->in.file && !source_is_ready(&feed->in)))
        return false;
    uint8_t *space = frame_space(&feed->frames, &size);
    enum pipe_result result = source_read(&feed->in, space, size, &length);
    feed->bulk = result == PIPE_DATA && length >= BULK;
    if (result == PIPE_DATA)
        frame_filled(&feed->frames, length);
    if (result == PIPE_FAILED)
        feed->error = errno;
    return result != PIPE_AGAIN;
}

const char *feed_place(char text[FEED_PLACE_MAX], const struct feed *feed)
{
    uint64_t lines = feed->frames.lines;

    snprintf(text, FEED_PLACE_MAX, lines > 0 ? "%s, line %" PRIu64 : "%s", feed->name, lines);
    return text;
}

static void report_too_long(struct feed *feed, const char *place, size_t length, size_t max)
{
    feed->had_errors = true;
    if (length > 0)
        report("%s: message of %zu bytes not sent: the limit is %zu bytes: send shorter "
               "messages, or check --mtu here and --record-size at the peer",
               place, length, max);
    else
        report("%s: message not sent: longer than the limit of %zu bytes: send shorter messages, "
               "or check --mtu",
               place, max);
}

bool feed_fits(struct feed *feed, size_t length, size_t max)
{
    if (length > max)
        report_too_long(feed, feed->name, length, max);
    return length <= max;
}

static void report_unsent(struct feed *feed, enum frame_result result, size_t length, size_t max)
{
    char place[FEED_PLACE_MAX];

    feed_place(place, feed);
    if (result == FRAME_TOO_LONG) {
        report_too_long(feed, place, length, max);
        return;
    }
    feed->had_errors = true;
    report("%s: message not sent: %s", place, feed->frames.wrong);
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
    feed->needs_input = false;
    if (feed->bulk && frame_is_short(&feed->frames, max))
        fill(feed);
    for (int i = 0; i < BATCH && !feed->needs_input; i++) {
        enum frame_result result = frame_next(&feed->frames, max, feed->in.ended, message);
        if (result == FRAME_MESSAGE)
            return true;
        if (result == FRAME_MORE)
            feed->needs_input = !fill(feed);
        else
            report_unsent(feed, result, message->length, max);
    }
    if (feed->needs_input)
        finish(feed);
    return false;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static uint64_t count_messages(struct feed *feed, bool ended)
{
    struct message message;
    enum frame_result result;
    uint64_t count = 0;

    while ((result = frame_next(&feed->frames, FRAME_MAX_MESSAGE, ended, &message)) != FRAME_MORE)
        count++;
    return count;
}

/* Counts the messages in the pipe without reading them: the next program that reads the pipe still
 * gets them. */
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

bool feed_is_settled(struct feed *feed, int64_t now_us)
{
    int before = feed->unread;

    if (feed->done || feed->in.ended || ioctl(feed->in.fd, FIONREAD, &feed->unread) != 0)
        return true;
    if (feed->widened_us == 0 && !peek_widen(feed->in.fd, feed->unread))
        return true;
    if (feed->widened_us == 0)
        feed->widened_us = now_us;
    if (feed->widened_us == now_us || feed->unread > before)
        feed->grown_us = now_us;
    return now_us >= feed->grown_us + SETTLE_US || now_us >= feed->widened_us + SETTLE_MAX_US;
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
