/*
 * cid13.h - NewConnectionId and RequestConnectionId of DTLS 1.3: RFC 9147 section 9.
 */
#ifndef CID13_H
#define CID13_H

#include "handshake/hs.h"

dtls_error_t cid13_receive_new(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t cid13_receive_request(conn_t *conn, reader_t *body, const message_t *message);

/* The bodies of the two; their length. What the first says: spare ones that the peer has asked for, fewer if
 * there are no more; or one to use from now on, 0 if there is none. */
size_t cid13_put_new(conn_t *conn, uint8_t out[CID13_MAX]);
size_t cid13_put_request(const conn_t *conn, uint8_t out[CID13_MAX]);

#endif
