/*
 * input.h - reads stdin and sends it to all peers. With --frame=json a message can name one peer.
 * stdin is read as fast as the fastest peer accepts data. Its end is handled in stdineof.c.
 */
#ifndef INPUT_H
#define INPUT_H

#include "stream/feed.h"

struct app;
struct peer;

/* Checks the address of a message whose only possible receiver is peer. Returns true if the message
 * has no address, or that of peer. Otherwise reports the message and returns false. */
bool input_is_for(struct feed *feed, const struct peer *peer, const struct message *message);

/* Returns the microseconds until stdin may be read. 0 means now. OUTGOING_STOPPED means that
 * another event has to happen before. */
int64_t input_wait(struct app *app, int64_t now_us);

/* Reads stdin and sends it, as long as at least one peer accepts data. */
void input_pump(struct app *app);

#endif
