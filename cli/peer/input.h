/*
 * input.h - stdin, for all peers or for the one that a message names. It is read no faster than the quickest
 * peer accepts it.
 */
#ifndef INPUT_H
#define INPUT_H

#include "stream/feed.h"

struct app;
struct peer;

/* Whether a message is for the only peer that the feed has; if not, that is reported. */
bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message);

/* Microseconds until stdin is wanted; 0: now; negative: not before something else has happened. */
int64_t input_wait(struct app *app, int64_t now_us);

/* Sends what there is, as far as a peer accepts it. */
void input_pump(struct app *app);

#endif
