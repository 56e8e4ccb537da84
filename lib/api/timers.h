/*
 * timers.h - the deadlines of an association, and what is done when they expire.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include "conn/state.h"

/* Returns the next deadline of an association. NEVER: none. */
dtls_tick_t timers_deadline(conn_t *conn);
/* Returns the earlier of next and the next deadline of this peer. */
dtls_tick_t timers_peer_deadline(const dtls_peer_t *peer, dtls_tick_t next);
/* Call this after anything that may have set a timer of this peer: updates ctx->due_at. peer may be NULL. */
void timers_plan(const dtls_peer_t *peer);
/* Does what is due at this time. */
void timers_run(conn_t *conn, dtls_tick_t now);

#endif
