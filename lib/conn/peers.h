/*
 * peers.h - the peers of a context, by address.
 */
#ifndef PEERS_H
#define PEERS_H

#include "conn/state.h"

/* Starts the table of peers. Returns false if memory is short or config.random fails. */
bool peers_start(dtls_context_t *ctx);
void peers_end(dtls_context_t *ctx); /* frees the table, which must be empty */
/* Returns the hash of an address, by which the table finds a peer. */
uint64_t peers_hash(const dtls_context_t *ctx, const session_t *session);
dtls_peer_t *peers_find(const dtls_context_t *ctx, const session_t *session);
/* Returns true if another peer may be added. */
bool peers_have_room(const dtls_context_t *ctx);
/* Adds a peer at this address. Returns NULL if peers_have_room() returns false, or no memory is
 * left. */
dtls_peer_t *peers_add(dtls_context_t *ctx, const session_t *session);
/* Changes the address of a peer. No other peer may have the new address. */
void peers_move(dtls_peer_t *peer, const session_t *session);
/* Removes a peer from the table. peers_free_ended() frees the peer. */
void peers_remove(dtls_peer_t *peer);
/* Frees the removed peers, the last removed one first, up to one that is in the list ctx->due. */
void peers_free_ended(dtls_context_t *ctx);

/* Returns the association at an address. NULL: there is none, or an argument is NULL. */
conn_t *peers_conn(const dtls_context_t *ctx, const session_t *session);

#endif
