#include "handshake/hs12_client.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/heartbeat.h"
#include "conn/negotiated.h"
#include "conn/retransmit.h"
#include "conn/sizes.h"
#include "handshake/client_offer.h"
#include "handshake/hs12.h"
#include "handshake/hs12_resume.h"
#include "handshake/psk.h"

#include <string.h>

static dtls_error_t receive_server_key_exchange(conn_t *conn, reader_t *body,
                                                const message_t *message);
static dtls_error_t receive_hello_done(conn_t *conn, reader_t *body, const message_t *message);
static dtls_error_t send_client_key_exchange(conn_t *conn);
static dtls_error_t client12_finish(conn_t *conn);
static dtls_error_t client12_finish_resumed(conn_t *conn);

#define TICKET_ROW                                                                                 \
    {                                                                                              \
        CLIENT_WAIT_TICKET, HANDSHAKE_NEW_SESSION_TICKET, 0, 0, 4 + 2 + UINT16_MAX,                \
            hs12_receive_ticket, NULL, CLIENT_WAIT_FINISHED                                        \
    }

/* The rows of a full handshake. The first row is for plain PSK, with which the ServerKeyExchange
 * may be absent. For the other key exchanges the ServerKeyExchange has parameters, and is
 * mandatory. */
static const hs_row_t full_rows[] = {
    {CLIENT_AFTER_HELLO, HANDSHAKE_SERVER_HELLO_DONE, 0, 0, 0, receive_hello_done,
     send_client_key_exchange, CLIENT_WAIT_FINISHED},
    {CLIENT_AFTER_HELLO, HANDSHAKE_SERVER_KEY_EXCHANGE, 0, 0, HS12_KEY_EXCHANGE_MAX,
     receive_server_key_exchange, NULL, CLIENT_WAIT_DONE},
    {CLIENT_WAIT_DONE, HANDSHAKE_SERVER_HELLO_DONE, 0, 0, 0, receive_hello_done,
     send_client_key_exchange, CLIENT_WAIT_FINISHED},
    TICKET_ROW,
    {CLIENT_WAIT_FINISHED, HANDSHAKE_FINISHED, 1, 0, VERIFY_LENGTH, hs12_receive_finished,
     client12_finish, STATE_CONNECTED},
    {.receive = NULL},
};

static const hs_row_t client12_resumed_rows[] = {
    TICKET_ROW,
    {CLIENT_WAIT_FINISHED, HANDSHAKE_FINISHED, 1, 0, VERIFY_LENGTH, hs12_receive_finished,
     client12_finish_resumed, STATE_CONNECTED},
    {.receive = NULL},
};

/* ---- ServerHello ---- */

/* Returns true if an attacker has removed DTLS 1.3 from our ClientHello: we have offered DTLS 1.3,
 * and the random of the ServerHello has the mark of a server that supports DTLS 1.3 (RFC 8446
 * section 4.1.3). */
static bool is_downgrade(const conn_t *conn, const uint8_t *random)
{
    static const uint8_t mark[] = {'D', 'O', 'W', 'N', 'G', 'R', 'D'};
    const uint8_t *end = random + RANDOM_LENGTH - 8;
    return conn->hs->offer.v13 && memcmp(end, mark, sizeof mark) == 0 && end[7] <= 1;
}

/* Checks that the ServerHello has encrypt_then_mac if it chooses a CBC suite, and only then (RFC
 * 7366 section 3). We support CBC suites only with encrypt_then_mac. */
static dtls_error_t check_encrypt_then_mac(const conn_t *conn, const server_hello_t *hello)
{
    bool cbc = suite_mac_key(client_offer_suite(conn, VERSION_DTLS12, hello->suite)) > 0;
    bool present = hello->extensions.seen & EXT_ENCRYPT_THEN_MAC;
    if (cbc == present)
        return DTLS_ERR_NONE;
    return cbc ? DTLS_ERR_NO_ENCRYPT_THEN_MAC : DTLS_ERR_ILLEGAL_PARAMETER;
}

/* Returns the bits of the extensions that our ClientHello does not offer. The ServerHello must not
 * have them (RFC 5246 section 7.4.1.4). */
static unsigned not_offered(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    const struct {
        unsigned extensions;
        bool offered;
    } all[] = {
        {EXT_EXTENDED_MASTER_SECRET, conn->ctx->terms->ems != DTLS_EMS_OFF},
        {EXT_CONNECTION_ID | EXT_RRC, conn->cids != NULL},
        {EXT_SESSION_TICKET, client_offer_takes_sessions(conn)},
        {EXT_HEARTBEAT, config->heartbeat},
        {EXT_RECORD_SIZE_LIMIT, config->record_size_limit > 0},
        {EXT_EC_POINT_FORMATS, client_offer_has_kx(conn, KX_ECDHE_PSK)},
        {EXT_ENCRYPT_THEN_MAC, client_offer_has_cbc(conn)},
    };
    unsigned extensions = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!all[i].offered)
            extensions |= all[i].extensions;
    return extensions;
}

/* Checks that the ServerHello has the extensions that the terms (config.ems, or what
 * get_user_parameters() has set for this server) require. */
static dtls_error_t check_required(const conn_t *conn, unsigned present)
{
    const terms_t *terms = conn->ctx->terms;
    if (!(present & EXT_EXTENDED_MASTER_SECRET) && terms->ems == DTLS_EMS_REQUIRE)
        return DTLS_ERR_NO_EXTENDED_MASTER_SECRET;
    if (!(present & EXT_RENEGOTIATION_INFO) && terms->renegotiation_info)
        return DTLS_ERR_RENEGOTIATION_INFO;
    return DTLS_ERR_NONE;
}

static dtls_error_t check_server_hello12(const conn_t *conn, const server_hello_t *hello)
{
    unsigned present = hello->extensions.seen;
    if (hello->version != VERSION_DTLS12 || !conn->hs->offer.v12)
        return DTLS_ERR_VERSION;
    if (conn->early.status == DTLS_EARLY_OFFERED)
        /* A client that has offered early data must not accept an older version (RFC 8446 appendix
         * D.3). */
        return DTLS_ERR_VERSION;
    if (!client_offer_suite(conn, VERSION_DTLS12, hello->suite) ||
        hello->compression != COMPRESSION_NULL || is_downgrade(conn, hello->random) ||
        conn->hs->v13.retried)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (present & not_offered(conn))
        return DTLS_ERR_UNSUPPORTED_EXTENSION;
    dtls_error_t error = check_required(conn, present);
    if (!error)
        error = check_encrypt_then_mac(conn, hello);
    if (!error)
        error = hs12_check_resumption(conn, hello);
    if (!error)
        error = hs12_check_point_formats(&hello->extensions);
    return error ? error : hs12_check_renegotiation_info(&hello->extensions);
}

dtls_error_t hs12_client_accept(conn_t *conn, const server_hello_t *hello)
{
    dtls_error_t error = check_server_hello12(conn, hello);
    if (!error)
        error = sizes_agree(conn, &hello->extensions);
    if (error)
        return error;
    conn_end13(conn);
    negotiated_suite(conn, client_offer_suite(conn, VERSION_DTLS12, hello->suite));
    negotiated_ems(conn, hello->extensions.seen & EXT_EXTENDED_MASTER_SECRET);
    hs_use_rows(conn, kx12_of(conn->negotiated.suite)->params ? full_rows + 1 : full_rows);
    heartbeat_agree(conn, &hello->extensions);
    hs_set_server_random(conn, hello->random);
    error = hs12_choose_session(conn, hello);
    return error ? error : hs_start_transcript(conn, false);
}

/* Sets the next state: if the ServerHello has announced a NewSessionTicket, wait for it, else for
 * Finished (RFC 5077 section 3.3). */
static void expect_finished(conn_t *conn)
{
    hs_enter(conn, conn->hs->session.ticket_due ? CLIENT_WAIT_TICKET : CLIENT_WAIT_FINISHED);
}

dtls_error_t hs12_client_resume(conn_t *conn)
{
    hs_use_rows(conn, client12_resumed_rows);
    expect_finished(conn);
    return hs12_start_keys(conn);
}

/* ---- ServerKeyExchange: the hint, RFC 4279 section 2, and parameters ---- */

static dtls_error_t receive_server_key_exchange(conn_t *conn, reader_t *body,
                                                const message_t *message)
{
    (void)message;
    handshake_t *hs = conn->hs;
    reader_t hint = take_block(body, 2);
    size_t length = reader_left(&hint);
    dtls_error_t error = kx12_of(conn->negotiated.suite)->parse_params(conn, body);
    if (error || length == 0)
        return error;
    uint8_t *copy = alloc_zeroed(&conn->ctx->alloc, length);
    if (!copy)
        return DTLS_ERR_MEMORY;
    memcpy(copy, take_bytes(&hint, length), length);
    hs->hint = copy;
    hs->hint_length = length;
    return DTLS_ERR_NONE;
}

/* ---- ServerHelloDone, and our response ---- */

static dtls_error_t receive_hello_done(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)conn, (void)message;
    return reader_done(body) ? DTLS_ERR_NONE : DTLS_ERR_DECODE;
}

/* Asks the application for the identity. If DTLS 1.3 was offered, the application has already
 * chosen an identity, and is asked again only if the server has sent a hint. */
static dtls_error_t get_identity(conn_t *conn)
{
    bool known = conn->identity && conn->hs->hint_length == 0;
    return known ? DTLS_ERR_NONE : psk_get_identity(conn);
}

static dtls_error_t put_client_key_exchange(conn_t *conn)
{
    size_t room = MESSAGE_HEADER + 2 + conn->identity_length +
                  kx12_of(conn->negotiated.suite)->room + HS12_FINISHED_ROOM;
    if (!flight_start(&conn->flight, &conn->ctx->alloc, room, false))
        return DTLS_ERR_MEMORY;
    writer_t w = hs_open(conn, HANDSHAKE_CLIENT_KEY_EXCHANGE);
    put_u16(&w, (unsigned)conn->identity_length);
    put_bytes(&w, conn->identity, conn->identity_length);
    kx12_of(conn->negotiated.suite)->put_share(conn, &w);
    return hs_close(conn, &w, HANDSHAKE_CLIENT_KEY_EXCHANGE, 0);
}

static dtls_error_t derive_client_keys(conn_t *conn)
{
    uint8_t psk[DTLS_MAX_PSK];
    size_t length = psk_get_key(conn, psk);
    dtls_error_t error = length > 0 && conn->phase == PHASE_HANDSHAKE
                             ? hs12_derive_keys(conn, psk, length)
                             : DTLS_ERR_NO_CREDENTIALS;
    wipe(psk, sizeof psk);
    return error;
}

static dtls_error_t send_client_key_exchange(conn_t *conn)
{
    static dtls_error_t (*const steps[])(conn_t *) = {get_identity, put_client_key_exchange,
                                                      derive_client_keys, hs12_put_finished};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        dtls_error_t error = steps[i](conn);
        if (error)
            return error;
    }
    expect_finished(conn);
    conn->hs->finished_at = now_of(conn->ctx);
    dtls_error_t error = retransmit_send(conn, &conn->flight);
    epochs_send_in(conn, 1);
    return error;
}

/* ---- Finished ---- */

static dtls_error_t client12_finish(conn_t *conn)
{
    dtls_error_t error = hs12_export_session(conn);
    return error ? error : hs12_finish(conn);
}

static dtls_error_t client12_finish_resumed(conn_t *conn)
{
    dtls_error_t error = hs12_export_session(conn);
    if (error)
        return error;
    bool ok = flight_start(&conn->flight, &conn->ctx->alloc, HS12_FINISHED_ROOM, false);
    return ok ? hs12_send_last(conn) : DTLS_ERR_MEMORY;
}
