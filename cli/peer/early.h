/*
 * early.h - early data of a client: data of stdin that is sent with the ClientHello (RFC 8446 section 2.3). It is
 * cached until the server has accepted or rejected it.
 */
#ifndef EARLY_H
#define EARLY_H

#include "stream/queue.h"

struct app;
struct peer;

#define EARLY_BYTES 16384 /* limit of early data for a ticket */

struct early {
    struct queue cached; /* messages read from stdin */
    size_t bytes;        /* length of all cached messages */
    size_t sent;         /* the first messages, which the current handshake has sent */
    size_t unsent;       /* sent messages that the network did not accept */
};

void early_init(struct early *early);

/* Sends the data that is ready on stdin, as far as the ticket permits. */
void early_send(struct peer *peer);

/* The handshake is complete: sends again what the server did not accept, and clears the cache. */
void early_connected(struct peer *peer);

#endif
