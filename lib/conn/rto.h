/*
 * rto.h - the first retransmission timer of a flight, and the round trip that determines it:
 * RFC 9147 section 5.8.2.
 */
#ifndef RTO_H
#define RTO_H

#include "conn/state.h"

/* Returns the first timer of a flight in milliseconds. Until a round trip has been measured, the
 * timer is config.timer_ms. */
uint32_t rto_first_ms(const conn_t *conn);
/* Returns the duration in milliseconds of the next timer of a flight whose timer has expired. Call
 * this before the transmission is counted. */
uint32_t rto_next_ms(const conn_t *conn, const flight_t *flight);
/* Measures the round trip. Call this when the peer has responded to a transmission that was sent at
 * sent_at. */
void rto_measured(conn_t *conn, dtls_tick_t sent_at);
/* Measures the round trip by the record number of a stateless response. That number is a copy of
 * the number of the ClientHello (RFC 6347 section 4.2.1), so the round trip is known even after a
 * retransmission of the ClientHello. */
void rto_measured_by_number(conn_t *conn, uint64_t sequence);

#endif
