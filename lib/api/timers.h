/*
 * timers.h - when an association has something to do, and doing it.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include "conn/state.h"

/* Its next deadline; NEVER: none. */
dtls_tick_t timers_deadline(conn_t *conn);
/* The earlier of next and the next deadline of this peer. */
dtls_tick_t timers_peer_deadline(const dtls_peer_t *peer, dtls_tick_t next);
/* After anything that may have set a timer of this peer: the context wakes up in time. NULL: no peer. */
void timers_plan(const dtls_peer_t *peer);
void timers_run(conn_t *conn, dtls_tick_t now);

#endif
