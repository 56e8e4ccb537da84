/*
 * psk.h - the keys, the client's identity and the server's hint, as the application's get_psk_info()
 * returns them.
 */
#ifndef PSK_H
#define PSK_H

#include "conn/state.h"

/* Looks up the key of an identity. Returns its length in bytes. 0: the application has none, or its
 * callback has ended the handshake. */
size_t psk_find_key(conn_t *conn, const uint8_t *identity, size_t length,
                    uint8_t key[DTLS_MAX_PSK]);
/* Like psk_find_key(), for the identity of the association. */
size_t psk_get_key(conn_t *conn, uint8_t key[DTLS_MAX_PSK]);
/* Server: gets the hint for this client. room has DTLS_MAX_IDENTITY bytes. Returns the length of the
 * hint in bytes; 0: none. */
size_t psk_get_hint(dtls_context_t *ctx, const session_t *session, uint8_t *room);
/* Copies an identity: it becomes that of the association. */
dtls_error_t psk_set_identity(conn_t *conn, const uint8_t *identity, size_t length);
void psk_clear_identity(conn_t *conn);
/* Client: gets the identity, which the application may choose by the server's hint. It becomes that of
 * the association. Returns DTLS_ERR_NO_CREDENTIALS if there is none. */
dtls_error_t psk_get_identity(conn_t *conn);

#endif
