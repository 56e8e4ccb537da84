/*
 * input.h - reads stdin and sends it to all peers. With --frame=json a message can name one peer.
 * stdin is read as fast as the fastest peer accepts data. Its end is handled in stdineof.c.
 */
#ifndef INPUT_H
#define INPUT_H

#include "stream/feed.h"

struct app;
struct peer;

/* Returns true if the peer, which is the only receiver of the feed, is addressed by the message, or
 * if the message has no address. Returns false after reporting another address. */
bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message);

/* Returns the microseconds until stdin may be read: 0 means now, and OUTGOING_STOPPED not before
 * another event. */
int64_t input_wait(struct app *app, int64_t now_us);

/* Reads stdin and sends it, as long as at least one peer accepts data. */
void input_pump(struct app *app);

#endif
