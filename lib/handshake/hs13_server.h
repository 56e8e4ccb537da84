/*
 * hs13_server.h - the server of DTLS 1.3: RFC 9147 section 5.7, RFC 8446 section 4.
 */
#ifndef HS13_SERVER_H
#define HS13_SERVER_H

#include "handshake/hs.h"

extern const hs_row_t hs13_server_rows[];

/* Call this before a ClientHello is processed that responds to our HelloRetryRequest. retry: the
 * HelloRetryRequest, which must exist while the ClientHello is processed; NULL: there was none. */
void hs13_server_retried(conn_t *conn, const retry_t *retry);

#endif
