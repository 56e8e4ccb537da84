/*
 * pending.h - lists of the handshakes in progress: as server, oldest first, and as client.
 */
#ifndef PENDING_H
#define PENDING_H

#include "conn/state.h"

/* Adds a new association to the list of its role. */
void pending_add(conn_t *conn);
/* Removes it. Call it before the phase changes; no effect after the handshake. */
void pending_remove(conn_t *conn);
/* Returns whether one of our client handshakes sent this random: then the ClientHello was reflected to us. */
bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random);

#endif
