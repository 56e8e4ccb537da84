/*
 * output.h - the way out: records into datagrams, datagrams into the write callback.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "conn/datagram.h"

/* Sends what is not acknowledged of a flight, for the first time or again, packed into as few
 * datagrams as the MTU allows; timer_ms is the timer that ran out, 0 if none did. */
dtls_error_t output_flight(conn_t *conn, flight_t *flight, dtls_repeat_t repeat, uint32_t timer_ms);

/* Call this when a flight is acknowledged. If only its shorter datagrams got a response, lowers the MTU. */
void output_flight_arrived(conn_t *conn, const flight_t *flight);

/* Sends one record, alone in its datagram, to any address. */
void output_to(conn_t *conn, const session_t *to, uint8_t content_type, const uint8_t *content,
               size_t length);

size_t output_ack_room(const conn_t *conn); /* record numbers that fit a datagram */
void output_ack(conn_t *conn, const record_number_t *numbers, size_t count);

/* One alert in the newest write epoch, alone in its datagram. */
void output_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert);
/* Sends one alert unprotected, for a peer that does not have our keys. */
void output_plain_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert);

/* One record of application data in that epoch, the buffers one after the other. */
dtls_error_t output_data(conn_t *conn, epoch_t *epoch, uint8_t *const data[], const size_t length[],
                         size_t count, size_t total);

/* Sends a whole handshake message in epoch 0 to an address without an association. */
void output_stateless(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                      const uint8_t *message, size_t length);

void output_stateless_alert(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                            dtls_alert_t alert);

/* Returns the bytes of content that fit one record in a datagram of mtu bytes, or of the current MTU. */
size_t output_room(const conn_t *conn, const epoch_t *epoch, size_t mtu);
size_t output_max_payload(const conn_t *conn, const epoch_t *epoch);

#endif
