#include "handshake/hs12.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/establish.h"
#include "conn/output.h"
#include "conn/sizes.h"

#include <string.h>

static dtls_error_t install_keys(conn_t *conn, const key_block_t *keys)
{
    const write_keys_t *own = conn->client ? &keys->client : &keys->server;
    const write_keys_t *peer = conn->client ? &keys->server : &keys->client;
    crypto_t *crypto = conn->ctx->crypto;
    epoch_t *write = epochs_new_write(conn, 1), *read = epochs_new_read(conn, 1);
    if (!write || !read)
        return DTLS_ERR_MEMORY;
    const cid_t *cid = cids_to_send(conn);
    bool ok = epoch_dtls12(write, crypto, conn->negotiated.suite, own, cid != NULL, true) &&
              epoch_dtls12(read, crypto, conn->negotiated.suite, peer, cids_expected(conn), false);
    write->cid = cid;
    sizes_apply(conn);
    conn->hs->keys = ok;
    held_retry(conn);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

/* Stores the inputs of exporters, if extended_master_secret is in use. Without that extension, two
 * sessions may have the same master secret, and nothing may be exported (RFC 7627 section 5.4). */
static dtls_error_t store_exporter(conn_t *conn)
{
    if (!conn->negotiated.ems)
        return DTLS_ERR_NONE;
    conn->exporter12 = alloc_zeroed(&conn->ctx->alloc, sizeof *conn->exporter12);
    if (!conn->exporter12)
        return DTLS_ERR_MEMORY;
    memcpy(conn->exporter12->master, conn->hs->master, MASTER_LENGTH);
    conn->exporter12->randoms = conn->hs->randoms;
    return DTLS_ERR_NONE;
}

dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length)
{
    handshake_t *hs = conn->hs;
    uint8_t session_hash[HASH_MAX];

    if (conn->negotiated.ems && !transcript_hash(&hs->transcript, session_hash))
        return DTLS_ERR_CRYPTO;
    bool made = kdf12_master(conn->ctx->crypto, conn->negotiated.suite->hash, kx12_secret(conn),
                             psk, psk_length, &hs->randoms,
                             conn->negotiated.ems ? session_hash : NULL, hs->master);
    share_end(conn);
    return made ? hs12_start_keys(conn) : DTLS_ERR_CRYPTO;
}

dtls_error_t hs12_start_keys(conn_t *conn)
{
    const handshake_t *hs = conn->hs;
    const dtls_config_t *config = &conn->ctx->config;
    key_block_t keys;
    if (config->keylog)
        config->keylog(config->hook, "CLIENT_RANDOM", hs->randoms.client, hs->master,
                       MASTER_LENGTH);
    bool ok =
        kdf12_keys(conn->ctx->crypto, conn->negotiated.suite, hs->master, &hs->randoms, &keys);
    dtls_error_t error = ok ? install_keys(conn, &keys) : DTLS_ERR_CRYPTO;
    wipe(&keys, sizeof keys);
    return error ? error : store_exporter(conn);
}

static bool verify_data12(conn_t *conn, bool client, uint8_t out[VERIFY_LENGTH])
{
    uint8_t hash[HASH_MAX];
    return transcript_hash(&conn->hs->transcript, hash) &&
           kdf12_verify_data(conn->ctx->crypto, conn->negotiated.suite->hash, conn->hs->master,
                             client, hash, out);
}

static bool put_change_cipher_spec(conn_t *conn)
{
    writer_t w = flight_open(&conn->flight);
    put_u8(&w, 1);
    return flight_close(&conn->flight, &w, CONTENT_CHANGE_CIPHER_SPEC, 0);
}

dtls_error_t hs12_put_finished(conn_t *conn)
{
    uint8_t verify[VERIFY_LENGTH];
    if (!verify_data12(conn, conn->client, verify))
        return DTLS_ERR_CRYPTO;
    if (!put_change_cipher_spec(conn))
        return DTLS_ERR_TOO_LONG;
    writer_t w = hs_open(conn, HANDSHAKE_FINISHED);
    put_bytes(&w, verify, sizeof verify);
    return hs_close(conn, &w, HANDSHAKE_FINISHED, 1);
}

dtls_error_t hs12_send_last(conn_t *conn)
{
    dtls_error_t error = hs12_put_finished(conn);
    flight_count_send(&conn->flight, now_of(conn->ctx));
    if (!error)
        error = output_flight(conn, &conn->flight, DTLS_REPEAT_NONE, 0);
    epochs_send_in(conn, 1);
    if (!error)
        establish(conn);
    return error;
}

/* Frees the flight and establishes the association: the peer's Finished proves that the peer has
 * received our flight. */
dtls_error_t hs12_finish(conn_t *conn)
{
    flight_end(&conn->flight, &conn->ctx->alloc);
    establish(conn);
    return DTLS_ERR_NONE;
}

dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    uint8_t expected[VERIFY_LENGTH];
    const uint8_t *verify = take_bytes(body, VERIFY_LENGTH);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (!verify_data12(conn, !conn->client, expected))
        return DTLS_ERR_CRYPTO;
    if (!crypto_equal(verify, expected, sizeof expected))
        return DTLS_ERR_BAD_FINISHED;
    /* Records that have arrived before this message was processed, such as a copy of it, do not
     * count. */
    epoch_t *epoch = conn_read_epoch(conn, 1);
    epoch->first_data = epoch->window.next;
    return DTLS_ERR_NONE;
}

dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions)
{
    bool wrong = extensions->seen & EXT_RENEGOTIATION_INFO && !extensions->renegotiation_info_empty;
    return wrong ? DTLS_ERR_RENEGOTIATION_INFO : DTLS_ERR_NONE;
}

dtls_error_t hs12_check_point_formats(const extensions_t *extensions)
{
    bool wrong = extensions->seen & EXT_EC_POINT_FORMATS &&
                 !list_contains_u8(extensions->point_formats, POINT_FORMAT_UNCOMPRESSED);
    return wrong ? DTLS_ERR_ILLEGAL_PARAMETER : DTLS_ERR_NONE;
}
