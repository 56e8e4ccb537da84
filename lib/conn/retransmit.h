/*
 * retransmit.h - flights, and the timers that retransmit them: RFC 6347 section 4.2.4, RFC 9147
 * section 5.8.
 */
#ifndef RETRANSMIT_H
#define RETRANSMIT_H

#include "conn/state.h"

/* If the peer is silent after this number of transmissions of our Finished, the time-out of the
 * handshake is DTLS_ERR_FINISHED_UNANSWERED. */
#define SUSPECT_SENDS 5

/* Sends a flight that the peer must respond to, and starts its timer. Returns the error of
 * output_flight(). */
dtls_error_t retransmit_send(conn_t *conn, flight_t *flight);
/* Sets the timer of the handshake's flight to timer_ms from now. */
void retransmit_set_timer(conn_t *conn, uint32_t timer_ms);
/* Call this when a handshake message has changed the state. Such a message acknowledges our
 * flight. */
void retransmit_flight_acked(conn_t *conn);
/* Call this when a part of the peer's next flight has arrived in this epoch. In DTLS 1.3, a
 * protected part acknowledges our whole flight (RFC 9147 section 7.2), so our flight is not resent.
 * The peer resends the missing parts of its own flight. */
void retransmit_response_began(conn_t *conn, uint64_t epoch);
/* Call this when a plaintext record with this digest has been processed. */
void retransmit_note_record(conn_t *conn, uint64_t digest);
/* Responds with our flight. Call this when the peer has resent its flight, in a record with this
 * digest. */
void retransmit_on_repeat(conn_t *conn, uint64_t digest);
/* Call this when the first timer changes from from_ms to to_ms: running timers change in
 * proportion. */
void retransmit_rescale(conn_t *conn, uint32_t from_ms, uint32_t to_ms);

/* Returns flight i of an association. Below POST_COUNT it is the post-handshake flight of that
 * kind, at POST_COUNT the flight of the handshake. NULL: there is none. */
flight_t *retransmit_flight(conn_t *conn, size_t i);
/* Call this when the timer of a flight has expired. */
void retransmit_timer_expired(conn_t *conn, flight_t *flight, dtls_tick_t now);

#endif
