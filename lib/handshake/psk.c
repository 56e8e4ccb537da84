#include "handshake/psk.h"

#include "base/wipe.h"
#include "conn/output.h"
#include "crypto/import.h"

#include <string.h>

static size_t request_key(conn_t *conn, const uint8_t *identity, size_t length,
                          uint8_t key[DTLS_MAX_PSK])
{
    dtls_context_t *ctx = conn->ctx;
    if (!ctx->handler.get_psk_info)
        return 0;
    int found = ctx->handler.get_psk_info(ctx, &conn->peer->session, DTLS_PSK_KEY, identity, length,
                                          key, DTLS_MAX_PSK);
    return found > 0 && found <= DTLS_MAX_PSK ? (size_t)found : 0;
}

/* The salt is a part of the client's random that no version sets to a time. If a client offers a
 * session, the salt is that of the session, so that the two tags can be compared. */
dtls_error_t psk_tag_key(conn_t *conn, reader_t identity, const uint8_t *key, size_t length)
{
    const keytag_t *session = &conn->hs->session_key;
    const uint8_t *salt = conn->hs->randoms.client + RANDOM_LENGTH - KEYTAG_SALT;
    if (session->known)
        salt = session->salt;
    bool ok = keytag_make(conn->ctx->crypto, salt, identity, key, length, &conn->key_tag);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

size_t psk_find_key(conn_t *conn, const uint8_t *identity, size_t length, uint8_t key[DTLS_MAX_PSK])
{
    size_t found = request_key(conn, identity, length, key);
    bool usable = found > 0 && conn->phase == PHASE_HANDSHAKE &&
                  !psk_tag_key(conn, reader(identity, length), key, found);
    return usable ? found : 0;
}

size_t psk_get_key(conn_t *conn, uint8_t key[DTLS_MAX_PSK])
{
    return psk_find_key(conn, conn->identity, conn->identity_length, key);
}

bool psk_is_imported(const conn_t *conn, reader_t imported, reader_t *external)
{
    const dtls_config_t *config = &conn->ctx->config;
    return take_imported_identity(imported, conn->negotiated.suite->hash, config->import_context,
                                  config->import_context_length, external);
}

bool psk_import(const conn_t *conn, reader_t imported, psk13_t *psk)
{
    hash_alg_t hash = conn->negotiated.suite->hash;
    if (!import_psk(conn->ctx->crypto, hash, imported, psk->key, psk->length))
        return false;
    psk->binder = SECRET_IMP_BINDER;
    psk->length = hash_length(hash);
    return true;
}

bool psk_use_random(conn_t *conn, reader_t *identity, psk13_t *psk)
{
    const bool import = conn->ctx->config.import_psk;
    reader_t imported = *identity, external;
    if (import && psk_is_imported(conn, imported, &external))
        *identity = external;
    return psk_tag_key(conn, *identity, psk->key, psk->length) == DTLS_ERR_NONE &&
           (!import || psk_import(conn, imported, psk));
}

/* Returns true if the application's key for the identity is the key of the tag. */
static bool has_same_key(conn_t *conn, reader_t identity, const keytag_t *tag)
{
    uint8_t key[DTLS_MAX_PSK];
    size_t found = request_key(conn, identity.at, reader_left(&identity), key);
    bool same = found > 0 && keytag_fits(conn->ctx->crypto, tag, identity, key, found);
    wipe(key, sizeof key);
    return same;
}

bool psk_find_same(conn_t *conn, reader_t identity, const keytag_t *tag)
{
    bool same = has_same_key(conn, identity, tag) && conn->phase == PHASE_HANDSHAKE;
    if (same)
        conn->key_tag = *tag;
    return same;
}

void psk_resume(conn_t *conn)
{
    conn->key_tag = conn->hs->session_key;
}

bool psk_has_session_key(const conn_t *conn)
{
    const keytag_t *session = &conn->hs->session_key;
    return session->known && conn->key_tag.known &&
           crypto_equal(session->mac, conn->key_tag.mac, KEYTAG_MAC);
}

bool psk_is_current(conn_t *conn)
{
    bool unknown = conn->hs && conn->hs->unknown_identity;
    return !conn->key_tag.known || unknown ||
           has_same_key(conn, reader(conn->identity, conn->identity_length), &conn->key_tag);
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
    conn->identity_length = (uint16_t)length;
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
