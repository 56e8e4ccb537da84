/*
 * share.h - the (EC)DHE of a handshake: our key pair, the peer's share, the secret of both.
 */
#ifndef SHARE_H
#define SHARE_H

#include "bytes.h"
#include "state.h"

bool share_group_is_ours(const dtls_context_t *ctx, uint16_t group);
/* A fresh key pair of that group. */
dtls_error_t share_make(conn_t *conn, const group_t *group);
size_t share_length(const share_t *share); /* of the public key; 0: there is none */
/* The secret, and with it the group is agreed on. */
dtls_error_t share_derive(conn_t *conn, reader_t peer);

#endif
