/*
 * conn.h - one association from birth to end: its timers, its doubts, its events.
 */
#ifndef CONN_H
#define CONN_H

#include "conn/state.h"

conn_t *conn_new(dtls_peer_t *peer, bool client); /* in its handshake; NULL: no memory */
void conn_free(conn_t *conn);

/* Ends it with this event (0: in silence) and takes it out of its peer; it is freed once no call
 * into the library can still be using it. */
void conn_end(conn_t *conn, unsigned event);
/* The same for a reason that is no alert. */
void conn_end_for(conn_t *conn, dtls_error_t error, unsigned event);
/* The same in two steps, for something to be sent between them: callbacks run then, and must find it
 * ended already. False: it was ended before, and there is no second step. */
bool conn_begin_end(conn_t *conn);
void conn_finish_end(conn_t *conn, unsigned event);
/* The peer has moved: who shakes hands at its old address has that to itself. */
void conn_stay_behind(dtls_peer_t *moved, const session_t *old);
/* Ends it for this reason, telling the peer by the alert that belongs to it. */
void conn_fail(conn_t *conn, dtls_error_t error);
/* The same; told: the peer has had the alert already. */
void conn_fail_by(conn_t *conn, dtls_error_t error, bool told);
/* Ends it by an alert of the peer, which is not answered by one. */
void conn_fail_by_alert(conn_t *conn, const failure_t *failure);
/* Wipes what only a handshake needs. */
void conn_end_handshake(conn_t *conn);
/* Ends a handshake: user_canceled and close_notify. */
void conn_cancel(conn_t *conn);
/* What has shown so far that the peer has judged our key. */
dtls_proof_t conn_proof(const conn_t *conn);
void conn_event(conn_t *conn, unsigned level, unsigned code);

void conn_end_post(conn_t *conn, post_t which);
/* What only DTLS 1.3 needs, once it is offered or chosen, and until it is not. False: no memory. */
bool conn_start13(conn_t *conn);
void conn_end13(conn_t *conn);

#endif
