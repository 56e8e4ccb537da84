#include "conn/pending.h"

#include <string.h>

/* ---- half-open server handshakes, oldest first ---- */

static void half_open_add(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    handshake_t *hs = conn->hs;
    hs->older = ctx->newest_half_open;
    *(hs->older ? &hs->older->hs->newer : &ctx->oldest_half_open) = conn;
    ctx->newest_half_open = conn;
    ctx->half_open++;
}

static void half_open_remove(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    handshake_t *hs = conn->hs;
    *(hs->older ? &hs->older->hs->newer : &ctx->oldest_half_open) = hs->newer;
    *(hs->newer ? &hs->newer->hs->older : &ctx->newest_half_open) = hs->older;
    hs->older = hs->newer = NULL;
    ctx->half_open--;
}

/* ---- client handshakes under way ---- */

static void outbound_add(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    handshake_t *hs = conn->hs;
    hs->older = ctx->newest_outbound;
    if (hs->older)
        hs->older->hs->newer = conn;
    ctx->newest_outbound = conn;
}

static void outbound_remove(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (hs->older)
        hs->older->hs->newer = hs->newer;
    *(hs->newer ? &hs->newer->hs->older : &conn->ctx->newest_outbound) = hs->older;
    hs->older = hs->newer = NULL;
}

bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random)
{
    for (const conn_t *conn = ctx->newest_outbound; conn; conn = conn->hs->older)
        if (memcmp(conn->hs->randoms.client, client_random, RANDOM_LENGTH) == 0)
            return true;
    return false;
}

void pending_add(conn_t *conn)
{
    if (conn->client)
        outbound_add(conn);
    else
        half_open_add(conn);
}

void pending_remove(conn_t *conn)
{
    if (conn->phase != PHASE_HANDSHAKE)
        return;
    if (conn->client)
        outbound_remove(conn);
    else
        half_open_remove(conn);
}
