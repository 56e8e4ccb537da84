/*
 * input.h - reads stdin and sends it to all peers. With --frame=json a message can name one peer.
 * stdin is read as fast as the fastest peer accepts data. stdineof.c handles the end of stdin.
 */
#ifndef INPUT_H
#define INPUT_H

#include "stream/feed.h"

struct app;
struct peer;

/* Checks the address of a message whose only possible receiver is peer. Returns true if the message
 * has no address, or that of peer. Otherwise reports the message and returns false. */
bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message);

/* Returns true if stdin is sent to peers at all. */
bool input_is_wanted(const struct app *app);
/* Returns true if stdin may be read now: at least one peer accepts data. */
bool input_is_open(const struct app *app);

/* Reads stdin and sends it, as long as at least one peer accepts data. */
void input_pump(struct app *app);

#endif
