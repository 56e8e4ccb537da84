#include "conn/peers.h"
#include "conn/rules.h"

#include <string.h>

#define EXPORT_MAX 4096

/* Returns true for a label that the handshake itself uses. With such a label nothing may be
 * exported (RFC 5705 section 4, RFC 7627 section 4). */
static bool is_reserved(const char *label)
{
    static const char *const reserved[] = {"client finished", "server finished", "master secret",
                                           "extended master secret", "key expansion"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(label, reserved[i]) == 0)
            return true;
    return false;
}

static bool export_from(const conn_t *conn, const char *label, const uint8_t *context,
                        size_t context_length, uint8_t *out, size_t length)
{
    const crypto_t *crypto = conn->ctx->crypto;
    hash_alg_t hash = conn->negotiated.suite->hash;
    if (conn->exporter12)
        return kdf12_export(crypto, hash, conn->exporter12->master, &conn->exporter12->randoms,
                            label, context, context_length, out, length);
    return kdf13_export(crypto, hash, conn->v13->exporter, label, context, context_length, out,
                        length);
}

static bool may_export(const conn_t *conn)
{
    return conn && conn->phase == PHASE_CONNECTED && (rules_of(conn)->acks || conn->exporter12);
}

int dtls_export(dtls_context_t *ctx, const session_t *session, const char *label,
                const uint8_t *context, size_t context_length, uint8_t *out, size_t length)
{
    if (!ctx || !session || !label || !out)
        return -DTLS_ERR_ARGUMENT;
    const dtls_peer_t *peer = peers_find(ctx, session);
    const conn_t *conn = peer ? peer->conn : NULL;
    if (!context)
        context_length = 0;
    if (is_reserved(label) || strlen(label) > EXPORT_LABEL_MAX || length > EXPORT_MAX ||
        context_length > EXPORT_CONTEXT_MAX)
        return -DTLS_ERR_ARGUMENT;
    if (!may_export(conn))
        return -DTLS_ERR_STATE;
    bool ok = export_from(conn, label, context, context_length, out, length);
    crypto_wipe_keys(ctx->crypto);
    return ok ? 0 : -DTLS_ERR_CRYPTO;
}
