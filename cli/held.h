/*
 * held.h - early data of clients whose handshake is not done: it may reach stdout only if that succeeds.
 */
#ifndef HELD_H
#define HELD_H

#include "pipe.h"

struct held; /* of one client */

/* False: there is no room for it. */
bool held_put(struct held **all, const session_t *client, const uint8_t *data, size_t length);

/* Hands over what a client has sent, and forgets it; with sink NULL forgets it at once. False: there was
 * nothing. */
bool held_release(struct held **all, const session_t *client, struct sink *sink);

void held_clear(struct held **all);

#endif
