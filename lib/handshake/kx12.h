/*
 * kx12.h - the key exchanges of DTLS 1.2: the parameters that follow the hint in a ServerKeyExchange and
 * the identity in a ClientKeyExchange. PSK (RFC 4279 section 2) has none. ECDHE_PSK is RFC 5489,
 * DHE_PSK is RFC 4279 section 3.
 */
#ifndef KX12_H
#define KX12_H

#include "handshake/share.h"

typedef struct {
    bool params; /* ServerKeyExchange has parameters, so it is sent even without a hint */
    size_t room; /* bytes that put_params() or put_share() write, at most */
    /* Parse the rest of the message, which must have no bytes left over, and derive the secret.
     * parse_params: for the client, makes its key pair. parse_share: for the server. Return the error
     * to report to the peer. */
    dtls_error_t (*parse_params)(conn_t *conn, reader_t *body);
    dtls_error_t (*parse_share)(conn_t *conn, reader_t *body);
    void (*put_params)(const conn_t *conn, writer_t *w);
    void (*put_share)(const conn_t *conn, writer_t *w);
} kx12_t;

#define KX12_MAX (3 * (2 + DH_MAX_PUBLIC)) /* bytes that a peer may send as parameters */

const kx12_t *kx12_of(const suite_t *suite);
/* Returns the (EC)DHE secret, which becomes part of the premaster secret. It is empty for PSK. */
bytes_t kx12_secret(const conn_t *conn);

#endif
