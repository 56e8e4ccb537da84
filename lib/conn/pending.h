/*
 * pending.h - lists of the handshakes in progress: those in which we are the server, oldest
 * first, and those in which we are the client.
 */
#ifndef PENDING_H
#define PENDING_H

#include "conn/state.h"

/* Adds a new association to the list of handshakes in progress for our role in it. */
void pending_add(conn_t *conn);
/* Removes an association from its list of handshakes in progress. Does nothing after the handshake.
 * Call this before the phase of the association changes. */
void pending_remove(conn_t *conn);
/* Returns true if this client random is that of a handshake in which we are the client. A
 * ClientHello with this random is our own, which an attacker has reflected to us. */
bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random);

#endif
