/* enter.h - what each call of dtls.h begins and ends with. Calls can be nested, because the
 * application may make them from inside its callbacks. */
#ifndef ENTER_H
#define ENTER_H

#include "conn/state.h"

/* A call that may change an association begins with enter() and ends with leave(). The outermost
 * leave() processes queued datagrams and expired timers. Then it frees the associations and peers
 * that have ended. */
void enter(dtls_context_t *ctx);
void leave(dtls_context_t *ctx);
/* Ends a call as leave() does. Call this instead of leave() if the call may have set a timer of
 * this peer. If the peer has ended during the call, it is freed here. peer: may be NULL. */
void leave_for(dtls_context_t *ctx, dtls_peer_t *peer);
/* Queues a datagram that the application passes in from inside a write callback: if the datagram
 * were processed at once, the flight that is being written could end. Discards the datagram if the
 * queue is full or memory is short. */
void enter_deferred(dtls_context_t *ctx, const session_t *session, const uint8_t *datagram,
                    size_t length);
/* Calls visit() for each peer. If visit() adds or removes a peer, some peers are visited again, so
 * visit() must tolerate a second call for the same peer. An added peer may be left out. */
void each_peer(dtls_context_t *ctx, void (*visit)(dtls_peer_t *peer, void *data), void *data);
/* Ends the associations of a peer without an event. If the peer is connected, sends
 * close_notify. */
void end_peer(dtls_peer_t *peer, void *data);

#endif
