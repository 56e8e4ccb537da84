/*
 * deliver.h - delivers data of peers: to stdout, to the program of the peer, to other peers.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include "stream/frame.h"

struct app;
struct peer;

/* Delivers a received message. */
void deliver_message(struct peer *peer, uint8_t *data, size_t length);

/* The handshake is complete: delivers the early data of the peer. */
void deliver_early(struct peer *peer);

/* Releases the held heartbeat responses of each peer whose data is delivered. */
void deliver_responses(struct app *app);

#endif
