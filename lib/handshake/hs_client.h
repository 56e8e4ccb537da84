/*
 * hs_client.h - client: the ClientHello, which may offer both versions, and the response of the
 * server, which chooses one.
 */
#ifndef HS_CLIENT_H
#define HS_CLIENT_H

#include "handshake/hs.h"

extern const hs_row_t hs_client_rows[];

/* Sends the first ClientHello of a handshake. Returns the error that ends the association. */
dtls_error_t hs_client_start(conn_t *conn);
/* Starts the handshake over with a new ClientHello, in a new association that takes the place of this one, if answers of
 * the server contradict each other: one of them is forged, and we may have followed it. The new handshake ends at the
 * time limit of this one, offers no ticket, and rejects early data. Returns false if no answers contradict each other, or
 * memory is short. */
bool hs_client_start_over(conn_t *conn);
/* Sends the next ClientHello, with the cookie or the key share that the server has requested.
 * Returns the error that ends the association. */
dtls_error_t hs_client_send_hello(conn_t *conn);

#endif
