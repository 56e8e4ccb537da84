/* output.h - sending: puts messages and data into records, records into datagrams, and passes the
 * datagrams to the write callback. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "conn/datagram.h"

/* Sends the unacknowledged parts of a flight in as few datagrams as the MTU allows. repeat: why the
 * flight is sent again. timer_ms: the duration of the timer that has expired; 0: no timer has.
 * Returns DTLS_ERR_NONE, or the error of sending. */
dtls_error_t output_flight(conn_t *conn, flight_t *flight, dtls_repeat_t repeat, uint32_t timer_ms);

/* Call this when a flight is acknowledged. Lowers the MTU if the peer responded only after the
 * flight was sent in shorter datagrams. */
void output_flight_arrived(conn_t *conn, const flight_t *flight);

/* Sends one record in a datagram of its own. to: the destination, which may differ from the
 * address of the peer. */
void output_to(conn_t *conn, const session_t *to, uint8_t content_type, const uint8_t *content,
               size_t length);

size_t output_ack_room(const conn_t *conn); /* returns how many record numbers fit an ACK */
void output_ack(conn_t *conn, const record_number_t *numbers, size_t count);

/* Sends an alert in a datagram of its own, protected by the keys of conn->send_epoch. */
void output_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert);
/* Sends an unprotected alert, for a peer that does not have our keys. */
void output_plain_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert);

/* Sends the `count` buffers, together `total` bytes, as one record of application data. Returns
 * DTLS_ERR_WRITE if the write callback failed, DTLS_ERR_KEY_LIMIT, DTLS_ERR_MEMORY or
 * DTLS_ERR_CRYPTO. */
dtls_error_t output_data(conn_t *conn, epoch_t *epoch, uint8_t *const data[], const size_t length[],
                         size_t count, size_t total);

/* These two send one record in epoch 0 to an address without an association: a whole handshake
 * message, or a fatal alert. sequence: the sequence number of the record. */
void output_stateless(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                      const uint8_t *message, size_t length);

void output_stateless_alert(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                            dtls_alert_t alert);

/* Returns the length of the longest datagram that may be sent. */
size_t output_mtu(const conn_t *conn);
/* These two return how many bytes of content fit a record that fills a datagram. For output_room()
 * the datagram has mtu bytes, for output_max_payload() it has the length of the current MTU. */
size_t output_room(const conn_t *conn, const epoch_t *epoch, size_t mtu);
size_t output_max_payload(const conn_t *conn, const epoch_t *epoch);

#endif
