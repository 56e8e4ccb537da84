/*
 * hs_client.h - a client's hello, which may offer two versions, and the answer that picks one.
 */
#ifndef HS_CLIENT_H
#define HS_CLIENT_H

#include "handshake/hs.h"

extern const hs_row_t hs_client_rows[];

dtls_error_t hs_client_start(conn_t *conn);
/* The number of a message. */
uint16_t hs_client_seq(const message_t *message);
/* The hello that is answered, the first of all or the last, is the one that counts. */
void hs_client_settle(conn_t *conn, bool first);
/* The next ClientHello, with whatever cookie, group or suite has been learned since. */
dtls_error_t hs_client_send_hello(conn_t *conn);

/* By the callback, for the hint that the server gave, if any: identity and key, kept in conn. */
dtls_error_t hs_client_get_identity(conn_t *conn);
/* A suite of that version that we have offered; NULL: we have not. */
const suite_t *hs_client_offered(const conn_t *conn, uint16_t version, uint16_t id);
bool hs_client_offers(const conn_t *conn, kx_t kx);
bool hs_client_offers_cbc(const conn_t *conn);
bool hs_client_takes_sessions(const conn_t *conn); /* of 1.2, from the server */

#endif
