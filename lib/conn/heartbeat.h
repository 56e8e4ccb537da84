/*
 * heartbeat.h - HeartbeatRequest and HeartbeatResponse, RFC 6520: is the peer there, and has it handed on
 * what was sent before? The length that a peer claims is checked before anything else.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include "conn/state.h"
#include "message/ext.h"

/* The peer's hello says whether we may ask. */
void heartbeat_agree(conn_t *conn, const extensions_t *theirs);

/* A heartbeat record. */
void heartbeat_record(conn_t *conn, const record_t *record);
/* Sends a request, which is repeated until it is answered. */
dtls_error_t heartbeat_ask(conn_t *conn, const uint8_t *payload, size_t length);
/* The same, padded to a datagram of that size, and given up after some time. */
dtls_error_t heartbeat_probe(conn_t *conn, size_t mtu);
/* Sends a request with that payload to another address, once, which is answered at once. */
void heartbeat_challenge(conn_t *conn, const session_t *to, const uint8_t *payload, size_t length);
size_t heartbeat_challenge_size(size_t length);
/* Whether this is a HeartbeatResponse with that payload. */
bool heartbeat_answers(const record_t *record, const uint8_t *payload, size_t length);
/* Asks only for a sign of life, once, unless a request is under way anyway. */
void heartbeat_ping(conn_t *conn);
void heartbeat_run(conn_t *conn, dtls_tick_t now);
/* Requests wait for their answer from now on, or the latest that waits gets it. */
dtls_error_t heartbeat_hold(conn_t *conn, bool hold);

#endif
