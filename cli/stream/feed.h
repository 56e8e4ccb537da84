/*
 * feed.h - splits a byte stream into messages. The stream is stdin, or the output of the program of
 * -e for one peer.
 */
#ifndef FEED_H
#define FEED_H

#include "stream/frame.h"
#include "stream/pipe.h"

struct feed {
    const char *name; /* of the stream, for error lines */
    struct source in;
    struct frame_in frames;
    bool needs_input;   /* the next message needs more input */
    bool done;          /* the input has ended, and every message was returned */
    bool had_errors;    /* a part of the input was not sent; it was reported */
    int error;          /* errno of the read that failed; 0: none */
    int64_t done_us;    /* the time when done was set */
    int64_t widened_us; /* when feed_is_settled() enlarged the pipe; 0: not yet */
    int64_t grown_us;   /* when the content of the pipe was last seen to grow */
    int unread;         /* bytes in the pipe at the last call of feed_is_settled() */
};

/* Begins to read from fd. name is used in error lines and must stay valid, like framing. */
void feed_init(struct feed *feed, const struct framing *framing, int fd, const char *name);

/* Returns true with the next message, of at most max bytes. Skips and reports messages that are
 * invalid or too long. Returns false if no message is complete: needs_input is set if the next one
 * needs more input, else call again. */
bool feed_next(struct feed *feed, size_t max, struct message *message);

/* Whether the writer of the stream has written what it had ready. If the pipe is full, the first call enlarges it;
 * the writer counts as finished when nothing has come for a second, and after three seconds. Returns false if the
 * caller has to call again soon, before feed_rest(). */
bool feed_is_settled(struct feed *feed, int64_t now_us);

/* The part of the input that was not returned: complete messages, and bytes that were not split
 * into messages. */
struct rest {
    uint64_t messages, bytes;
};
/* Counts the rest. The feed must not be used for messages afterwards. */
struct rest feed_rest(struct feed *feed);

/* Returns true if length is at most max. Otherwise reports that the message is not sent. */
bool feed_fits(struct feed *feed, size_t length, size_t max);

#endif
