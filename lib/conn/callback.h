/* callback.h - which peer a callback concerns: dtls_callback_peer(). */
#ifndef CALLBACK_H
#define CALLBACK_H

#include "conn/state.h"

/* Stores the peer that the callback to be called concerns. peer: may be NULL. Returns what to pass to
 * callback_end() after the callback. */
static inline dtls_peer_t *callback_begin(dtls_context_t *ctx, dtls_peer_t *peer)
{
    dtls_peer_t *outer = ctx->calling;
    ctx->calling = peer;
    return outer;
}

/* Restores the peer of the callback from inside which the library was called. */
static inline void callback_end(dtls_context_t *ctx, dtls_peer_t *outer)
{
    ctx->calling = outer;
}

#endif
