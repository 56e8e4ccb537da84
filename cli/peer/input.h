/*
 * input.h - sends stdin to all peers, or a message to the peer that it names. stdin is read as fast as the fastest
 * peer accepts it.
 */
#ifndef INPUT_H
#define INPUT_H

#include "stream/feed.h"

struct app;
struct peer;

/* True if a message is addressed to this peer, the only one of the feed, or to no peer in particular. Returns false
 * after reporting it. */
bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message);

/* Returns the microseconds until stdin is to be read. 0: now; OUTGOING_STOPPED: not before another event. */
int64_t input_wait(struct app *app, int64_t now_us);

/* Reads stdin and sends it, as far as a peer accepts it. */
void input_pump(struct app *app);

#endif
