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

static int ask_identity(conn_t *conn, uint8_t *room)
{
    dtls_context_t *ctx = conn->ctx;
    if (!ctx->handler.get_psk_info)
        return -1;
    return ctx->handler.get_psk_info(ctx, &conn->peer->session, DTLS_PSK_IDENTITY, conn->hs->hint,
                                     conn->hs->hint_length, room, DTLS_MAX_IDENTITY);
}

dtls_error_t psk_get_identity(conn_t *conn)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    uint8_t *room = output_take_buffer(conn->ctx);
    if (!room)
        return DTLS_ERR_MEMORY;
    dtls_error_t error = DTLS_ERR_NO_CREDENTIALS;
    int length = ask_identity(conn, room);
    if (length >= 0 && length <= DTLS_MAX_IDENTITY && conn->phase == PHASE_HANDSHAKE) {
        alloc_wipe(alloc, conn->identity, conn->identity_length);
        conn->identity = alloc_zeroed(alloc, (size_t)length + 1);
        conn->identity_length = conn->identity ? (size_t)length : 0;
        error = conn->identity ? DTLS_ERR_NONE : DTLS_ERR_MEMORY;
    }
    if (!error)
        memcpy(conn->identity, room, (size_t)length);
    output_give_buffer(conn->ctx, room);
    return error;
}
