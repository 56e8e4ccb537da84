/*
 * pending.h - the handshakes in progress: those in which we are the client, and the half-open ones,
 * in which we are the server.
 *
 * config.max_half_open limits the half-open handshakes. They are counted by network (one address of
 * IPv4, a /64 of IPv6), so that a flood of ClientHellos evicts handshakes of the networks that it
 * comes from. The costs do not depend on how many handshakes are in progress, except for a
 * logarithm.
 */
#ifndef PENDING_H
#define PENDING_H

#include "conn/state.h"

/* Starts the counts. Returns false if memory is short or config.random fails. */
bool pending_start(dtls_context_t *ctx);
void pending_end(dtls_context_t *ctx); /* frees the counts. No handshake may be in progress */

/* Adds a new association to the handshakes in progress. Returns false if memory is short. */
bool pending_add(conn_t *conn);
/* Removes an association from the handshakes in progress. Does nothing after the handshake.
 * Call this before the phase of the association changes. */
void pending_remove(conn_t *conn);
/* Returns true if this client random is that of a handshake in which we are the client. A
 * ClientHello with this random is our own, which an attacker has reflected to us. */
bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random);

/* Returns the number of half-open handshakes. */
size_t pending_half_open(const dtls_context_t *ctx);
/* Notes that a binder of DTLS 1.3 has authenticated the client of a half-open handshake. Call this at
 * most once per association. */
void pending_authenticated(conn_t *conn);
/* Returns true if a half-open handshake with this client may be added. Otherwise sets *evict to the
 * half-open handshake that must end first. NULL: there is none, and the ClientHello must be
 * dropped. */
bool pending_has_room(const dtls_context_t *ctx, const session_t *session, conn_t **evict);

#endif
