/*
 * hs13_server.h - the server of DTLS 1.3: RFC 9147 section 5.7, RFC 8446 section 4.
 */
#ifndef HS13_SERVER_H
#define HS13_SERVER_H

#include "handshake/hs.h"
#include "message/hello.h"

extern const hs_row_t hs13_server_rows[];

/* Returns the error for which a ClientHello is rejected, whatever its PSK and key share are. */
dtls_error_t hs13_server_check(const dtls_context_t *ctx, const client_hello_t *hello);
/* Stores our HelloRetryRequest to which a ClientHello responds; NULL: there was none. Call this
 * before this ClientHello is processed. *retry must exist until the ClientHello has been
 * processed. */
void hs13_server_retried(conn_t *conn, const retry_t *retry);

#endif
