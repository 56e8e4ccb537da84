#include "share.h"

bool share_group_is_ours(const dtls_context_t *ctx, uint16_t group)
{
    for (size_t i = 0; i < ctx->group_count; i++)
        if (ctx->groups[i] == group)
            return true;
    return false;
}

dtls_error_t share_make(conn_t *conn, const group_t *group)
{
    share_t *share = &conn->hs->share;
    uint8_t private_key[DH_PRIVATE];
    dh_free(share->dh);
    share->dh = NULL;
    share->group = group;
    if (random_of(conn->ctx, private_key, sizeof private_key))
        share->dh = dh_new(group->alg, private_key, share->public_key);
    crypto_wipe(private_key, sizeof private_key);
    return share->dh ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

size_t share_length(const share_t *share)
{
    return share->dh ? dh_public_length(share->group->alg) : 0;
}

dtls_error_t share_derive(conn_t *conn, reader_t peer)
{
    share_t *share = &conn->hs->share;
    if (!dh_derive(share->dh, peer.at, reader_left(&peer), share->secret))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    conn->group = share->group->id;
    return DTLS_ERR_NONE;
}
