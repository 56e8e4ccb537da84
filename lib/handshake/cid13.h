/*
 * cid13.h - the messages NewConnectionId and RequestConnectionId of DTLS 1.3: RFC 9147 section 9.
 */
#ifndef CID13_H
#define CID13_H

#include "handshake/hs.h"

/* Parse the body of one message, then apply it. Return the error to report to the peer. */
dtls_error_t cid13_receive_new(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t cid13_receive_request(conn_t *conn, reader_t *body, const message_t *message);

/* Writes the body of a NewConnectionId, with new connection IDs of ours: one to use at once, or the
 * spare ones that the peer has requested. There are fewer if no more can be issued. Returns its
 * length in bytes; 0: no message is to be sent, since there is none to use at once. */
size_t cid13_put_new(conn_t *conn, uint8_t out[CID13_MAX]);
/* Writes the body of a RequestConnectionId. Returns its length in bytes. */
size_t cid13_put_request(const conn_t *conn, uint8_t out[CID13_MAX]);

#endif
