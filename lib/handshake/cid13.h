/* cid13.h - the messages NewConnectionId and RequestConnectionId of DTLS 1.3 (RFC 9147 section
 * 9). */
#ifndef CID13_H
#define CID13_H

#include "handshake/hs.h"

/* These two are the `receive` functions (see hs_row_t) of the rows for NewConnectionId and
 * RequestConnectionId. */
dtls_error_t cid13_receive_new(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t cid13_receive_request(conn_t *conn, reader_t *body, const message_t *message);

/* Writes the body of a NewConnectionId with new connection IDs of ours: either one that the peer
 * must use at once, or at most the requested number of spare IDs (for later use). Returns its
 * length in bytes. Returns 0 if an ID for immediate use was due but none could be issued: then send
 * no message. */
size_t cid13_put_new(conn_t *conn, uint8_t out[CID13_MAX]);
/* Writes the body of a RequestConnectionId. Returns its length in bytes. */
size_t cid13_put_request(const conn_t *conn, uint8_t out[CID13_MAX]);

#endif
