#include "handshake/hs12_server.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/heartbeat.h"
#include "conn/negotiated.h"
#include "conn/output.h"
#include "conn/retransmit.h"
#include "conn/sizes.h"
#include "conn/validation.h"
#include "handshake/hs12.h"
#include "handshake/hs12_resume.h"
#include "handshake/hs_server.h"
#include "handshake/psk.h"

#include <string.h>

static dtls_error_t receive_client_hello12(conn_t *conn, reader_t *body, const message_t *message);
static dtls_error_t receive_client_key_exchange(conn_t *conn, reader_t *body,
                                                const message_t *message);
static dtls_error_t send_server_hello(conn_t *conn);
static dtls_error_t derive_server_keys(conn_t *conn);
static dtls_error_t send_finished(conn_t *conn);
static dtls_error_t finish_resumed(conn_t *conn);

const hs_row_t hs12_server_rows[] = {
    {SERVER_WAIT_HELLO, HANDSHAKE_CLIENT_HELLO, 0, 0, RECORD_MAX_PLAINTEXT, receive_client_hello12,
     send_server_hello, SERVER_AFTER_HELLO},
    {SERVER_AFTER_HELLO, HANDSHAKE_CLIENT_KEY_EXCHANGE, 0, 0, HS12_KEY_EXCHANGE_MAX,
     receive_client_key_exchange, derive_server_keys, SERVER_WAIT_FINISHED},
    {SERVER_WAIT_FINISHED, HANDSHAKE_FINISHED, 1, 0, VERIFY_LENGTH, hs12_receive_finished,
     send_finished, STATE_CONNECTED},
    {.receive = NULL},
};

static const hs_row_t server12_resumed_rows[] = {
    {SERVER_AFTER_HELLO, HANDSHAKE_FINISHED, 1, 0, VERIFY_LENGTH, hs12_receive_finished,
     finish_resumed, STATE_CONNECTED},
    {.receive = NULL},
};

#define SERVER_HELLO_ROOM 134 /* the longest ServerHello that we write has 131 bytes */

/* ---- ClientHello ---- */

/* Returns true if the client has shown by the extension or the SCSV that it supports secure
 * renegotiation (RFC 5746 section 3.6). */
static bool has_renegotiation_info(const client_hello_t *hello)
{
    return hello->extensions.seen & EXT_RENEGOTIATION_INFO ||
           list_contains_u16(hello->suites, SCSV_RENEGOTIATION);
}

static dtls_error_t check_client_hello12(const conn_t *conn, const client_hello_t *hello)
{
    dtls_ems_t ems = conn->ctx->terms->ems;
    if (hs_choose_version(conn->ctx, hello) != VERSION_DTLS12)
        return DTLS_ERR_VERSION;
    if (list_contains_u16(hello->suites, SCSV_FALLBACK) &&
        hs_supports_version(conn->ctx, VERSION_DTLS13))
        return DTLS_ERR_FALLBACK;
    if (!list_contains_u8(hello->compressions, COMPRESSION_NULL))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (!hs_choose_suite(conn->ctx, VERSION_DTLS12, hello))
        return hs_no_suite_error(hello);
    if (!(hello->extensions.seen & EXT_EXTENDED_MASTER_SECRET) && ems == DTLS_EMS_REQUIRE)
        return DTLS_ERR_NO_EXTENDED_MASTER_SECRET;
    if (!has_renegotiation_info(hello) && conn->ctx->terms->renegotiation_info)
        return DTLS_ERR_RENEGOTIATION_INFO;
    dtls_error_t error = hs12_check_point_formats(&hello->extensions);
    return error ? error : hs12_check_renegotiation_info(&hello->extensions);
}

/* Makes the random of the ServerHello and, in the same call of the random generator, the key for an
 * unknown identity: a second call would cost as much as three hashes. If this server also supports
 * DTLS 1.3, the random has the mark by which the client detects a downgrade (RFC 8446 section
 * 4.1.3). */
static bool make_server_random(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    uint8_t random[RANDOM_LENGTH + sizeof hs->random_key];
    if (!random_of(conn->ctx, random, sizeof random))
        return false;
    memcpy(hs->random_key, random + RANDOM_LENGTH, sizeof hs->random_key);
    wipe(random + RANDOM_LENGTH, sizeof hs->random_key);
    if (hs_supports_version(conn->ctx, VERSION_DTLS13))
        memcpy(random + RANDOM_LENGTH - 8, "DOWNGRD\001", 8);
    hs_set_server_random(conn, random);
    return true;
}

static dtls_error_t receive_client_hello12(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    client_hello_t hello;
    handshake_t *hs = conn->hs;
    dtls_error_t error = client_hello_parse(body, &hello);
    if (!error)
        error = check_client_hello12(conn, &hello);
    if (!error)
        error = sizes_agree(conn, &hello.extensions);
    if (!error)
        error = hs12_find_session(conn, &hello);
    if (error)
        return error;
    sizes_apply(conn);
    if (!make_server_random(conn))
        return DTLS_ERR_CRYPTO;
    hs_set_client_random(conn, hello.random);
    if (!conn->negotiated.resumed)
        negotiated_suite(conn, hs_choose_suite(conn->ctx, VERSION_DTLS12, &hello));
    negotiated_ems(conn, hello.extensions.seen & EXT_EXTENDED_MASTER_SECRET &&
                             conn->ctx->terms->ems != DTLS_EMS_OFF);
    conn->hs->renegotiation_info = has_renegotiation_info(&hello);
    hs->point_formats = !conn->negotiated.resumed && conn->negotiated.suite->kx == KX_ECDHE_PSK &&
                        hello.extensions.seen & EXT_EC_POINT_FORMATS;
    if (!conn->negotiated.resumed && kx12_of(conn->negotiated.suite)->params)
        error = share_make(conn, hs_choose_group(conn->ctx, conn->negotiated.suite->kx, &hello));
    if (!error)
        error = hs12_offer_session(conn, &hello);
    if (!error)
        error = cids_offer(conn);
    if (error)
        return error;
    cids_agree(conn, &hello.extensions);
    heartbeat_agree(conn, &hello.extensions);
    return hs_start_transcript(conn, false);
}

/* ---- ServerHello, ServerKeyExchange unless it would be empty, ServerHelloDone ---- */

static dtls_error_t put_server_hello12(conn_t *conn)
{
    writer_t w = hs_open(conn, HANDSHAKE_SERVER_HELLO);
    const session12_t *session = &conn->hs->session;
    put_server_hello_start(&w, conn->hs->randoms.server, (bytes_t){session->id, session->id_length},
                           conn->negotiated.suite->id);
    bool cbc = suite_mac_key(conn->negotiated.suite) > 0;
    if (conn->negotiated.ems || conn->hs->renegotiation_info || conn->cids ||
        conn->heartbeat.responds || sizes_agreed(conn) || conn->hs->point_formats || cbc) {
        block_t extensions = open_block(&w, 2);
        if (conn->hs->renegotiation_info)
            put_ext_renegotiation_info(&w);
        if (conn->negotiated.ems)
            put_ext_empty(&w, EXTENSION_EXTENDED_MASTER_SECRET);
        if (cbc)
            put_ext_empty(&w, EXTENSION_ENCRYPT_THEN_MAC);
        if (session->ticket_due)
            put_ext_empty(&w, EXTENSION_SESSION_TICKET);
        put_cid_extensions(&w, conn);
        if (conn->heartbeat.responds)
            put_ext_heartbeat(&w);
        put_sizes_extension(&w, conn);
        if (conn->hs->point_formats)
            put_ext_point_formats(&w);
        close_block(&w, extensions);
    }
    return hs_close(conn, &w, HANDSHAKE_SERVER_HELLO, 0);
}

static dtls_error_t put_server_key_exchange(conn_t *conn, const uint8_t *hint, size_t length)
{
    const kx12_t *kx = kx12_of(conn->negotiated.suite);
    if (length == 0 && !kx->params)
        return DTLS_ERR_NONE;
    writer_t w = hs_open(conn, HANDSHAKE_SERVER_KEY_EXCHANGE);
    put_u16(&w, (unsigned)length);
    put_bytes(&w, hint, length);
    kx->put_params(conn, &w);
    return hs_close(conn, &w, HANDSHAKE_SERVER_KEY_EXCHANGE, 0);
}

static dtls_error_t put_flight(conn_t *conn, const uint8_t *hint, size_t length)
{
    size_t room =
        3 * MESSAGE_HEADER + SERVER_HELLO_ROOM + 2 + length + kx12_of(conn->negotiated.suite)->room;
    if (!flight_start(&conn->flight, &conn->ctx->alloc, room, false))
        return DTLS_ERR_MEMORY;
    dtls_error_t error = put_server_hello12(conn);
    if (!error)
        error = put_server_key_exchange(conn, hint, length);
    if (error)
        return error;
    writer_t w = hs_open(conn, HANDSHAKE_SERVER_HELLO_DONE);
    return hs_close(conn, &w, HANDSHAKE_SERVER_HELLO_DONE, 0);
}

size_t hs12_server_flight_length(dtls_context_t *ctx, const session_t *session,
                                 const client_hello_t *hello)
{
    uint8_t *hint = datagram_get_buffer(ctx);
    size_t length = hint ? psk_get_hint(ctx, session, hint) : 0;
    if (hint)
        datagram_release_buffer(ctx, hint);
    const suite_t *suite = hs_choose_suite(ctx, VERSION_DTLS12, hello);
    size_t message = RECORD_HEADER + MESSAGE_HEADER;
    size_t params = suite && kx12_of(suite)->params ? message + kx12_of(suite)->room : 0;
    size_t no_id = ctx->config.sessions > 0 ? 0 : SESSION_ID_MAX;
    return 2 * message + SERVER_HELLO_ROOM - no_id + length + params;
}

static size_t ticket_room(const conn_t *conn)
{
    return conn->hs->session.ticket_due ? HS12_TICKET_ROOM : 0;
}

static dtls_error_t put_ticket_if_due(conn_t *conn)
{
    return conn->hs->session.ticket_due ? hs12_put_ticket(conn) : DTLS_ERR_NONE;
}

/* Sends our flight of an abbreviated handshake (RFC 5246 section 7.3, RFC 5077 section 3.1). */
static dtls_error_t send_resumption(conn_t *conn)
{
    static dtls_error_t (*const steps[])(conn_t *) = {put_server_hello12, put_ticket_if_due,
                                                      hs12_start_keys, hs12_put_finished};
    size_t room = MESSAGE_HEADER + SERVER_HELLO_ROOM + ticket_room(conn) + HS12_FINISHED_ROOM;
    if (!flight_start(&conn->flight, &conn->ctx->alloc, room, false))
        return DTLS_ERR_MEMORY;
    hs_use_rows(conn, server12_resumed_rows);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        dtls_error_t error = steps[i](conn);
        if (error)
            return error;
    }
    dtls_error_t error = retransmit_send(conn, &conn->flight);
    epochs_send_in(conn, 1);
    return error;
}

static dtls_error_t send_server_hello(conn_t *conn)
{
    if (conn->negotiated.resumed)
        return send_resumption(conn);
    uint8_t *hint = datagram_get_buffer(conn->ctx);
    if (!hint)
        return DTLS_ERR_MEMORY;
    size_t length = psk_get_hint(conn->ctx, &conn->peer->session, hint);
    dtls_error_t error =
        conn->phase == PHASE_HANDSHAKE ? put_flight(conn, hint, length) : DTLS_ERR_STATE;
    datagram_release_buffer(conn->ctx, hint);
    return error ? error : retransmit_send(conn, &conn->flight);
}

/* ---- ClientKeyExchange ---- */

static dtls_error_t receive_client_key_exchange(conn_t *conn, reader_t *body,
                                                const message_t *message)
{
    (void)message;
    reader_t identity = take_block(body, 2);
    size_t length = reader_left(&identity);
    dtls_error_t error = kx12_of(conn->negotiated.suite)->parse_share(conn, body);
    if (error)
        return error;
    return psk_set_identity(conn, take_bytes(&identity, length), length);
}

static dtls_error_t derive_unknown(conn_t *conn)
{
    const handshake_t *hs = conn->hs;
    reader_t identity = reader(conn->identity, conn->identity_length);
    dtls_error_t error = psk_tag_key(conn, identity, hs->random_key, sizeof hs->random_key);
    return error ? error : hs12_derive_keys(conn, hs->random_key, sizeof hs->random_key);
}

/* Derives the keys from the PSK of the client's identity. For an unknown identity, continues with a
 * random key: in messages and time this looks like a wrong key to the client (RFC 4279 section
 * 2). */
static dtls_error_t derive_server_keys(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    uint8_t psk[DTLS_MAX_PSK];
    size_t length = psk_get_key(conn, psk);
    hs->unknown_identity = length == 0;
    dtls_error_t error = length > 0 ? hs12_derive_keys(conn, psk, length) : derive_unknown(conn);
    wipe(psk, sizeof psk);
    return error;
}

/* ---- Finished ---- */

static dtls_error_t send_finished(conn_t *conn)
{
    size_t room = ticket_room(conn) + HS12_FINISHED_ROOM;
    if (!flight_start(&conn->flight, &conn->ctx->alloc, room, false))
        return DTLS_ERR_MEMORY;
    validation_passed(conn);
    dtls_error_t error = hs12_cache_session(conn);
    if (!error)
        error = put_ticket_if_due(conn);
    return error ? error : hs12_send_last(conn);
}

static dtls_error_t finish_resumed(conn_t *conn)
{
    validation_passed(conn);
    dtls_error_t error = hs12_cache_session(conn);
    return error ? error : hs12_finish(conn);
}
