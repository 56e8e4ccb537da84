/*
 * incoming.h - delivers data of peers: to stdout, to the program of the peer, to other peers.
 */
#ifndef INCOMING_H
#define INCOMING_H

#include "stream/frame.h"

struct app;
struct peer;

/* Delivers a received message. */
void incoming_put(struct peer *peer, uint8_t *data, size_t length);

/* The handshake is complete: delivers the early data of the peer. */
void incoming_early(struct peer *peer);

/* Releases the held heartbeat responses of each peer whose data is delivered. */
void incoming_respond(struct app *app);

#endif
