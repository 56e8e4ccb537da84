/*
 * psk.h - what the application's get_psk_info() knows: keys, the client's identity, the server's hint.
 */
#ifndef PSK_H
#define PSK_H

#include "conn/state.h"

/* The key of an identity, by the callback. Returns its length in bytes; 0 if there is none, or if the callback
 * has ended the handshake. */
size_t psk_find_key(conn_t *conn, const uint8_t *identity, size_t length,
                    uint8_t key[DTLS_MAX_PSK]);
/* The same for the identity of this association. */
size_t psk_get_key(conn_t *conn, uint8_t key[DTLS_MAX_PSK]);
/* Server: the hint for this client, at most DTLS_MAX_IDENTITY bytes. Returns its length; 0: none. */
size_t psk_get_hint(dtls_context_t *ctx, const session_t *session, uint8_t *room);
/* Keeps a copy of an identity as that of the association. */
dtls_error_t psk_keep_identity(conn_t *conn, const uint8_t *identity, size_t length);
void psk_forget_identity(conn_t *conn);
/* Client: asks for the identity, given the server's hint if there is one, and keeps it in the association. */
dtls_error_t psk_get_identity(conn_t *conn);

#endif
