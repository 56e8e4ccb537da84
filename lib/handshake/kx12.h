/*
 * kx12.h - the key exchanges of DTLS 1.2: PSK (RFC 4279 section 2), ECDHE_PSK (RFC 5489), DHE_PSK
 * (RFC 4279 section 3). The parameters of a key exchange follow the hint in a ServerKeyExchange,
 * and the identity in a ClientKeyExchange.
 */
#ifndef KX12_H
#define KX12_H

#include "handshake/share.h"

typedef struct {
    bool params; /* the ServerKeyExchange has parameters, so it is sent even without a hint */
    size_t room; /* the most bytes that put_params() or put_share() writes */
    /* These two parse the rest of a message and derive the secret. The client calls parse_params()
     * for the ServerKeyExchange; this also makes the client's key pair. The server calls
     * parse_share() for the ClientKeyExchange. Both return the error to report to the peer. */
    dtls_error_t (*parse_params)(conn_t *conn, reader_t *body);
    dtls_error_t (*parse_share)(conn_t *conn, reader_t *body);
    void (*put_params)(const conn_t *conn, writer_t *w);
    void (*put_share)(const conn_t *conn, writer_t *w);
} kx12_t;

/* Length of the longest parameters that a peer may send. */
#define KX12_MAX (3 * (2 + DH_MAX_PUBLIC))

/* Returns the key exchange of a DTLS 1.2 suite. */
const kx12_t *kx12_of(const suite_t *suite);
/* Returns the (EC)DHE secret, which is a part of the premaster secret. For plain PSK it is
 * empty. */
bytes_t kx12_secret(const conn_t *conn);

#endif
