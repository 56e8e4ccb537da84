/*
 * deliver.h - delivers the data that a peer sends: to stdout, to the program that serves the peer,
 * or with --broker to other peers.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include "stream/frame.h"

struct app;
struct peer;

/* Delivers a received message. */
void deliver_message(struct peer *peer, uint8_t *data, size_t length);

/* Delivers the early data of a client. Call this when its handshake is complete. */
void deliver_early(struct peer *peer);

/* Sends the delayed heartbeat responses to this peer, if its program has received all data of the
 * peer. */
void deliver_program_responses(struct peer *peer);
/* Sends the delayed heartbeat responses to each peer whose data was written to stdout. */
void deliver_responses(struct app *app);

/* Closes all sessions, because writing to stdout has failed or its reader has closed. A peer whose data
 * may not have been written gets a fatal alert, so that it does not take the data for delivered. */
void deliver_failed(struct app *app, int code, const char *end);

#endif
