/*
 * hs12_client.h - the client of DTLS 1.2: RFC 6347 section 4.2.4, RFC 5246 section 7.3.
 */
#ifndef HS12_CLIENT_H
#define HS12_CLIENT_H

#include "handshake/hs.h"
#include "message/hello.h"

/* Client: a ServerHello that chooses this version. */
dtls_error_t hs12_client_accept(conn_t *conn, const server_hello_t *hello);
/* Then, if it resumes a session. */
dtls_error_t hs12_client_resume(conn_t *conn);

#endif
