/*
 * ack.h - the ACKs of DTLS 1.3 that we send, RFC 9147 section 7.1. In DTLS 1.2 all of this does
 * nothing. What the peer acknowledges is in acked.h.
 */
#ifndef ACK_H
#define ACK_H

#include "conn/state.h"

/* True if DTLS 1.3 is negotiated. Before that we send and accept no ACK. */
bool ack_agreed(const conn_t *conn);
/* Adds a handshake record to the list for the next ACK; removes it if part of it was discarded. */
void ack_note(conn_t *conn, const record_t *record);
void ack_retract(conn_t *conn, const record_t *record);
/* Makes ack_flush() send an ACK: no flight of ours will acknowledge the peer's. */
void ack_now(conn_t *conn);
/* Call this at the end of each datagram. Sends an ACK that is due. */
void ack_flush(conn_t *conn);
void ack_send(conn_t *conn);
/* Clears the list: our next flight acknowledges all of the peer's flight. */
void ack_clear(conn_t *conn);

#endif
