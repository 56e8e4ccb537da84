/*
 * timers.h - the deadlines of an association, and what happens when one expires. Retransmission
 * is in conn/retransmit.h.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include "conn/state.h"

/* Returns the next deadline of an association. NEVER: there is none. */
dtls_tick_t timers_deadline(conn_t *conn);
/* Returns the next deadline of this peer, or `next` if that is earlier. */
dtls_tick_t timers_peer_deadline(const dtls_peer_t *peer, dtls_tick_t next);
/* Updates ctx->due_at, the time of the next timer. Call it after anything that may have set a timer
 * of this peer. peer: may be NULL. */
void timers_plan(const dtls_peer_t *peer);
/* Runs the timers of an association that have expired at this time. */
void timers_run(conn_t *conn, dtls_tick_t now);

#endif
