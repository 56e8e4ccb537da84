/*
 * conn.h - an association: its creation, its phases, its end, and its events.
 */
#ifndef CONN_H
#define CONN_H

#include "conn/state.h"

/* Returns a new association, which begins its handshake. NULL: memory is short. */
conn_t *conn_new(dtls_peer_t *peer, bool client);
/* Client: ends a handshake without an event, and returns a new association in its place, which has the same time limit
 * and continues its counters. NULL: memory is short, and nothing has ended. */
conn_t *conn_start_over(conn_t *old);
/* Wipes and frees the associations that have ended. No caller may use one afterwards. */
void conn_free_ended(dtls_context_t *ctx);

/* Ends the association, reports this event (0: none), and detaches the association from its peer.
 * The memory is freed when the outermost call into the library returns. */
void conn_end(conn_t *conn, unsigned event);
/* Ends the association as conn_end() does, with an error to report to the application. Sends no
 * alert. */
void conn_end_for(conn_t *conn, dtls_error_t error, unsigned event);
/* Ends the association as conn_end_for() does, and sends close_notify. */
void conn_close_for(conn_t *conn, dtls_error_t error, unsigned event);
/* Ends the association with this fatal alert and without an event. */
void conn_abort(conn_t *conn, dtls_alert_t alert);
/* The two steps of conn_end(), for a caller that sends an alert between them. Callbacks that run in
 * between see that the association has ended. If the association had ended before, conn_begin_end()
 * returns false, and conn_finish_end() must not be called. */
bool conn_begin_end(conn_t *conn);
void conn_finish_end(conn_t *conn, unsigned event);
/* Lets an association that is ending fire no event for its end. Call this from a callback that runs
 * before conn_finish_end(). */
void conn_end_in_silence(conn_t *conn);
/* If a peer has a candidate (a new handshake from its address), makes the candidate the association
 * of a new peer at the address `old`. Call this when the peer has moved away from `old`. */
void conn_separate_candidate(dtls_peer_t *moved, const session_t *old);
/* Changes the phase to connected, and frees the state of the handshake. Call this when the
 * handshake is complete. */
void conn_connected(conn_t *conn);
/* Changes the phase to closing: from now on dtls_write() fails. Call this before our close_notify
 * is sent. */
void conn_closing(conn_t *conn);
/* Sets info.alert_received. Call this when an authenticated close_notify of the peer has
 * arrived. */
void conn_received_close(conn_t *conn);
/* Client: makes the handshake fail in `ms` milliseconds, or in `silent_ms` milliseconds if no
 * record of the server has arrived by then. */
void conn_limit_handshake(conn_t *conn, uint32_t silent_ms, uint32_t ms);
/* Removes the deadline of the handshake. Call this when the peer has acknowledged the last flight
 * of the handshake. */
void conn_handshake_acked(conn_t *conn);
/* Ends the association with this error, and sends the alert for the error, unless alert_sent is
 * true. */
void conn_fail_by(conn_t *conn, dtls_error_t error, bool alert_sent);
static inline void conn_fail(conn_t *conn, dtls_error_t error)
{
    conn_fail_by(conn, error, false);
}
/* Ends the association because of the peer's alert, which failure describes. Sends no alert. */
void conn_fail_by_alert(conn_t *conn, const failure_t *failure);
/* Wipes and frees the state of the handshake, if there is any. */
void conn_end_handshake(conn_t *conn);
/* Cancels a handshake: sends user_canceled and close_notify. */
void conn_cancel(conn_t *conn);
/* Client: returns whether the server has received a message from which it can tell that its key
 * differs from ours. */
dtls_proof_t conn_proof(const conn_t *conn);
/* Reports an event or an alert to the application. Does nothing for a candidate (a new handshake
 * from the address of a connected peer), of which the application does not know. */
void conn_event(conn_t *conn, unsigned level, unsigned code);

/* Starts a post-handshake flight of at most capacity bytes. Returns NULL if no memory is left. */
flight_t *conn_start_post(conn_t *conn, post_t which, size_t capacity);
/* Ends the post-handshake flight of this kind, if it is under way. */
void conn_end_post(conn_t *conn, post_t which);
/* These two allocate and free the state of DTLS 1.3. conn_start13() returns false if no memory is
 * left. */
bool conn_start13(conn_t *conn);
void conn_end13(conn_t *conn);

#endif
