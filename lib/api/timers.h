/*
 * timers.h - the deadlines of the associations, and what happens when one expires. The heap of the
 * context finds the earliest deadline, so no call looks at all peers. Retransmission is in
 * conn/retransmit.h.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include "conn/state.h"

/* Returns the time of the next deadline of a peer, from the state of its associations. NEVER: the
 * peer has no deadline. */
dtls_tick_t timers_deadline(const dtls_peer_t *peer);
/* Moves the peer forward in the heap of timers if its deadline is earlier than its key in the heap.
 * Call this after anything that may have set a timer of this peer. A deadline may become later
 * without a call. Then the key is too early, and is corrected when the peer is the first of the
 * heap. peer: may be NULL. */
void timers_plan(dtls_peer_t *peer);
/* Runs those timers of all peers that have expired at the time `now`. */
void timers_run(dtls_context_t *ctx, dtls_tick_t now);
/* Returns the earliest deadline of all peers. NEVER: no timer runs. */
dtls_tick_t timers_next(dtls_context_t *ctx);

#endif
