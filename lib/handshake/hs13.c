#include "handshake/hs13.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/sizes.h"
#include "handshake/share.h"

#include <string.h>

bool hs13_offers_psk_ke(const dtls_context_t *ctx, bool client)
{
    dtls_ke_t ke = ctx->config.key_exchange;
    return ke == DTLS_KE_PSK_ONLY || (ke == DTLS_KE_DEFAULT && !client);
}

bool hs13_offers_dhe(const dtls_context_t *ctx)
{
    return ctx->config.key_exchange != DTLS_KE_PSK_ONLY;
}

/* ---- binders ---- */

dtls_error_t hs13_start_schedule(conn_t *conn, const psk13_t *psk)
{
    bool ok = schedule_start(&conn->hs->v13.schedule, conn->ctx->crypto, psk_hash_of(conn->ctx),
                             psk->key, psk->length);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

/* Computes the hash of the transcript and the ClientHello after it. Before the ServerHello, the
 * transcript has started only if there was a HelloRetryRequest. If the transcript has not started,
 * computes the hash of the ClientHello alone, with the hash function of the PSK. */
bool hs13_hash_hello(conn_t *conn, const uint8_t *message, size_t length, uint8_t *out)
{
    transcript_t fresh = {.hash = NULL}, *running = &conn->hs->transcript;
    if (running->hash)
        return transcript_hash_with(running, message, length, out);
    bool ok = transcript_start(&fresh, conn->ctx->crypto, psk_hash_of(conn->ctx), true) &&
              transcript_hash_with(&fresh, message, length, out);
    transcript_end(&fresh);
    return ok;
}

bool hs13_binder(conn_t *conn, const psk13_t *psk, const uint8_t *message, size_t truncated,
                 uint8_t *out)
{
    const schedule_t *schedule = &conn->hs->v13.schedule;
    uint8_t key[HASH_MAX], hash[HASH_MAX];
    bool ok = schedule_secret(schedule, psk->binder, NULL, key) &&
              hs13_hash_hello(conn, message, truncated, hash) &&
              kdf13_verify_data(conn->ctx->crypto, schedule->hash, key, hash, out);
    wipe(key, sizeof key);
    return ok;
}

/* ---- the key schedule ---- */

static dtls_error_t crypto_result(bool ok)
{
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

static dtls_error_t install(conn_t *conn, const suite_t *suite, uint64_t number,
                            const uint8_t *secret, bool write)
{
    epoch_t *epoch = write ? epochs_new_write(conn, number) : epochs_new_read(conn, number);
    held_retry(conn);
    if (!epoch)
        return DTLS_ERR_MEMORY;
    if (!epoch_dtls13(epoch, conn->ctx->crypto, suite, number, secret, write))
        return DTLS_ERR_CRYPTO;
    epoch->cid = write && number != EPOCH_EARLY ? cids_to_send(conn) : NULL;
    sizes_apply(conn);
    return DTLS_ERR_NONE;
}

static void log_secret(const conn_t *conn, const char *label, const uint8_t *secret)
{
    const dtls_config_t *config = &conn->ctx->config;
    if (config->keylog)
        config->keylog(config->hook, label, conn->hs->randoms.client, secret,
                       hash_length(conn->hs->v13.schedule.hash));
}

dtls_error_t hs13_enter_early(conn_t *conn, const suite_t *suite, const uint8_t *hello_hash)
{
    uint8_t secret[HASH_MAX];
    dtls_error_t error = crypto_result(
        schedule_secret(&conn->hs->v13.schedule, SECRET_CLIENT_EARLY, hello_hash, secret));
    if (!error)
        error = install(conn, suite, EPOCH_EARLY, secret, conn->client);
    if (!error)
        log_secret(conn, "CLIENT_EARLY_TRAFFIC_SECRET", secret);
    wipe(secret, sizeof secret);
    return error;
}

dtls_error_t hs13_enter_handshake(conn_t *conn)
{
    hs13_t *v13 = &conn->hs->v13;
    bytes_t secret = dh_secret(conn->hs->share.dh);
    uint8_t hash[HASH_MAX];
    bool ok = transcript_hash(&conn->hs->transcript, hash) &&
              schedule_advance(&v13->schedule, secret.bytes, secret.length) &&
              schedule_secret(&v13->schedule, SECRET_CLIENT_HANDSHAKE, hash, v13->client_secret) &&
              schedule_secret(&v13->schedule, SECRET_SERVER_HANDSHAKE, hash, v13->server_secret);
    share_end(conn);
    if (!ok)
        return DTLS_ERR_CRYPTO;
    log_secret(conn, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", v13->client_secret);
    log_secret(conn, "SERVER_HANDSHAKE_TRAFFIC_SECRET", v13->server_secret);
    const suite_t *suite = conn->negotiated.suite;
    dtls_error_t error = install(conn, suite, EPOCH_HANDSHAKE, v13->client_secret, conn->client);
    if (!error)
        error = install(conn, suite, EPOCH_HANDSHAKE, v13->server_secret, !conn->client);
    if (!error)
        epochs_send_in(conn, EPOCH_HANDSHAKE);
    return error;
}

dtls_error_t hs13_enter_traffic(conn_t *conn)
{
    schedule_t *schedule = &conn->hs->v13.schedule;
    uint8_t hash[HASH_MAX];
    uint8_t *client = conn->client ? conn->v13->write_secret : conn->v13->read_secret;
    uint8_t *server = conn->client ? conn->v13->read_secret : conn->v13->write_secret;
    bool ok = transcript_hash(&conn->hs->transcript, hash) && schedule_advance(schedule, NULL, 0) &&
              schedule_secret(schedule, SECRET_CLIENT_TRAFFIC, hash, client) &&
              schedule_secret(schedule, SECRET_SERVER_TRAFFIC, hash, server) &&
              schedule_secret(schedule, SECRET_EXPORTER, hash, conn->v13->exporter);
    if (!ok)
        return DTLS_ERR_CRYPTO;
    log_secret(conn, "CLIENT_TRAFFIC_SECRET_0", client);
    log_secret(conn, "SERVER_TRAFFIC_SECRET_0", server);
    log_secret(conn, "EXPORTER_SECRET", conn->v13->exporter);
    return DTLS_ERR_NONE;
}

dtls_error_t hs13_resumption(conn_t *conn, uint8_t out[HASH_MAX])
{
    uint8_t hash[HASH_MAX];
    return crypto_result(transcript_hash(&conn->hs->transcript, hash) &&
                         schedule_secret(&conn->hs->v13.schedule, SECRET_RESUMPTION, hash, out));
}

dtls_error_t hs13_store_resumption(conn_t *conn)
{
    conn->v13->resumption = alloc_zeroed(&conn->ctx->alloc, HASH_MAX);
    return conn->v13->resumption ? hs13_resumption(conn, conn->v13->resumption) : DTLS_ERR_MEMORY;
}

dtls_error_t hs13_read_traffic(conn_t *conn)
{
    epochs_advance_read(conn, EPOCH_TRAFFIC);
    return install(conn, conn->negotiated.suite, EPOCH_TRAFFIC, conn->v13->read_secret, false);
}

dtls_error_t hs13_write_traffic(conn_t *conn)
{
    dtls_error_t error =
        install(conn, conn->negotiated.suite, EPOCH_TRAFFIC, conn->v13->write_secret, true);
    if (!error)
        epochs_send_in(conn, EPOCH_TRAFFIC);
    return error;
}

static dtls_error_t start_next(conn_t *conn, uint64_t number, uint8_t *secret, bool write)
{
    if (!kdf13_update(conn->ctx->crypto, conn->negotiated.suite->hash, secret))
        return DTLS_ERR_CRYPTO;
    return install(conn, conn->negotiated.suite, number, secret, write);
}

dtls_error_t hs13_update_read(conn_t *conn)
{
    epochs_advance_read(conn, conn->v13->read_epoch + 1);
    return start_next(conn, conn->v13->read_epoch, conn->v13->read_secret, false);
}

dtls_error_t hs13_update_write(conn_t *conn)
{
    uint64_t old = conn->send_epoch;
    dtls_error_t error = start_next(conn, old + 1, conn->v13->write_secret, true);
    if (error)
        return error;
    epochs_end_write(conn, old);
    epochs_send_in(conn, old + 1);
    return DTLS_ERR_NONE;
}

/* ---- Finished ---- */

static bool verify_data13(conn_t *conn, bool client, uint8_t *out)
{
    const hs13_t *v13 = &conn->hs->v13;
    uint8_t hash[HASH_MAX];
    return transcript_hash(&conn->hs->transcript, hash) &&
           kdf13_verify_data(conn->ctx->crypto, conn->negotiated.suite->hash,
                             client ? v13->client_secret : v13->server_secret, hash, out);
}

dtls_error_t hs13_put_finished(conn_t *conn)
{
    uint8_t verify[HASH_MAX];
    if (!verify_data13(conn, conn->client, verify))
        return DTLS_ERR_CRYPTO;
    writer_t w = hs_open(conn, HANDSHAKE_FINISHED);
    put_bytes(&w, verify, hash_length(conn->negotiated.suite->hash));
    return hs_close(conn, &w, HANDSHAKE_FINISHED, EPOCH_HANDSHAKE);
}

dtls_error_t hs13_receive_finished(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    uint8_t expected[HASH_MAX];
    size_t length = hash_length(conn->negotiated.suite->hash);
    const uint8_t *verify = take_bytes(body, length);
    if (!reader_done(body))
        return DTLS_ERR_BAD_FINISHED;
    if (!verify_data13(conn, !conn->client, expected))
        return DTLS_ERR_CRYPTO;
    return crypto_equal(verify, expected, length) ? DTLS_ERR_NONE : DTLS_ERR_BAD_FINISHED;
}
