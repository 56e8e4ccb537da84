/*
 * enter.h - the calls into the library, which the application may make from callbacks as well.
 */
#ifndef ENTER_H
#define ENTER_H

#include "conn/state.h"

/* Each call into the library is between these two. When the outermost call leaves, timers that are due run,
 * then the associations and peers that have ended are freed. */
void enter(dtls_context_t *ctx);
void leave(dtls_context_t *ctx);
/* Like leave(), for a call that may have set a timer of this peer. */
void leave_for(dtls_context_t *ctx, const session_t *session);
void run_timers(dtls_context_t *ctx, dtls_tick_t now);
dtls_tick_t next_deadline(dtls_context_t *ctx);
/* Queues a datagram that arrives inside a write callback: it could end the flight that is being written.
 * If the queue is full or there is not enough memory, the datagram is lost. */
void enter_deferred(dtls_context_t *ctx, const session_t *session, const uint8_t *datagram,
                    size_t length);
/* Calls visit for every peer. A visit may add and remove peers. Then the walk starts again, so a second
 * visit must have nothing left to do. */
void each_peer(dtls_context_t *ctx, void (*visit)(dtls_peer_t *peer, void *data), void *data);
/* Ends the associations of a peer: sends close_notify if connected, and calls no event. */
void end_peer(dtls_peer_t *peer, void *data);

#endif
