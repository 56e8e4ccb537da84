/*
 * hs13_client.h - the client of DTLS 1.3: RFC 9147 section 5.7, RFC 8446 section 4.
 */
#ifndef HS13_CLIENT_H
#define HS13_CLIENT_H

#include "handshake/hs.h"
#include "message/hello.h"

extern const hs_row_t hs13_client_rows[];

/* Identity, key and key share, before the first ClientHello. */
dtls_error_t hs13_client_prepare(conn_t *conn);
void hs13_client_params(const conn_t *conn, hello_params_t *params);
/* The hello is too long: leaves out the ticket, then DTLS 1.3 itself. False: nothing more to leave out. */
bool hs13_client_leave_out(conn_t *conn);
size_t hs13_client_identities(const conn_t *conn); /* bytes of all that are offered */
/* No early data in this handshake (any more). */
void hs13_client_forgo_early(conn_t *conn);
/* Writes the binders into a finished ClientHello; then early data may follow it. */
dtls_error_t hs13_client_bind(conn_t *conn, uint8_t *message, size_t length);
dtls_error_t hs13_receive_retry(conn_t *conn, reader_t *body, const message_t *message);
/* A ServerHello that chooses this version. */
dtls_error_t hs13_client_accept(conn_t *conn, const server_hello_t *hello);

#endif
