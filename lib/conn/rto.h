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
/* Call this when the peer has responded to a transmission, which was sent at sent_at. Measures the
 * round trip. */
void rto_measured(conn_t *conn, dtls_tick_t sent_at);

#endif
