/*
 * incoming.h - what peers send: to stdout, to the program of the peer, to the other peers.
 */
#ifndef INCOMING_H
#define INCOMING_H

#include "stream/frame.h"

struct cat;
struct peer;

#define EARLY_BYTES 16384 /* of early data, for each ticket */
/* So much is held of a client until its handshake is done, with what the records take besides. */
#define HELD_BYTES (2 * EARLY_BYTES)

/* A message has come. */
void incoming_put(struct peer *peer, uint8_t *data, size_t length);

/* The handshake is done: takes what came before. */
void incoming_early(struct peer *peer);

/* Answers the heartbeats that came behind what is handed on by now; the next ones wait again. */
void incoming_answer(struct cat *cat);

#endif
