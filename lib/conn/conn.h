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
/* The same in two steps, for something to be sent between them: callbacks run then, and must find it
 * ended already. False: it was ended before, and there is no second step. */
bool conn_begin_end(conn_t *conn);
void conn_finish_end(conn_t *conn, unsigned event);
/* The peer has moved: who shakes hands at its old address has that to itself. */
void conn_stay_behind(dtls_peer_t *moved, const session_t *old);
/* Ends it for this reason, telling the peer by the alert that belongs to it. */
void conn_fail(conn_t *conn, dtls_error_t error);
/* A failure that anybody could have forged: believed after config.alert_grace_ms without progress
 * of the handshake. */
void conn_doubt(conn_t *conn, failure_t failure);
/* Is that the random of a client handshake of this context that is under way? */
bool conn_is_own_call(const dtls_context_t *ctx, const uint8_t *client_random);
/* The handshake is complete. */
void conn_connected(conn_t *conn);
/* Ends a handshake: user_canceled and close_notify. */
void conn_cancel(conn_t *conn);
void conn_event(conn_t *conn, unsigned level, unsigned code);

void conn_believe(conn_t *conn, const failure_t *failure);
void conn_end_post(conn_t *conn, post_t which);
/* What only DTLS 1.3 needs, once it is offered or chosen, and until it is not. False: no memory. */
bool conn_start13(conn_t *conn);
void conn_end13(conn_t *conn);

/* An empty epoch for that number; what was in its slot is ended. NULL: no memory. */
epoch_t *conn_new_read_epoch(conn_t *conn, uint64_t number);
epoch_t *conn_new_write_epoch(conn_t *conn, uint64_t number);
void conn_end_read_epoch(conn_t *conn, uint64_t number);
void conn_end_write_epoch(conn_t *conn, uint64_t number);
/* From now on the read keys before the newest are kept for twice the maximum segment lifetime: for late
 * records, and for a peer that has missed our ACK (RFC 9147 section 5.8.1). */
void conn_retain_epochs(conn_t *conn);
/* Wipes all read keys but the newest: what was kept for the sake of late or repeated records. */
void conn_retire_epochs(conn_t *conn);

/* ---- evict.c ---- */

/* Beyond config.max_peers another client ends: of the identity that has the most, the one that has been
 * silent longest. */
void conn_make_way(conn_t *newcomer);

/* ---- timers.c: what happened, for the timers to draw their conclusions from ---- */

dtls_error_t conn_send_flight(conn_t *conn, flight_t *flight); /* new, and wants an answer */
/* Client: the hello without the cookie that may be forged, as well. */
void conn_repeat_first(conn_t *conn, uint32_t timer_ms);
void conn_set_timer(conn_t *conn, uint32_t timer_ms); /* of the flight that was just sent */
void conn_message_accepted(conn_t *conn);             /* a handshake message moved the state on */
/* Something of the peer's next flight is here, protected: in 1.3 that acknowledges all of ours (RFC 9147
 * section 7.2), and the rest is for the peer to repeat. */
void conn_answered(conn_t *conn, uint64_t epoch);
void conn_measured(conn_t *conn, dtls_tick_t sent_at);
/* A plaintext record with that digest has been processed. */
void conn_note_record(conn_t *conn, uint64_t digest);
/* The peer has sent its flight again, in a record with that digest. */
void conn_peer_repeated(conn_t *conn, uint64_t digest);

uint32_t conn_first_timer(const conn_t *conn);
/* The first timer has changed: those that run change in proportion. */
void conn_rescale_timers(conn_t *conn, uint32_t from_ms, uint32_t to_ms);
dtls_tick_t conn_deadline(conn_t *conn); /* NEVER: nothing is planned */
/* The earlier of that and of what this peer has planned. */
dtls_tick_t peer_deadline(const dtls_peer_t *peer, dtls_tick_t next);
/* Has the timers of a peer run in time: after everything that may have set one. NULL: there is none. */
void peer_plan(const dtls_peer_t *peer);
void conn_run_timers(conn_t *conn, dtls_tick_t now);

#endif
