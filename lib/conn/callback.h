/* callback.h - which peer a callback concerns: dtls_callback_peer(). */
#ifndef CALLBACK_H
#define CALLBACK_H

#include "conn/state.h"

/* Call this before a callback. peer: the peer that the callback concerns; NULL: it concerns none.
 * Returns the argument of callback_end(). */
static inline dtls_peer_t *callback_begin(dtls_context_t *ctx, dtls_peer_t *peer)
{
    dtls_peer_t *outer = ctx->calling;
    ctx->calling = peer;
    return outer;
}

/* Call this after the callback. If the library was called from inside another callback, this
 * restores the peer of that callback. */
static inline void callback_end(dtls_context_t *ctx, dtls_peer_t *outer)
{
    ctx->calling = outer;
}

#endif
