/*
 * enter.h - calls into the library, which may come from its own callbacks.
 */
#ifndef ENTER_H
#define ENTER_H

#include "conn/state.h"

/* What ends during a call is freed when the outermost one returns, after timers that are due have run. */
void enter(dtls_context_t *ctx);
void leave(dtls_context_t *ctx);
/* A call that may have planned something for that peer. */
void leave_for(dtls_context_t *ctx, const session_t *session);
void run_timers(dtls_context_t *ctx, dtls_tick_t now);
dtls_tick_t next_deadline(dtls_context_t *ctx);
/* What arrives while a flight is being written could end that flight, so it waits. */
void enter_later(dtls_context_t *ctx, const session_t *session, const uint8_t *datagram,
                 size_t length);
/* Visits every peer. A visit may end any peer or start one; then the walk begins anew, so a visit
 * must be idle the second time. */
void each_peer(dtls_context_t *ctx, void (*visit)(dtls_peer_t *peer, void *data), void *data);
/* Ends its associations with a close_notify, and without an event. */
void end_peer(dtls_peer_t *peer, void *data);

#endif
