/*
 * retransmit.h - flights and their timers: RFC 6347 section 4.2.4, RFC 9147 section 5.8.
 */
#ifndef RETRANSMIT_H
#define RETRANSMIT_H

#include "conn/state.h"

/* Transmissions of our Finished before a wrong key is suspected. */
#define SUSPECT_SENDS 5

/* Sends a flight that wants an answer, and starts its timer. */
dtls_error_t retransmit_send(conn_t *conn, flight_t *flight);
/* Starts the timer of the handshake's flight with this value. */
void retransmit_set_timer(conn_t *conn, uint32_t timer_ms);
/* Call this when a handshake message has changed the state: it acknowledges our flight. */
void retransmit_flight_acked(conn_t *conn);
/* A part of the peer's next flight has come in this epoch: in DTLS 1.3 a protected one acknowledges all of our
 * flight (RFC 9147 section 7.2), and the peer repeats the rest of its own. */
void retransmit_response_began(conn_t *conn, uint64_t epoch);
/* A plaintext record with this digest has been processed. */
void retransmit_note_record(conn_t *conn, uint64_t digest);
/* The peer has resent its flight, in a record with this digest. */
void retransmit_on_repeat(conn_t *conn, uint64_t digest);
/* The first timer has changed: running timers change in proportion. */
void retransmit_rescale(conn_t *conn, uint32_t from_ms, uint32_t to_ms);

/* Returns flight i of an association: below POST_COUNT the flight of that kind after the handshake, at POST_COUNT
 * the flight of the handshake. NULL: there is none. */
flight_t *retransmit_flight(conn_t *conn, size_t i);
/* The timer of a flight has run out. */
void retransmit_timer_expired(conn_t *conn, flight_t *flight, dtls_tick_t now);

#endif
