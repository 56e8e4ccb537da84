/*
 * incoming.h - what peers send: to stdout, to the program of the peer, to the other peers.
 */
#ifndef INCOMING_H
#define INCOMING_H

#include "stream/frame.h"

struct app;
struct peer;

/* A message has come. */
void incoming_put(struct peer *peer, uint8_t *data, size_t length);

/* The handshake is done: takes what came before. */
void incoming_early(struct peer *peer);

/* Answers the heartbeats that came behind what is handed on by now; the next ones wait again. */
void incoming_respond(struct app *app);

#endif
