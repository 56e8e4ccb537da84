/*
 * hs_client.h - a client's hello, which may offer two versions, and the answer that picks one.
 */
#ifndef HS_CLIENT_H
#define HS_CLIENT_H

#include "handshake/hs.h"

extern const hs_row_t hs_client_rows[];

dtls_error_t hs_client_start(conn_t *conn);
/* The next ClientHello, with whatever cookie, group or suite has been learned since. */
dtls_error_t hs_client_send_hello(conn_t *conn);

#endif
