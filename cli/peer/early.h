/*
 * early.h - early data of a client (RFC 8446 section 2.3): data from stdin that is sent together
 * with the ClientHello. The messages are stored until the server has accepted or rejected them.
 */
#ifndef EARLY_H
#define EARLY_H

#include "stream/queue.h"

struct app;
struct peer;

#define EARLY_BYTES 16384 /* most bytes of early data that a client sends or a server accepts */

struct early {
    struct queue cached; /* messages read from stdin */
    size_t bytes;        /* length of all messages in `cached`, in bytes */
    size_t sent;         /* number of messages that the current handshake has sent */
    size_t unsent;       /* number of messages counted in `sent` that the socket refused */
};

void early_init(struct early *early);

/* Sends the data that is ready on stdin, as much as the ticket permits. */
void early_send(struct peer *peer);

/* Call this when the handshake is complete. Sends the messages again that the server did not accept
 * as early data, and clears the cache. */
void early_connected(struct peer *peer);

#endif
