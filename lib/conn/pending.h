/*
 * pending.h - lists of the handshakes in progress: those in which we are the server, oldest
 * first, and those in which we are the client.
 */
#ifndef PENDING_H
#define PENDING_H

#include "conn/state.h"

/* Adds a new association to the list for its role. */
void pending_add(conn_t *conn);
/* Removes an association from its list. Call this before the phase of the association changes.
 * After the handshake, this does nothing. */
void pending_remove(conn_t *conn);
/* Returns true if one of our own ClientHellos has this random: an attacker has reflected it to us.
 * */
bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random);

#endif
