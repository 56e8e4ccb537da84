/*
 * peers.h - the peers of a context, by address.
 */
#ifndef PEERS_H
#define PEERS_H

#include "conn/state.h"

/* Starts the table of peers. Returns false if memory is short or config.random fails. */
bool peers_start(dtls_context_t *ctx);
void peers_end(dtls_context_t *ctx); /* frees the table; no peer may be left */
dtls_peer_t *peers_find(const dtls_context_t *ctx, const session_t *session);
/* Returns true if another peer may be added. */
bool peers_have_room(const dtls_context_t *ctx);
/* Returns NULL if the limit is reached or no memory is left. */
dtls_peer_t *peers_add(dtls_context_t *ctx, const session_t *session);
/* Changes the address of a peer to one that no other peer has. */
void peers_move(dtls_peer_t *peer, const session_t *session);
/* Removes it from the table; ctx->ended_peers frees it later. */
void peers_remove(dtls_peer_t *peer);

/* Returns the association at an address. NULL: there is none, or an argument is NULL. */
conn_t *peers_conn(const dtls_context_t *ctx, const session_t *session);

#endif
