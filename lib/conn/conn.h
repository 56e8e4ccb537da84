/*
 * conn.h - an association: its creation, its phases, its end, and its events.
 */
#ifndef CONN_H
#define CONN_H

#include "conn/state.h"

/* Returns a new association whose handshake begins. NULL: no memory. */
conn_t *conn_new(dtls_peer_t *peer, bool client);
/* Wipes and frees an association that has ended. */
void conn_free(conn_t *conn);

/* Ends the association, reports this event (0: none), and detaches the association from its peer.
 * The memory is freed when the outermost call into the library returns. */
void conn_end(conn_t *conn, unsigned event);
/* Like conn_end(), and stores an error for which no alert is sent. */
void conn_end_for(conn_t *conn, dtls_error_t error, unsigned event);
/* Like conn_end_for(), and sends close_notify. */
void conn_close_for(conn_t *conn, dtls_error_t error, unsigned event);
/* Ends the association with this fatal alert and without an event. */
void conn_abort(conn_t *conn, dtls_alert_t alert);
/* The two steps of conn_end(), for a caller that sends an alert between the steps. Callbacks that
 * run in between see that the association has ended. If the association had ended before,
 * conn_begin_end() returns false, and conn_finish_end() must not be called. */
bool conn_begin_end(conn_t *conn);
void conn_finish_end(conn_t *conn, unsigned event);
/* Call this when a peer has moved away from the address `old`. If the peer has a candidate, the
 * candidate becomes the association of a new peer at `old`. */
void conn_separate_candidate(dtls_peer_t *moved, const session_t *old);
/* Call this when the handshake is complete: the association is connected, and the state of the
 * handshake is freed. */
void conn_connected(conn_t *conn);
/* Call this when we close: application data must not be sent any more. */
void conn_closing(conn_t *conn);
/* Call this when an authenticated close_notify of the peer has arrived. */
void conn_received_close(conn_t *conn);
/* Client: the handshake fails `ms` milliseconds from now. It fails `silent_ms` milliseconds from
 * now if no record of the server has arrived by then. */
void conn_limit_handshake(conn_t *conn, uint32_t silent_ms, uint32_t ms);
/* Call this when the peer has acknowledged the last flight of the handshake: the deadline of the
 * handshake is removed. */
void conn_handshake_acked(conn_t *conn);
/* Server: call this when the client has shown that it receives at its address. */
void conn_address_validated(conn_t *conn);
/* Ends the association with this error and sends the matching alert. */
void conn_fail(conn_t *conn, dtls_error_t error);
/* Like conn_fail(), but sends no alert if alert_sent is true. */
void conn_fail_by(conn_t *conn, dtls_error_t error, bool alert_sent);
/* Ends the association because of the peer's alert. Sends no alert. */
void conn_fail_by_alert(conn_t *conn, const failure_t *failure);
/* Wipes and frees the state of the handshake, if there is any. */
void conn_end_handshake(conn_t *conn);
/* Cancels a handshake: sends user_canceled and close_notify. */
void conn_cancel(conn_t *conn);
/* Client: returns what the server has received so far that proves our key. */
dtls_proof_t conn_proof(const conn_t *conn);
/* Reports an event or an alert to the application. A candidate, which the application does not
 * know, has no events. */
void conn_event(conn_t *conn, unsigned level, unsigned code);

/* Starts a post-handshake flight of at most capacity bytes. Returns NULL if no memory is left. */
flight_t *conn_start_post(conn_t *conn, post_t which, size_t capacity);
/* Ends this flight, if it is under way. */
void conn_end_post(conn_t *conn, post_t which);
/* Allocate and free the state of DTLS 1.3. conn_start13() returns false if no memory is left. */
bool conn_start13(conn_t *conn);
void conn_end13(conn_t *conn);

#endif
