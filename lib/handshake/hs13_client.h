/*
 * hs13_client.h - the client of DTLS 1.3: RFC 9147 section 5.7, RFC 8446 section 4.
 */
#ifndef HS13_CLIENT_H
#define HS13_CLIENT_H

#include "handshake/hs.h"
#include "message/hello.h"

extern const hs_row_t hs13_client_rows[];

/* Asks the application for the identity and the key, and makes a key share. If DTLS 1.3 cannot be
 * offered, removes DTLS 1.3 from the offered versions. Call this before the first ClientHello.
 * Returns DTLS_ERR_NO_CREDENTIALS, DTLS_ERR_MEMORY or DTLS_ERR_CRYPTO. */
dtls_error_t hs13_client_prepare(conn_t *conn);
/* Sets the fields of *params that only DTLS 1.3 uses. */
void hs13_client_params(const conn_t *conn, hello_params_t *params);
/* Shortens a ClientHello that is too long: leaves out the ticket, or if there is no ticket, DTLS
 * 1.3. Returns false if the ClientHello has neither. */
bool hs13_client_leave_out(conn_t *conn);
/* Returns the total length of the PSK identities that the ClientHello offers. */
size_t hs13_client_identities(const conn_t *conn);
/* Ends epoch 1: no more early data is sent, and early data that was sent counts as rejected. */
void hs13_client_end_early(conn_t *conn);
/* Writes the binders into a ClientHello that is otherwise complete. If the ClientHello offers early
 * data, starts epoch 1. Returns DTLS_ERR_MEMORY or DTLS_ERR_CRYPTO. */
dtls_error_t hs13_client_bind(conn_t *conn, uint8_t *message, size_t length);
/* The `receive` function of the row for HelloRetryRequest (see hs_row_t): prepares the second
 * ClientHello. */
dtls_error_t hs13_receive_retry(conn_t *conn, reader_t *body, const message_t *message);
/* Checks a ServerHello that chooses DTLS 1.3, then applies it. Returns the error to report to the
 * server. */
dtls_error_t hs13_client_accept(conn_t *conn, const server_hello_t *hello);

#endif
