/*
 * heartbeat.h - HeartbeatRequest and HeartbeatResponse, RFC 6520. They show
 * that the peer is alive and that it has delivered earlier data. The payload length is checked first.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include "conn/state.h"
#include "message/ext.h"

/* Reads from the peer's hello whether we may send requests. */
void heartbeat_agree(conn_t *conn, const extensions_t *theirs);

/* Processes a heartbeat record. */
void heartbeat_record(conn_t *conn, const record_t *record);
/* Sends a request and repeats it until the response arrives. DTLS_ERR_STATE: the peer does not allow
 * requests, or one is pending. */
dtls_error_t heartbeat_request(conn_t *conn, const uint8_t *payload, size_t length);
/* Sends a request padded to a datagram of mtu bytes. Gives up after a few repeats. */
dtls_error_t heartbeat_probe(conn_t *conn, size_t mtu);
/* Sends one request with this payload to another address. The peer responds at once. */
void heartbeat_challenge(conn_t *conn, const session_t *to, const uint8_t *payload, size_t length);
size_t heartbeat_challenge_size(size_t length);
/* Whether this is a HeartbeatResponse with that payload. */
bool heartbeat_is_response(const record_t *record, const uint8_t *payload, size_t length);
/* Sends one request, to see whether the peer is alive, unless another request is pending. */
void heartbeat_ping(conn_t *conn);
void heartbeat_run(conn_t *conn, dtls_tick_t now);
/* hold: hold responses to the peer's requests. Otherwise: send the response that is held. */
dtls_error_t heartbeat_hold(conn_t *conn, bool hold);

#endif
