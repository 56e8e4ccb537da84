/*
 * feed.h - stdin, message by message, to the peers: to all of them, or where a message says to whom. It is
 * read no faster than the quickest of them takes it.
 */
#ifndef FEED_H
#define FEED_H

#include "frame.h"
#include "pipe.h"

struct cat;
struct peer;

struct feed {
    struct source in;
    struct frame_in frames;
    bool hungry; /* the next message needs more of stdin */
    bool done;   /* stdin has ended, and all of it is on its way */
    bool spoilt; /* a part of it could not be sent, which was said */
    int64_t done_us;
};

void feed_init(struct feed *feed, const struct framing *framing);

/* The next message, of at most max bytes. False: none was found so far; hungry says whether more of stdin
 * is needed to go on. */
bool feed_next(struct cat *cat, size_t max, struct message *message);

/* Whether a message is for the only peer that there is, and is not too long for it; if not, that is said. */
bool feed_is_for(struct peer *peer, const struct message *message);
bool feed_fits(struct peer *peer, size_t length);

/* Microseconds until stdin is wanted; 0: now; negative: not before something else has happened. */
int64_t feed_wait(struct cat *cat, int64_t now_us);

/* Sends what there is, as far as somebody takes it. */
void feed_pump(struct cat *cat);

#endif
