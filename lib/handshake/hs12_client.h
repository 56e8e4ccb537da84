/*
 * hs12_client.h - the client of DTLS 1.2: RFC 6347 section 4.2.4, RFC 5246 section 7.3.
 */
#ifndef HS12_CLIENT_H
#define HS12_CLIENT_H

#include "handshake/hs.h"
#include "message/hello.h"

/* Checks a ServerHello that chooses DTLS 1.2, then applies it. Returns the error to report to the
 * server. */
dtls_error_t hs12_client_accept(conn_t *conn, const server_hello_t *hello);
/* Starts the keys of a resumed session, and expects Finished next. The transcript must end with the
 * ServerHello. Returns the error to report to the server. */
dtls_error_t hs12_client_resume(conn_t *conn);

#endif
