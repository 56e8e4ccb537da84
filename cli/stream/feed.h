/*
 * feed.h - reads a byte stream and splits it into messages. The stream is stdin, or the output of a
 * program of -e.
 */
#ifndef FEED_H
#define FEED_H

#include "stream/frame.h"
#include "stream/pipe.h"

struct feed {
    const char *name; /* name of the stream, for error lines */
    struct source in;
    struct frame_in frames;
    bool needs_input;   /* no message is complete: more input is needed */
    bool done;          /* the input has ended, and all its messages were returned */
    bool bulk;          /* the last read returned much: more is probably ready */
    bool had_errors;    /* a part of the input was not sent, and this was reported */
    int error;          /* errno if reading failed; 0: no error */
    int64_t done_us;    /* time at which done was set */
    int64_t widened_us; /* time at which feed_is_settled() enlarged the pipe; 0: not yet */
    int64_t grown_us;   /* time at which the pipe was last found to contain more than before */
    int unread;         /* bytes in the pipe, as of the last call of feed_is_settled() */
};

/* Prepares to read from fd. name is the name of the stream in error lines. name and framing must
 * stay valid. */
void feed_init(struct feed *feed, const struct framing *framing, int fd, const char *name);

/* Reads the next message, of at most max bytes, and returns true. Invalid and too long messages are
 * skipped and reported. Returns false if no message is complete. Then, if needs_input is false,
 * call again: there may be a message. */
bool feed_next(struct feed *feed, size_t max, struct message *message);

/* Returns true once the writer of the stream has probably written all that it had ready. If the
 * pipe is full, the first call enlarges it, so that the writer can continue. The writer counts as
 * finished after one second without new data, or after three seconds. Repeat the call until
 * it returns true, and call feed_rest() only then. */
bool feed_is_settled(struct feed *feed, int64_t now_us);

/* Writes the place of the last message, for an error line: "stdin", or with a line per message
 * "stdin, line 3". Returns text. */
#define FEED_PLACE_MAX 48
const char *feed_place(char text[FEED_PLACE_MAX], const struct feed *feed);

/* The part of the input that feed_next() has not returned: complete messages, and bytes that were
 * not split into messages. */
struct rest {
    uint64_t messages, bytes;
};
/* Counts the rest. feed_next() must not be called afterwards. */
struct rest feed_rest(struct feed *feed);

/* Checks a message that feed_next() returned earlier: returns true if its length is at most max.
 * Otherwise reports that the message is too long to be sent. */
bool feed_fits(struct feed *feed, size_t length, size_t max);

#endif
