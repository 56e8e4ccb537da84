/*
 * cid13.h - the messages NewConnectionId and RequestConnectionId of DTLS 1.3: RFC 9147 section 9.
 */
#ifndef CID13_H
#define CID13_H

#include "handshake/hs.h"

/* The `receive` functions of two rows (hs_row_t). */
dtls_error_t cid13_receive_new(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t cid13_receive_request(conn_t *conn, reader_t *body, const message_t *message);

/* Writes the body of a NewConnectionId with new connection IDs of ours: one that the peer must use
 * at once, or the spare ones that it has requested. There may be fewer spare ones, if no more can
 * be issued. Returns the length in bytes. 0: send no message, because no ID could be issued that
 * the peer must use. */
size_t cid13_put_new(conn_t *conn, uint8_t out[CID13_MAX]);
/* Writes the body of a RequestConnectionId. Returns the length in bytes. */
size_t cid13_put_request(const conn_t *conn, uint8_t out[CID13_MAX]);

#endif
