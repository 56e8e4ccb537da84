/* share.h - the (EC)DHE of a handshake: our key pair, the peer's key share, and the shared
 * secret. */
#ifndef SHARE_H
#define SHARE_H

#include "base/bytes.h"
#include "conn/state.h"

/* Returns true if the configuration enables the group with this number. */
bool share_group_is_ours(const dtls_context_t *ctx, uint16_t group);
/* Makes a key pair of this group. Returns DTLS_ERR_CRYPTO if libcrypto or config.random fails. */
dtls_error_t share_make(conn_t *conn, const group_t *group);
/* DTLS 1.2 client: makes a key pair in the finite field that the server has chosen. Returns
 * DTLS_ERR_INSUFFICIENT_SECURITY if the field is not acceptable, or DTLS_ERR_CRYPTO. */
dtls_error_t share_make_in_field(conn_t *conn, reader_t prime, reader_t generator);
/* Derives the shared secret from the key share of the peer, and sets negotiated.group. Returns
 * DTLS_ERR_ILLEGAL_PARAMETER if the key share is invalid. */
dtls_error_t share_derive(conn_t *conn, reader_t peer);
/* Wipes and frees the key pair and the secret. */
void share_end(conn_t *conn);

#endif
