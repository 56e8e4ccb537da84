/*
 * The calls of dtls.h that concern a peer and the application's pointer to it.
 */
#include "api/enter.h"
#include "conn/peers.h"

dtls_peer_t *dtls_get_peer(const dtls_context_t *ctx, const session_t *session)
{
    return ctx && session ? peers_find(ctx, session) : NULL;
}

dtls_peer_t *dtls_callback_peer(const dtls_context_t *ctx)
{
    return ctx ? ctx->calling : NULL;
}

const session_t *dtls_peer_session(const dtls_peer_t *peer)
{
    return peer ? &peer->session : NULL;
}

void dtls_set_peer_data(dtls_peer_t *peer, void *data)
{
    if (peer)
        peer->data = data;
}

void *dtls_get_peer_data(const dtls_peer_t *peer)
{
    return peer ? peer->data : NULL;
}

void dtls_reset_peer(dtls_context_t *ctx, dtls_peer_t *peer)
{
    if (!ctx || !peer)
        return;
    enter(ctx);
    end_peer(peer, NULL);
    leave(ctx);
}
