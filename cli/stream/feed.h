/*
 * feed.h - messages out of a byte stream: stdin, or the output of a program that serves one peer.
 */
#ifndef FEED_H
#define FEED_H

#include "stream/frame.h"
#include "stream/pipe.h"

struct feed {
    const char *name; /* of the stream, in error lines */
    struct source in;
    struct frame_in frames;
    bool needs_input; /* the next message needs more input */
    bool done;        /* the input has ended, and all of it was taken */
    bool had_errors;  /* a part of it could not be sent, which was reported */
    int error;        /* errno of the read that failed; 0: none */
    int64_t done_us;
    bool widened; /* the pipe of it, by feed_is_settled() */
    int unread;   /* bytes there, when that was last asked */
};

void feed_init(struct feed *feed, const struct framing *framing, int fd, const char *name);

/* The next message, of at most max bytes. False: none is complete; hungry says whether more input is needed
 * to go on. */
bool feed_next(struct feed *feed, size_t max, struct message *message);

/* Before feed_rest(): whether the writer of the stream has written what it had ready, for which its pipe gets room.
 * False: ask again soon. */
bool feed_is_settled(struct feed *feed);

/* What was not taken: of messages their number, and the bytes of the stream that were not looked at. Nothing is
 * taken after that. */
struct rest {
    uint64_t messages, bytes;
};
struct rest feed_rest(struct feed *feed);

/* Whether a message that was taken has at most max bytes; if not, that is reported. */
bool feed_fits(struct feed *feed, size_t length, size_t max);

#endif
