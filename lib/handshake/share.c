#include "handshake/share.h"

#include "base/wipe.h"
#include "conn/negotiated.h"

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
    uint8_t private_key[DH_MAX_PRIVATE];
    share_end(conn);
    share->group = group;
    if (random_of(conn->ctx, private_key, dh_private_length(group->alg)))
        share->dh = dh_new(group->alg, private_key);
    wipe(private_key, sizeof private_key);
    return share->dh ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

dtls_error_t share_make_in_field(conn_t *conn, reader_t prime, reader_t generator)
{
    share_t *share = &conn->hs->share;
    uint8_t private_key[DH_MAX_PRIVATE];
    share_end(conn);
    if (!random_of(conn->ctx, private_key, sizeof private_key))
        return DTLS_ERR_CRYPTO;
    share->dh = dh_new_in_field((bytes_t){prime.at, reader_left(&prime)},
                                (bytes_t){generator.at, reader_left(&generator)}, private_key);
    wipe(private_key, sizeof private_key);
    if (!share->dh)
        return DTLS_ERR_INSUFFICIENT_SECURITY;
    share->group = group_by_alg(dh_alg(share->dh));
    return DTLS_ERR_NONE;
}

dtls_error_t share_derive(conn_t *conn, reader_t peer)
{
    const share_t *share = &conn->hs->share;
    if (!dh_derive(share->dh, peer.at, reader_left(&peer)))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    negotiated_group(conn, share->group);
    return DTLS_ERR_NONE;
}

void share_end(conn_t *conn)
{
    dh_free(conn->hs->share.dh);
    conn->hs->share = (share_t){.dh = NULL};
}
