#include "handshake/psk.h"

#include "conn/output.h"

#include <string.h>

size_t psk_find_key(conn_t *conn, const uint8_t *identity, size_t length, uint8_t key[DTLS_MAX_PSK])
{
    dtls_context_t *ctx = conn->ctx;
    if (!ctx->handler.get_psk_info)
        return 0;
    int found = ctx->handler.get_psk_info(ctx, &conn->peer->session, DTLS_PSK_KEY, identity, length,
                                          key, DTLS_MAX_PSK);
    bool usable = found > 0 && found <= DTLS_MAX_PSK && conn->phase == PHASE_HANDSHAKE;
    return usable ? (size_t)found : 0;
}

size_t psk_get_key(conn_t *conn, uint8_t key[DTLS_MAX_PSK])
{
    return psk_find_key(conn, conn->identity, conn->identity_length, key);
}

size_t psk_get_hint(dtls_context_t *ctx, const session_t *session, uint8_t *room)
{
    if (!ctx->handler.get_psk_info)
        return 0;
    int length =
        ctx->handler.get_psk_info(ctx, session, DTLS_PSK_HINT, NULL, 0, room, DTLS_MAX_IDENTITY);
    return length > 0 && length <= DTLS_MAX_IDENTITY ? (size_t)length : 0;
}

void psk_clear_identity(conn_t *conn)
{
    alloc_wipe(&conn->ctx->alloc, conn->identity, conn->identity_length);
    conn->identity = NULL;
    conn->identity_length = 0;
}

dtls_error_t psk_set_identity(conn_t *conn, const uint8_t *identity, size_t length)
{
    psk_clear_identity(conn);
    conn->identity = alloc_zeroed(&conn->ctx->alloc, length + 1);
    if (!conn->identity)
        return DTLS_ERR_MEMORY;
    if (length > 0)
        memcpy(conn->identity, identity, length);
    conn->identity_length = length;
    return DTLS_ERR_NONE;
}

static int request_identity(conn_t *conn, uint8_t *room)
{
    dtls_context_t *ctx = conn->ctx;
    if (!ctx->handler.get_psk_info)
        return -1;
    return ctx->handler.get_psk_info(ctx, &conn->peer->session, DTLS_PSK_IDENTITY, conn->hs->hint,
                                     conn->hs->hint_length, room, DTLS_MAX_IDENTITY);
}

dtls_error_t psk_get_identity(conn_t *conn)
{
    uint8_t *room = datagram_get_buffer(conn->ctx);
    if (!room)
        return DTLS_ERR_MEMORY;
    dtls_error_t error = DTLS_ERR_NO_CREDENTIALS;
    int length = request_identity(conn, room);
    if (length >= 0 && length <= DTLS_MAX_IDENTITY && conn->phase == PHASE_HANDSHAKE)
        error = psk_set_identity(conn, room, (size_t)length);
    datagram_release_buffer(conn->ctx, room);
    return error;
}
