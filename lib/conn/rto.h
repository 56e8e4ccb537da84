/*
 * rto.h - the retransmission timer's first value, and the round trip that it follows: RFC 9147 section 5.8.2.
 */
#ifndef RTO_H
#define RTO_H

#include "conn/state.h"

/* The first timer of a flight, in milliseconds: config.timer_ms until a round trip has been measured. */
uint32_t rto_first_ms(const conn_t *conn);
/* Measures a round trip: a response to what was sent at sent_at has arrived now. */
void rto_measured(conn_t *conn, dtls_tick_t sent_at);

#endif
