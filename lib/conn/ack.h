/*
 * ack.h - the ACKs of DTLS 1.3 that we send, RFC 9147 section 7.1. In DTLS 1.2 all of this does
 * nothing. What the peer acknowledges is in acked.h.
 */
#ifndef ACK_H
#define ACK_H

#include "conn/state.h"

/* Both sides know that it is DTLS 1.3; before that nothing is acknowledged. */
bool ack_agreed(const conn_t *conn);
/* A handshake record is being processed; and: something of it had to be discarded. */
void ack_note(conn_t *conn, const record_t *record);
void ack_retract(conn_t *conn, const record_t *record);
/* No flight of ours will answer, and the peer waits: at the end of this datagram. */
void ack_now(conn_t *conn);
/* At the end of a datagram: sends what must not wait. */
void ack_flush(conn_t *conn);
void ack_send(conn_t *conn);
/* Our next flight acknowledges all of the peer's. */
void ack_forget(conn_t *conn);

#endif
