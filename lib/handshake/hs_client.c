#include "handshake/hs_client.h"

#include "base/iana.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/negotiated.h"
#include "conn/output.h"
#include "conn/retransmit.h"
#include "conn/rto.h"
#include "conn/suspect.h"
#include "conn/terms.h"
#include "handshake/client_offer.h"
#include "handshake/hs12.h"
#include "handshake/hs12_client.h"
#include "handshake/hs13.h"
#include "handshake/hs13_client.h"
#include "handshake/resume.h"

#include <string.h>

#define COOKIES_MAX 8 /* how many HelloVerifyRequests we follow before the first time-out */
#define HELLO_ROOM 556
#define USUAL_MTU 1232
#define COOKIE13_ROOM (4 + RETRY_COOKIE_MAX)

static dtls_error_t receive_hello_verify(conn_t *conn, reader_t *body, const message_t *message);
static dtls_error_t receive_server_hello(conn_t *conn, reader_t *body, const message_t *message);
static dtls_error_t after_server_hello(conn_t *conn);

const hs_row_t hs_client_rows[] = {
    {CLIENT_WAIT_HELLO, HANDSHAKE_HELLO_VERIFY_REQUEST, 0, ROW_STATELESS, 258, receive_hello_verify,
     hs_client_send_hello, CLIENT_WAIT_HELLO},
    {CLIENT_WAIT_HELLO, HANDSHAKE_HELLO_RETRY_REQUEST, 0, ROW_FIRST, 65536, hs13_receive_retry,
     hs_client_send_hello, CLIENT_WAIT_HELLO},
    {CLIENT_WAIT_HELLO, HANDSHAKE_SERVER_HELLO, 0, ROW_FIRST, 65536, receive_server_hello,
     after_server_hello, CLIENT_AFTER_HELLO},
    {.receive = NULL},
};

/* ---- ClientHello ---- */

static bytes_t session_id_of(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    const session12_t *session = &conn->hs->session;
    if (session->suite)
        return (bytes_t){session->id, session->id_length};
    return (bytes_t){config->session_id, conn->hs->offer.v12 ? config->session_id_length : 0};
}

static hello_params_t params_of(const conn_t *conn)
{
    const handshake_t *hs = conn->hs;
    const dtls_context_t *ctx = conn->ctx;
    hello_params_t params = {.v12 = hs->offer.v12,
                             .v13 = hs->offer.v13,
                             .random = hs->randoms.client,
                             .session_id = session_id_of(conn),
                             .cookie12 = hs->offer.cookie,
                             .cookie12_length = hs->offer.cookie_length,
                             .suites = ctx->terms->suites,
                             .suite_count = ctx->terms->suite_count,
                             .extended_master_secret = ctx->terms->ems != DTLS_EMS_OFF,
                             .encrypt_then_mac = client_offer_has_cbc(conn),
                             .session_ticket = client_offer_takes_sessions(conn),
                             .ticket = hs->session.ticket,
                             .ticket_length = hs->session.ticket_length,
                             .heartbeat = ctx->config.heartbeat,
                             .record_size_limit = ctx->config.record_size_limit,
                             .groups = ctx->groups,
                             .group_count = ctx->group_count,
                             .point_formats = client_offer_has_kx(conn, KX_ECDHE_PSK),
                             .connection_id = conn->cids != NULL,
                             .grease = ctx->config.grease ? hs->offer.grease : NULL,
                             .padding = hs->offer.padding};
    if (conn->cids && conn->cids->own_count > 0) {
        params.cid = conn->cids->own[0]->bytes;
        params.cid_length = ctx->config.cid_length;
    }
    if (hs->offer.v13)
        hs13_client_params(conn, &params);
    return params;
}

static dtls_error_t write_hello(conn_t *conn, writer_t *w)
{
    const hello_params_t params = params_of(conn);
    size_t room = HELLO_ROOM + conn->hs->offer.cookie_length + conn->hs->v13.cookie_length +
                  params.share_length + params.ticket_length + hs13_client_identities(conn) +
                  (params.grease ? GREASE_ROOM : 0) + params.padding;
    if (!flight_start(&conn->flight, &conn->ctx->alloc, room, true))
        return DTLS_ERR_MEMORY;
    flight_keep_mtu(&conn->flight);
    *w = hs_open(conn, HANDSHAKE_CLIENT_HELLO);
    put_client_hello(w, &params);
    return DTLS_ERR_NONE;
}

/* Returns true if the ClientHello, even with a cookie added, fits a datagram. Many servers that
 * keep no state cannot reassemble a ClientHello. */
static bool fits_datagram(const writer_t *w, size_t datagram)
{
    return !w->failed && RECORD_HEADER + writer_length(w) + COOKIE13_ROOM <= datagram;
}

/* Returns true if the ClientHello fits a datagram of the usual MTU, or of our MTU if that is
 * larger. If only our MTU is too small, the ClientHello is sent in fragments, which some servers
 * can reassemble. */
static bool is_sendable(const conn_t *conn, const writer_t *w)
{
    return fits_datagram(w, conn->sizes.mtu > USUAL_MTU ? conn->sizes.mtu : USUAL_MTU);
}

/* Shortens the ClientHello: leaves out the DTLS 1.2 session, or if there is none, what
 * hs13_client_leave_out() chooses. Returns false if there is nothing to leave out. */
static bool leave_out(conn_t *conn)
{
    if (conn->hs->session.suite) {
        resume_drop(conn);
        return true;
    }
    return conn->hs->offer.v13 && hs13_client_leave_out(conn);
}

/* Writes the first ClientHello. If it is too long without padding, leaves parts out. */
static dtls_error_t write_first_hello(conn_t *conn, writer_t *w)
{
    dtls_error_t error = write_hello(conn, w);
    while (!error && !fits_datagram(w, conn->sizes.mtu) && leave_out(conn))
        error = write_hello(conn, w);
    if (!error && conn->hs->offer.v13 && !is_sendable(conn, w))
        error = DTLS_ERR_TOO_LONG;
    if (!error && client_offer_pad(conn, writer_length(w) - MESSAGE_HEADER))
        error = write_hello(conn, w);
    return error;
}

/* Puts the next ClientHello into the flight. A later ClientHello may differ from the first only in
 * what the server has requested (RFC 6347 section 4.2.1, RFC 8446 section 4.1.2). Some servers
 * compute their cookie of all other parts, so the padding stays the same. */
static dtls_error_t put_next_hello(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    writer_t w;
    bool first = conn->messages.send_seq == 0;
    dtls_error_t error = first ? write_first_hello(conn, &w) : write_hello(conn, &w);
    if (error)
        return error;
    hs_expect_response(conn);
    error = hs_finish_message(conn, &w, HANDSHAKE_CLIENT_HELLO, 0);
    if (!error && hs->offer.v13)
        error = hs13_client_bind(conn, w.start, writer_length(&w));
    if (!error && hs->transcript.hash)
        error = hs_hash(conn, w.start, writer_length(&w));
    return error;
}

dtls_error_t hs_client_start(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    uint8_t random[RANDOM_LENGTH];
    hs_use_rows(conn, hs_client_rows);
    hs_enter(conn, CLIENT_WAIT_HELLO);
    if (!client_offer_start(conn) || !random_of(conn->ctx, random, RANDOM_LENGTH))
        return DTLS_ERR_CRYPTO;
    hs_set_client_random(conn, random);
    dtls_error_t error = cids_offer(conn);
    if (!error && hs->offer.v13)
        error = hs13_client_prepare(conn);
    return error ? error : hs_client_send_hello(conn);
}

bool hs_client_start_over(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    const terms_t *outer = ctx->terms;
    bool early = conn->early.status != DTLS_EARLY_NONE;
    if (!suspect_forged_answer(conn) || conn->peer->conn != conn)
        return false;
    ctx->terms = terms_of(conn);
    conn_t *next = conn_start_over(conn);
    if (next) {
        suspect_inherit_hellos(next, conn);
        dtls_error_t error = hs_client_start(next);
        if (early)
            early_restore(next, DTLS_EARLY_REJECTED);
        if (error)
            conn_fail(next, error);
    }
    ctx->terms = outer;
    return next != NULL;
}

/* Writes and sends the next ClientHello. After more than COOKIES_MAX cookies, further
 * HelloVerifyRequests may be forged: the timer then continues to back off, which limits the rate of
 * our ClientHellos. */
dtls_error_t hs_client_send_hello(conn_t *conn)
{
    /* Discard stored fragments: they respond to an earlier ClientHello. */
    reassembly_end(&conn->reassembly, &conn->ctx->alloc);
    uint32_t timer_ms = conn->hs->offer.cookies > COOKIES_MAX ? conn->flight.timer_ms : 0;
    dtls_error_t error = put_next_hello(conn);
    if (!error)
        error = retransmit_send(conn, &conn->flight);
    if (timer_ms > 0)
        retransmit_set_timer(conn, timer_ms);
    return error;
}

/* ---- HelloVerifyRequest ---- */

/* Returns true if the HelloVerifyRequest has the message_seq of the latest ClientHello, or 0, which
 * some servers always use. */
static bool has_possible_seq(const conn_t *conn, const message_t *message)
{
    const uint16_t seq = message_seq(message);
    return seq == 0 || seq == (uint16_t)(conn->messages.send_seq - 1);
}

/* Returns true if a HelloVerifyRequest may respond to an earlier ClientHello than our latest one:
 * the server responds to each copy of a ClientHello, each time with another cookie. The caller
 * ignores such a late response, because the server may have accepted the ClientHello with a cookie
 * that we have sent since.
 *
 * If the server copies the record number, the number shows to which ClientHello the server responds
 * (RFC 6347 section 4.2.1). If the server does not copy it, a response is followed only after a
 * time-out. By then all late responses must have arrived, because the round trip is at most the
 * time between our first ClientHello and our latest one. */
static bool is_late_response(const conn_t *conn, bool names_this_hello)
{
    const flight_t *flight = &conn->flight;
    if (conn->hs->offer.cookies == 0 || names_this_hello)
        return false;
    dtls_tick_t round_trip = flight->first_at - conn->hs->started;
    return flight->sends < 2 || now_of(conn->ctx) < flight->first_at + 2 * round_trip;
}

static dtls_error_t receive_hello_verify(conn_t *conn, reader_t *body, const message_t *message)
{
    handshake_t *hs = conn->hs;
    reader_t cookie;
    const record_number_t number = {0, message->sequence};
    dtls_tick_t sent_at = flight_sent_at(&conn->flight, number);
    if (!has_possible_seq(conn, message) || hs->v13.retried ||
        is_late_response(conn, sent_at != NEVER))
        return HS_IGNORE;
    dtls_error_t error = hello_verify_request_parse(body, &cookie);
    if (error)
        return error;
    if (!hs->offer.v12)
        return DTLS_ERR_VERSION;
    size_t length = reader_left(&cookie);
    const uint8_t *bytes = take_bytes(&cookie, length);
    if (hs->offer.cookies > 0 && length == hs->offer.cookie_length &&
        memcmp(bytes, hs->offer.cookie, length) == 0)
        return HS_IGNORE;
    /* Accept one more cookie for each time-out: the ClientHello with the latest cookie was lost or
     * rejected, and forged cookies must not keep out the genuine cookie. */
    if (hs->offer.cookies >= COOKIES_MAX + conn->counts.timeouts)
        return HS_IGNORE;
    rto_measured_by_number(conn, message->sequence);
    /* Forget early data: a server that sends a HelloVerifyRequest uses DTLS 1.2, which has none. */
    client_offer_save_first(conn);
    hs13_client_end_early(conn);
    client_offer_cookie(conn, bytes, length);
    return DTLS_ERR_NONE;
}

/* ---- ServerHello ---- */

static dtls_error_t receive_server_hello(conn_t *conn, reader_t *body, const message_t *message)
{
    server_hello_t hello;
    bool first = hs_may_respond_to_first(conn, message_seq(message));
    dtls_error_t error = server_hello_parse(body, conn->hs->offer.v13, &hello);
    if (error)
        return error;
    if (suspect_is_stale_hello(conn, message))
        return HS_IGNORE;
    if (first && !hello.is13)
        /* Ignore a DTLS 1.2 ServerHello for the ClientHello without a cookie: its server will also
         * respond to the ClientHello with the cookie. */
        return HS_IGNORE;
    /* A DTLS 1.3 server must reject our latest ClientHello, because its legacy_cookie is not empty
     * (RFC 9147 section 5.3). */
    if (hello.is13 && conn->hs->offer.cookies > 0 && !conn->hs->v13.retried && !first)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    error = hello.is13 ? hs13_client_accept(conn, &hello) : hs12_client_accept(conn, &hello);
    if (error)
        return error;
    cids_agree(conn, &hello.extensions);
    client_offer_finalize(conn, first);
    if (conn->hs->v13.retried)
        return DTLS_ERR_NONE;
    /* The transcript begins with the latest ClientHello: a ClientHello before a HelloVerifyRequest
     * is not part of it (RFC 6347 section 4.2.6). */
    size_t length;
    const uint8_t *client_hello = flight_bytes(&conn->flight, 0, &length);
    return hs_hash(conn, client_hello, length);
}

static dtls_error_t after_server_hello(conn_t *conn)
{
    if (conn->v13)
        return hs13_enter_handshake(conn);
    return conn->negotiated.resumed ? hs12_client_resume(conn) : DTLS_ERR_NONE;
}
