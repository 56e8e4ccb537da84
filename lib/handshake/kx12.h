/*
 * kx12.h - the key exchanges of DTLS 1.2: what stands behind the hint in a ServerKeyExchange and behind
 * the identity in a ClientKeyExchange. Plain PSK, where that is nothing, ECDHE_PSK (RFC 5489) and DHE_PSK
 * (RFC 4279).
 */
#ifndef KX12_H
#define KX12_H

#include "handshake/share.h"

typedef struct {
    bool params; /* so there is a ServerKeyExchange, with or without hint */
    size_t room; /* for what we put there, at most */
    /* The rest of the message, of which nothing may be left. Client: the server's parameters; our key pair
     * is made, and the secret derived. Server: the client's share; the secret is derived. */
    dtls_error_t (*take_params)(conn_t *conn, reader_t *body);
    dtls_error_t (*take_share)(conn_t *conn, reader_t *body);
    void (*put_params)(const conn_t *conn, writer_t *w);
    void (*put_share)(const conn_t *conn, writer_t *w);
} kx12_t;

#define KX12_MAX (3 * (2 + DH_MAX_PUBLIC)) /* what a peer may put there */

const kx12_t *kx12_of(const suite_t *suite);
/* What the PSK is mixed with; nothing with plain PSK. */
bytes_t kx12_secret(const conn_t *conn);

#endif
