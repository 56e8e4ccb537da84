/* heartbeat.h - HeartbeatRequest and HeartbeatResponse (RFC 6520). A response shows that the peer
 * is alive. A peer may hold its responses until its application has read all data received before
 * the request. Then a response also shows that this data was delivered. */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include "conn/state.h"
#include "message/ext.h"

/* Stores from the peer's hello whether the peer supports heartbeats. */
void heartbeat_agree(conn_t *conn, const extensions_t *theirs);

/* Handles a heartbeat record. */
void heartbeat_record(conn_t *conn, const record_t *record);
/* Sends a HeartbeatRequest with this payload, and resends it until the response arrives. If an
 * earlier request has no response yet, replaces that request. Returns DTLS_ERR_STATE if the peer
 * does not accept requests or heartbeat_probe() is in progress, DTLS_ERR_TOO_LONG, DTLS_ERR_MEMORY
 * or DTLS_ERR_CRYPTO. */
dtls_error_t heartbeat_request(conn_t *conn, const uint8_t *payload, size_t length);
/* Sends a HeartbeatRequest with this payload once. Its padding makes the peer respond at once.
 * Returns DTLS_ERR_STATE if the peer does not accept requests, DTLS_ERR_TOO_LONG or
 * DTLS_ERR_CRYPTO. */
dtls_error_t heartbeat_send(conn_t *conn, const uint8_t *payload, size_t length);
/* Returns the error that heartbeat_send() would return for a payload of this length. */
dtls_error_t heartbeat_may_send(const conn_t *conn, size_t length);
/* Writes the message that heartbeat_send() sends, for a caller that sends it. Returns its length,
 * or 0 if config.random fails. */
size_t heartbeat_put(conn_t *conn, uint8_t *space, const uint8_t *payload, size_t length);
/* Sends a HeartbeatRequest that is padded to a datagram of mtu bytes, at most PROBES times. Fires
 * DTLS_EVENT_MTU when the response arrives, or when the last request has no response in time.
 * Returns the errors of heartbeat_request(). */
dtls_error_t heartbeat_probe(conn_t *conn, size_t mtu);
/* Sends one HeartbeatRequest with this payload to another address. Its padding makes the peer
 * respond at once. */
void heartbeat_challenge(conn_t *conn, const session_t *to, const uint8_t *payload, size_t length);
/* Returns the length of the message that heartbeat_send(), heartbeat_put() and
 * heartbeat_challenge() make of a payload of `length` bytes. */
size_t heartbeat_ping_size(size_t length);
/* Returns true if the record is a HeartbeatResponse with this payload. */
bool heartbeat_is_response(const record_t *record, const uint8_t *payload, size_t length);
/* Sends a HeartbeatRequest once, to see whether the peer is alive. Does nothing if another request
 * has no response yet. */
void heartbeat_ping(conn_t *conn);
/* Resends the request that has no response yet, if its timer has expired. Gives up a probe of the
 * MTU that was sent PROBES times. */
void heartbeat_run(conn_t *conn, dtls_tick_t now);
/* If hold is true, from now on stores the response to the peer's latest request instead of sending
 * it. If hold is false, sends the stored response, and from now on sends each response at once.
 * Returns the error of sending the stored response. */
dtls_error_t heartbeat_hold(conn_t *conn, bool hold);

#endif
