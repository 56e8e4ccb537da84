#include "handshake/post_handshake.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/ack.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/epochs.h"
#include "conn/liveness.h"
#include "conn/retransmit.h"
#include "conn/sizes.h"
#include "handshake/cid13.h"
#include "handshake/hs13.h"
#include "handshake/resume.h"

#define LIFETIME_MAX_S 604800
#define EPOCH_LAST UINT16_MAX
/* The last message_seq that we use: message_seq must not wrap. */
#define SEQ_LAST (UINT16_MAX - 1)

/* ---- sending ---- */

static dtls_error_t send_key_update(conn_t *conn);

bool post13_has_numbers(const conn_t *conn)
{
    return conn->messages.send_seq <= SEQ_LAST;
}

bool post13_has_epochs(const conn_t *conn)
{
    return conn->send_epoch < EPOCH_LAST && post13_has_numbers(conn);
}

static dtls_error_t send_post_message(conn_t *conn, post_t which, uint8_t msg_type,
                                      const uint8_t *body, size_t length)
{
    flight_t *flight = conn_start_post(conn, which, MESSAGE_HEADER + length);
    if (!flight)
        return DTLS_ERR_MEMORY;
    writer_t w = flight_open(flight);
    put_message_header(&w, msg_type, (uint32_t)length, hs_next_send_seq(conn));
    put_bytes(&w, body, length);
    if (!flight_close(flight, &w, CONTENT_HANDSHAKE, conn->send_epoch))
        return DTLS_ERR_TOO_LONG;
    liveness_requested(conn);
    return retransmit_send(conn, flight);
}

/* Returns true if a message of this kind may be sent now. Each message waits for the ACK of an
 * earlier message of its kind: RFC 9147 section 5.8.4. A KeyUpdate waits for the ACKs of all
 * earlier messages, and all messages wait for the ACK of a KeyUpdate. So when a KeyUpdate is
 * acknowledged, nothing is resent in the old epoch, and the keys of that epoch can be wiped. */
static bool may_send(const conn_t *conn, post_t which)
{
    flight_t *const *post = conn->v13->post;
    if (conn->phase == PHASE_CLOSING)
        /* No message may follow close_notify. */
        return false;
    if (which != POST_KEY_UPDATE)
        return !post[which] && !post[POST_KEY_UPDATE];
    for (post_t i = 0; i < POST_COUNT; i++)
        if (post[i])
            return false;
    return conn->flight.timer_at == NEVER;
}

static dtls_error_t send_new_cid(conn_t *conn)
{
    uint8_t body[CID13_MAX];
    size_t length = cid13_put_new(conn, body);
    if (length == 0)
        /* No ID could be issued: the peer continues to use the old one. */
        return DTLS_ERR_NONE;
    return send_post_message(conn, POST_NEW_CID, HANDSHAKE_NEW_CONNECTION_ID, body, length);
}

static dtls_error_t request_cids(conn_t *conn)
{
    uint8_t body[CID13_MAX];
    size_t length = cid13_put_request(conn, body);
    return send_post_message(conn, POST_REQUEST_CID, HANDSHAKE_REQUEST_CONNECTION_ID, body, length);
}

dtls_error_t post13_request(conn_t *conn, post_t which)
{
    conn->v13->pending[which] = true;
    return post13_send_pending(conn);
}

dtls_error_t post13_issue_cids(conn_t *conn)
{
    return post13_request(conn, POST_NEW_CID);
}

dtls_error_t post13_send_pending(conn_t *conn)
{
    static dtls_error_t (*const send[POST_COUNT])(conn_t *) = {
        [POST_KEY_UPDATE] = send_key_update,
        [POST_NEW_CID] = send_new_cid,
        [POST_REQUEST_CID] = request_cids,
    };
    dtls_error_t error = DTLS_ERR_NONE;
    for (post_t which = 0; which < POST_COUNT && !error; which++) {
        if (!conn->v13->pending[which] || !may_send(conn, which))
            continue;
        conn->v13->pending[which] = false;
        /* If no message_seq is left, no KeyUpdate is sent, and the current keys stay in use until
         * they reach their limit. */
        if (post13_has_numbers(conn))
            error = send[which](conn);
    }
    return error;
}

/* ---- KeyUpdate: RFC 9147 section 8, RFC 8446 section 4.6.3 ---- */

static dtls_error_t send_key_update(conn_t *conn)
{
    conn13_t *v13 = conn->v13;
    /* Request a KeyUpdate only if the peer has responded to our earlier request (RFC 8446 section
     * 4.6.3). */
    const uint8_t body = v13->request_pending && !v13->update_requested;
    v13->update_responds = v13->response_pending;
    v13->request_pending = v13->response_pending = false;
    if (!post13_has_epochs(conn))
        /* No epoch is left for new keys: ignore a request of the peer (RFC 9147 section 8). */
        return DTLS_ERR_NONE;
    v13->update_requested |= body;
    return send_post_message(conn, POST_KEY_UPDATE, HANDSHAKE_KEY_UPDATE, &body, 1);
}

dtls_error_t post13_update_keys(conn_t *conn, bool request)
{
    conn13_t *v13 = conn->v13;
    bool asks = request && !v13->update_requested;
    if (v13->post[POST_KEY_UPDATE] && !asks)
        return DTLS_ERR_NONE;
    v13->request_pending |= asks;
    return post13_request(conn, POST_KEY_UPDATE);
}

/* Starts the new write keys only after the ACK, which shows that the peer has the same keys (RFC
 * 9147 section 8). */
dtls_error_t post13_acked(conn_t *conn, post_t which)
{
    conn_end_post(conn, which);
    dtls_error_t error = which == POST_KEY_UPDATE ? hs13_update_write(conn) : DTLS_ERR_NONE;
    if (!error && which == POST_KEY_UPDATE)
        conn_event(conn, 0, DTLS_EVENT_KEYS_UPDATED);
    return error || conn->phase == PHASE_ENDED ? error : post13_send_pending(conn);
}

/* Starts the new read keys. Keeps the old read keys, which the peer uses until our ACK arrives. The
 * ACK is sent without delay, because the peer may have reached a limit of its old keys. */
dtls_error_t post13_receive_key_update(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    uint8_t request = take_u8(body);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (request > 1)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (conn->v13->read_epoch >= EPOCH_LAST)
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    dtls_error_t error = hs13_update_read(conn);
    if (error)
        return error;
    ack_now(conn);
    conn->v13->update_requested = false;
    if (!request)
        return DTLS_ERR_NONE;
    /* Do not respond a second time if our KeyUpdate under way is a response: that KeyUpdate also
     * responds to this request. Any other KeyUpdate under way may have been sent before the request
     * arrived, so another KeyUpdate must follow. */
    if (conn->v13->post[POST_KEY_UPDATE] && conn->v13->update_responds)
        return DTLS_ERR_NONE;
    conn->v13->response_pending = true;
    return post13_request(conn, POST_KEY_UPDATE);
}

/* ---- NewSessionTicket: RFC 8446 section 4.6.1 ---- */

/* Each association has one ticket, so any nonce is unique. */
static const uint8_t ticket_nonce[] = {0};

static dtls_error_t derive_psk(conn_t *conn, const uint8_t *resumption, reader_t nonce,
                               uint8_t *psk)
{
    bool ok = kdf13_ticket_psk(conn->ctx->crypto, conn->negotiated.suite->hash, resumption,
                               nonce.at, reader_left(&nonce), psk);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

/* Returns when the handshake took place that used the application's key: this handshake, or if it
 * resumes a session, that of the session. */
static dtls_tick_t established_at(const conn_t *conn)
{
    return conn->negotiated.resumed ? conn->hs->v13.ticket.established : ticket_now(conn->ctx);
}

static uint32_t lifetime_left(const conn_t *conn)
{
    return ticket_lifetime_left(ticket_now(conn->ctx), established_at(conn));
}

static dtls_error_t make_ticket13(conn_t *conn, uint32_t age_add, const uint8_t *psk,
                                  uint8_t out[TICKET_MAX], size_t *length)
{
    ticket_t ticket = {.issued = ticket_now(conn->ctx),
                       .established = established_at(conn),
                       .age_add = age_add,
                       .psk = reader(psk, hash_length(conn->negotiated.suite->hash))};
    return resume_issue_ticket(conn, &ticket, out, length);
}

/* Writes the body of a NewSessionTicket. grease: the seeds of an extension (grease.h); NULL: it has
 * none. */
static void put_ticket_body(writer_t *w, const conn_t *conn, uint32_t age_add,
                            const uint8_t *ticket, size_t length, const uint8_t *grease)
{
    put_uint(w, lifetime_left(conn), 4);
    put_uint(w, age_add, 4);
    put_u8(w, sizeof ticket_nonce);
    put_bytes(w, ticket_nonce, sizeof ticket_nonce);
    put_u16(w, (unsigned)length);
    put_bytes(w, ticket, length);
    block_t extensions = open_block(w, 2);
    uint32_t early_data = early_limit(conn->ctx);
    if (early_data > 0)
        put_ext_early_data_size(w, early_data);
    if (grease)
        put_ext_grease(w, grease, GREASE_FIRST_EXTENSION);
    close_block(w, extensions);
}

static dtls_error_t seal_ticket(conn_t *conn, uint32_t age_add, uint8_t out[TICKET_MAX],
                                size_t *length)
{
    uint8_t resumption[HASH_MAX], psk[HASH_MAX];
    dtls_error_t error = hs13_resumption(conn, resumption);
    if (!error)
        error = derive_psk(conn, resumption, reader(ticket_nonce, sizeof ticket_nonce), psk);
    if (!error)
        error = make_ticket13(conn, age_add, psk, out, length);
    wipe(resumption, sizeof resumption);
    wipe(psk, sizeof psk);
    return error;
}

/* Sends a ticket, unless the session that this handshake resumed has expired meanwhile. If memory for the ticket is short, sends none, and the association continues
 * without. If memory for the datagram is short, the timer of the flight sends the ticket later. */
dtls_error_t post13_send_ticket(conn_t *conn)
{
    uint8_t random[4 + GREASE_SEEDS], ticket[TICKET_MAX], body[TICKET_MAX + 64];
    bool grease = conn->ctx->config.grease;
    size_t length;
    if (lifetime_left(conn) == 0)
        return DTLS_ERR_NONE;
    if (!random_of(conn->ctx, random, grease ? sizeof random : 4))
        return DTLS_ERR_CRYPTO;
    reader_t r = reader(random, 4);
    uint32_t age_add = (uint32_t)take_uint(&r, 4);
    dtls_error_t error = seal_ticket(conn, age_add, ticket, &length);
    if (error || length == 0)
        return error;
    writer_t w = writer(body, sizeof body);
    put_ticket_body(&w, conn, age_add, ticket, length, grease ? random + 4 : NULL);
    error =
        send_post_message(conn, POST_TICKET, HANDSHAKE_NEW_SESSION_TICKET, body, writer_length(&w));
    return error == DTLS_ERR_MEMORY ? DTLS_ERR_NONE : error;
}

/* Passes the ticket to the application, and acknowledges it even if the application does not store
 * it (RFC 9147 section 5.7). */
dtls_error_t post13_receive_ticket(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    const dtls_config_t *config = &conn->ctx->config;
    extensions_t extensions;
    resumption_t ticket = {.lifetime_s = 0};
    if (!conn->client)
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    ticket.lifetime_s = (uint32_t)take_uint(body, 4);
    ticket.age_add = (uint32_t)take_uint(body, 4);
    reader_t nonce = take_block(body, 1);
    ticket.ticket = take_block(body, 2);
    if (body->failed || reader_left(&ticket.ticket) == 0)
        return DTLS_ERR_DECODE;
    dtls_error_t error = ext_parse(body, IN_NEW_SESSION_TICKET, &extensions);
    if (error)
        return error;
    if (ticket.lifetime_s > LIFETIME_MAX_S)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (!config->ticket || ticket.lifetime_s == 0)
        return DTLS_ERR_NONE;
    ticket.early_data = extensions.early_data;
    ticket.key = conn->key_tag;
    error = derive_psk(conn, conn->v13->resumption, nonce, ticket.secret);
    if (!error)
        resume_export(conn, &ticket);
    wipe(&ticket, sizeof ticket);
    return error;
}
