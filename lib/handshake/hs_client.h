/*
 * hs_client.h - a client's ClientHello, which may offer both versions, and the server's response, which
 * chooses one.
 */
#ifndef HS_CLIENT_H
#define HS_CLIENT_H

#include "handshake/hs.h"

extern const hs_row_t hs_client_rows[];

/* Starts the handshake: sends the first ClientHello. */
dtls_error_t hs_client_start(conn_t *conn);
/* Sends the next ClientHello, with the cookie or key share that the server has asked for. */
dtls_error_t hs_client_send_hello(conn_t *conn);

#endif
