/*
 * hs12_server.h - the server of DTLS 1.2: RFC 6347 section 4.2.4, RFC 5246 section 7.3.
 */
#ifndef HS12_SERVER_H
#define HS12_SERVER_H

#include "handshake/hs.h"
#include "message/hello.h"

extern const hs_row_t hs12_server_rows[];

/* Returns the approximate length in bytes of our first flight to this client, with record
 * headers. */
size_t hs12_server_flight_length(dtls_context_t *ctx, const session_t *session,
                                 const client_hello_t *hello);

#endif
