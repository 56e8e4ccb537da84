/* ack.h - the ACKs that we send in DTLS 1.3 (RFC 9147 section 7.1). In DTLS 1.2 the functions do
 * nothing. The ACKs that the peer sends are in handshake/acked.h. */
#ifndef ACK_H
#define ACK_H

#include "conn/state.h"

/* Returns true if DTLS 1.3 is negotiated: only then are ACKs sent and accepted. */
bool ack_agreed(const conn_t *conn);
/* Adds the number of a received handshake record to the list for the next ACK. */
void ack_note(conn_t *conn, const record_t *record);
/* Removes the number of a received record from the list for the next ACK. Call this when a part of
 * the record was discarded: such a record must not be acknowledged (RFC 9147 section 7). */
void ack_retract(conn_t *conn, const record_t *record);
/* Makes the next ack_flush() send an ACK. Call this if we will not send a flight in response, which
 * would acknowledge the peer's flight implicitly. */
void ack_now(conn_t *conn);
/* Sends an ACK if it is due. Call this at the end of each received datagram. */
void ack_flush(conn_t *conn);
/* Sends an ACK now. It lists the numbers of the received records, or if not all fit a datagram, the
 * newest ones. */
void ack_send(conn_t *conn);
/* Clears the list for the next ACK. Call this when our next flight is sent, because that flight
 * acknowledges the whole flight of the peer. */
void ack_clear(conn_t *conn);
/* Clears the list for the next ACK if an ACK has listed all its numbers. Call this when the older
 * read keys expire (epochs_retire()). By then the peer has resent what it could not know to be
 * acknowledged, so the list has served its purpose, and its memory is freed. */
void ack_retire(conn_t *conn);

#endif
