#include "handshake/hs13_client.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/epochs.h"
#include "conn/establish.h"
#include "conn/heartbeat.h"
#include "conn/negotiated.h"
#include "conn/retransmit.h"
#include "conn/rto.h"
#include "conn/sizes.h"
#include "crypto/import.h"
#include "handshake/client_offer.h"
#include "handshake/hs12.h"
#include "handshake/hs13.h"
#include "handshake/post_handshake.h"
#include "handshake/psk.h"
#include "handshake/resume.h"
#include "handshake/share.h"

#include <string.h>

static dtls_error_t receive_encrypted_extensions(conn_t *conn, reader_t *body,
                                                 const message_t *message);
static dtls_error_t client13_finish(conn_t *conn);

const hs_row_t hs13_client_rows[] = {
    {CLIENT_AFTER_HELLO, HANDSHAKE_ENCRYPTED_EXTENSIONS, EPOCH_HANDSHAKE, 0, 65536,
     receive_encrypted_extensions, NULL, CLIENT_WAIT_FINISHED},
    {CLIENT_WAIT_FINISHED, HANDSHAKE_FINISHED, EPOCH_HANDSHAKE, 0, HASH_MAX, hs13_receive_finished,
     client13_finish, STATE_CONNECTED},
    POST13_ROWS,
    {.receive = NULL},
};

/* ---- ClientHello ---- */

/* Returns the length of the external PSK's identity, which with import_psk is an
 * ImportedIdentity. */
static size_t identity_length(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    size_t own = conn->identity_length;
    return config->import_psk ? IMPORT_MAX(own, config->import_context_length) : own;
}

static dtls_error_t import(conn_t *conn, psk13_t *psk)
{
    const dtls_context_t *ctx = conn->ctx;
    hash_alg_t hash = psk_hash_of(ctx);
    writer_t w = writer(psk->identity, psk->identity_length);
    put_imported_identity(&w, hash, conn->identity, conn->identity_length,
                          ctx->config.import_context, ctx->config.import_context_length);
    reader_t imported = reader(psk->identity, psk->identity_length);
    bool ok = import_psk(ctx->crypto, hash, imported, psk->key, psk->length);
    psk->binder = SECRET_IMP_BINDER;
    psk->length = hash_length(hash);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

/* Offers the external PSK, after the PSK of the ticket: the server may not accept the ticket. */
static dtls_error_t add_external_psk(conn_t *conn)
{
    hs13_t *v13 = &conn->hs->v13;
    psk13_t *psk = &v13->psks[v13->psk_count];
    psk->binder = SECRET_EXT_BINDER;
    psk->length = psk_get_key(conn, psk->key);
    if (psk->length == 0 || conn->phase != PHASE_HANDSHAKE)
        return DTLS_ERR_NO_CREDENTIALS;
    psk->identity_length = identity_length(conn);
    psk->identity = alloc_zeroed(&conn->ctx->alloc, psk->identity_length);
    if (!psk->identity)
        return DTLS_ERR_MEMORY;
    v13->psk_count++;
    if (conn->ctx->config.import_psk)
        return import(conn, psk);
    memcpy(psk->identity, conn->identity, psk->identity_length);
    return DTLS_ERR_NONE;
}

bool hs13_client_leave_out(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (hs->v13.psk_count > 1)
        resume_drop_ticket(conn);
    else if (hs->offer.v12)
        client_offer_drop13(conn);
    else
        return false;
    return true;
}

dtls_error_t hs13_client_prepare(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    dtls_error_t error = psk_get_identity(conn);
    if (error)
        return error;
    /* DTLS 1.3 has no empty identity (RFC 8446 section 4.2.11), so only DTLS 1.2 can be offered. */
    if (conn->identity_length == 0) {
        client_offer_drop13(conn);
        return hs->offer.v12 ? DTLS_ERR_NONE : DTLS_ERR_NO_CREDENTIALS;
    }
    error = add_external_psk(conn);
    if (!error)
        resume_check_key(conn);
    if (!error && !conn_start13(conn))
        error = DTLS_ERR_MEMORY;
    early_offer(conn);
    if (!error && hs13_offers_dhe(conn->ctx))
        error = share_make(conn, group_by_id(conn->ctx->groups[0]));
    return error;
}

void hs13_client_params(const conn_t *conn, hello_params_t *params)
{
    static const uint16_t dhe[] = {PSK_DHE_KE}, ke[] = {PSK_KE};
    const hs13_t *v13 = &conn->hs->v13;
    const share_t *share = &conn->hs->share;
    bool has_share = share->dh != NULL;
    params->cookie13 = v13->cookie;
    params->cookie13_length = v13->cookie_length;
    params->modes = has_share ? dhe : ke;
    params->mode_count = 1;
    if (has_share) {
        params->share_group = share->group->id;
        params->share = dh_public(share->dh).bytes;
        params->share_length = dh_public(share->dh).length;
        /* In response to a HelloRetryRequest for another group, the list has one key share (RFC 8446
         * section 4.1.2). */
        params->grease_share = share->group->id == conn->ctx->groups[0];
    }
    params->early_data = conn->early.status == DTLS_EARLY_OFFERED;
    params->psk_count = v13->psk_count;
    for (size_t i = 0; i < v13->psk_count; i++)
        params->psks[i] =
            (psk_offer_t){v13->psks[i].identity, v13->psks[i].identity_length, v13->psks[i].age};
    params->binder_length = hash_length(psk_hash_of(conn->ctx));
}

size_t hs13_client_identities(const conn_t *conn)
{
    const hs13_t *v13 = &conn->hs->v13;
    size_t length = 0;
    for (size_t i = 0; i < v13->psk_count; i++)
        length += v13->psks[i].identity_length;
    return length;
}

/* Computes the binders from the last PSK to the first, because the handshake continues with the key
 * schedule of the first PSK. */
dtls_error_t hs13_client_bind(conn_t *conn, uint8_t *message, size_t length)
{
    const hs13_t *v13 = &conn->hs->v13;
    size_t binder = hash_length(psk_hash_of(conn->ctx));
    size_t truncated = length - BINDER_LIST_LENGTH(v13->psk_count, binder);
    uint8_t *out = message + length, hash[HASH_MAX];
    for (size_t i = v13->psk_count; i > 0; i--, out -= 1) {
        const psk13_t *psk = &v13->psks[i - 1];
        dtls_error_t error = hs13_start_schedule(conn, psk);
        out -= binder;
        if (!error && !hs13_binder(conn, psk, message, truncated, out))
            error = DTLS_ERR_CRYPTO;
        if (error)
            return error;
    }
    if (conn->early.status != DTLS_EARLY_OFFERED)
        return DTLS_ERR_NONE;
    bool ok = hs13_hash_hello(conn, message, length, hash);
    return ok ? hs13_enter_early(conn, v13->psks[0].suite, hash) : DTLS_ERR_CRYPTO;
}

void hs13_client_end_early(conn_t *conn)
{
    early_rejected(conn);
    epochs_end_write(conn, EPOCH_EARLY);
}

/* ---- HelloRetryRequest, RFC 8446 section 4.1.4 ---- */

static dtls_error_t check_common(const conn_t *conn, const server_hello_t *hello)
{
    if (!conn->hs->offer.v13)
        return DTLS_ERR_UNSUPPORTED_EXTENSION;
    if (hello->version != VERSION_DTLS12 || reader_left(&hello->session_id) > 0 ||
        hello->compression != COMPRESSION_NULL ||
        hello->extensions.selected_version != VERSION_DTLS13)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    const suite_t *suite = client_offer_suite(conn, VERSION_DTLS13, hello->suite);
    bool ok = suite && suite->hash == psk_hash_of(conn->ctx);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_ILLEGAL_PARAMETER;
}

static dtls_error_t check_retry(const conn_t *conn, const server_hello_t *hello)
{
    const hs13_t *v13 = &conn->hs->v13;
    const share_t *share = &conn->hs->share;
    const extensions_t *ext = &hello->extensions;
    dtls_error_t error = check_common(conn, hello);
    if (error)
        return error;
    if (v13->retried)
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    if (!(ext->seen & (EXT_COOKIE | EXT_KEY_SHARE)))
        return DTLS_ERR_ILLEGAL_PARAMETER; /* the next ClientHello would be the same */
    if (ext->seen & EXT_KEY_SHARE && (!share->dh || ext->share_group == share->group->id ||
                                      !share_group_is_ours(conn->ctx, ext->share_group)))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    return DTLS_ERR_NONE;
}

static bool store_cookie(conn_t *conn, reader_t cookie)
{
    hs13_t *v13 = &conn->hs->v13;
    size_t length = reader_left(&cookie);
    v13->cookie = alloc_zeroed(&conn->ctx->alloc, length);
    v13->cookie_length = v13->cookie ? length : 0;
    if (v13->cookie)
        memcpy(v13->cookie, take_bytes(&cookie, length), length);
    return v13->cookie != NULL;
}

/* Starts the transcript with the hash of ClientHello1 (RFC 8446 section 4.4.1), for which the hash
 * function is known only now, after the HelloRetryRequest. */
static dtls_error_t restart_transcript(conn_t *conn)
{
    transcript_t *transcript = &conn->hs->transcript;
    uint8_t hash[HASH_MAX];
    size_t length;
    const uint8_t *hello = flight_bytes(&conn->flight, 0, &length);
    bool ok = transcript_start(transcript, conn->ctx->crypto, conn->negotiated.suite->hash, true) &&
              transcript_add(transcript, hello, length) && transcript_hash(transcript, hash) &&
              transcript_restart(transcript, conn->ctx->crypto, hash);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

dtls_error_t hs13_receive_retry(conn_t *conn, reader_t *body, const message_t *message)
{
    hs13_t *v13 = &conn->hs->v13;
    server_hello_t hello;
    bool first = hs_may_respond_to_first(conn, message_seq(message));
    /* Ignore a second HelloRetryRequest: the server may have received several ClientHellos, and we
     * have already followed its response to one. */
    if (v13->retried && conn->hs->offer.cookies > 0)
        return HS_IGNORE;
    dtls_error_t error = server_hello_parse(body, conn->hs->offer.v13, &hello);
    if (!error)
        error = check_retry(conn, &hello);
    if (error)
        return error;
    /* A record number > 0 is a copy of the ClientHello's record number, as our own server sends it.
     * RFC 9147 does not require this: others start with 0 for any copy of the ClientHello. */
    if (message->sequence > 0)
        rto_measured_by_number(conn, message->sequence);
    client_offer_finalize(conn, first);
    negotiated_suite(conn, client_offer_suite(conn, VERSION_DTLS13, hello.suite));
    /* The second ClientHello must not offer early data (RFC 8446 section 4.1.2). */
    hs13_client_end_early(conn);
    v13->retried = true;
    v13->retry_suite = hello.suite;
    client_offer_drop_cookie(conn);
    if (hello.extensions.seen & EXT_COOKIE) {
        negotiated_cookie(conn, true);
        if (!store_cookie(conn, hello.extensions.cookie))
            return DTLS_ERR_MEMORY;
    }
    if (hello.extensions.seen & EXT_KEY_SHARE) {
        error = share_make(conn, group_by_id(hello.extensions.share_group));
    }
    return error ? error : restart_transcript(conn);
}

/* ---- ServerHello ---- */

static dtls_error_t check_server_hello13(const conn_t *conn, const server_hello_t *hello)
{
    const hs13_t *v13 = &conn->hs->v13;
    const share_t *share = &conn->hs->share;
    const extensions_t *ext = &hello->extensions;
    unsigned allowed = EXT_SUPPORTED_VERSIONS | EXT_PRE_SHARED_KEY |
                       (share->dh ? EXT_KEY_SHARE : 0) |
                       (conn->cids ? EXT_CONNECTION_ID | EXT_RRC : 0);
    dtls_error_t error = check_common(conn, hello);
    if (error)
        return error;
    if (ext->seen & ~allowed)
        return DTLS_ERR_UNSUPPORTED_EXTENSION;
    if (!(ext->seen & EXT_PRE_SHARED_KEY))
        return DTLS_ERR_NO_PSK; /* the server wants to authenticate by certificate */
    if (ext->selected_identity >= v13->psk_count)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (v13->retried && hello->suite != v13->retry_suite)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    /* With a key share we offered only psk_dhe_ke, so the ServerHello must have a key share. */
    if (share->dh && (!(ext->seen & EXT_KEY_SHARE) || ext->share_group != share->group->id))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    return DTLS_ERR_NONE;
}

dtls_error_t hs13_client_accept(conn_t *conn, const server_hello_t *hello)
{
    dtls_error_t error = check_server_hello13(conn, hello);
    if (!error && conn->hs->share.dh)
        error = share_derive(conn, hello->extensions.share);
    if (error)
        return error;
    const uint16_t selected = hello->extensions.selected_identity;
    if (selected > 0)
        error = hs13_start_schedule(conn, &conn->hs->v13.psks[selected]);
    if (error)
        return error;
    conn->hs->v13.selected_identity = selected;
    negotiated_suite(conn, client_offer_suite(conn, VERSION_DTLS13, hello->suite));
    negotiated_resumption(conn, conn->hs->v13.psks[selected].suite != NULL);
    hs_use_rows(conn, hs13_client_rows);
    return conn->hs->v13.retried ? DTLS_ERR_NONE : hs_start_transcript(conn, true);
}

/* ---- EncryptedExtensions ---- */

/* Applies the server's decision about early data. The server may accept early data only with our
 * first PSK and the suite of this PSK (RFC 8446 section 4.2.10). */
static dtls_error_t apply_early_response(conn_t *conn, bool accepted)
{
    const hs13_t *v13 = &conn->hs->v13;
    if (!accepted) {
        hs13_client_end_early(conn);
        return DTLS_ERR_NONE;
    }
    if (v13->selected_identity != 0 || v13->psks[0].suite != conn->negotiated.suite)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    early_accepted(conn);
    return DTLS_ERR_NONE;
}

/* Parses EncryptedExtensions. Ignores unsolicited supported_groups (RFC 8446 section 4.2.7). */
static dtls_error_t receive_encrypted_extensions(conn_t *conn, reader_t *body,
                                                 const message_t *message)
{
    (void)message;
    extensions_t extensions;
    dtls_error_t error = ext_parse(body, IN_ENCRYPTED_EXTENSIONS, &extensions);
    if (error)
        return error;
    unsigned offered = conn->early.status == DTLS_EARLY_OFFERED ? EXT_EARLY_DATA : 0;
    if (conn->ctx->config.heartbeat)
        offered |= EXT_HEARTBEAT;
    if (conn->ctx->config.record_size_limit)
        offered |= EXT_RECORD_SIZE_LIMIT;
    if (extensions.seen & ~(EXT_SUPPORTED_GROUPS | offered))
        return DTLS_ERR_UNSUPPORTED_EXTENSION;
    error = sizes_agree(conn, &extensions);
    if (error)
        return error;
    sizes_apply(conn);
    heartbeat_agree(conn, &extensions);
    return apply_early_response(conn, extensions.seen & EXT_EARLY_DATA);
}

/* ---- Finished, and our response ---- */

static dtls_error_t start_finished_flight(conn_t *conn)
{
    bool ok = flight_start(&conn->flight, &conn->ctx->alloc, MESSAGE_HEADER + HASH_MAX, true);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_MEMORY;
}

static dtls_error_t send_finished_flight(conn_t *conn)
{
    return retransmit_send(conn, &conn->flight);
}

static dtls_error_t prepare_for_tickets(conn_t *conn)
{
    return conn->ctx->config.ticket ? hs13_store_resumption(conn) : DTLS_ERR_NONE;
}

/* Sends our Finished and starts the keys of application data. The flight is retransmitted until the
 * server acknowledges it or the handshake times out. */
static dtls_error_t client13_finish(conn_t *conn)
{
    static dtls_error_t (*const steps[])(conn_t *) = {
        hs13_enter_traffic,   start_finished_flight, hs13_put_finished, prepare_for_tickets,
        send_finished_flight, hs13_read_traffic,     hs13_write_traffic};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        dtls_error_t error = steps[i](conn);
        if (error)
            return error;
    }
    epochs_end_write(conn, 0);
    epochs_end_write(conn, EPOCH_EARLY);
    establish(conn);
    return DTLS_ERR_NONE;
}
