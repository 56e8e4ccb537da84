/*
 * early.h - early data of a client: what of stdin goes out before the handshake is done. It is kept until
 * the server has said whether it takes it.
 */
#ifndef EARLY_H
#define EARLY_H

#include "stream/queue.h"

struct app;
struct peer;

#define EARLY_BYTES 16384 /* of early data, for each ticket */

struct early {
    struct queue cached;
    size_t bytes;
    size_t sent;   /* how many of these messages the present handshake has with it */
    size_t unsent; /* how many of these could not be sent */
};

void early_init(struct early *early);

/* Sends what stdin has at once, as far as the ticket allows. */
void early_send(struct peer *peer);

/* The handshake is done: sends again what the server did not take. */
void early_connected(struct peer *peer);

#endif
