#include "handshake/hs12_resume.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/conn.h"
#include "conn/negotiated.h"
#include "handshake/hs12.h"
#include "handshake/hs_server.h"
#include "handshake/psk.h"
#include "handshake/resume.h"

#include <string.h>

#define LIFETIME_S 7200       /* lifetime of a session if the server specifies none */
#define LIFETIME_MAX_S 604800 /* the longest lifetime of a session, a week: RFC 9325 section 3.4 */

/* ---- server: a session is resumed ---- */

/* Resumes the session if the application still has the same key for its identity. */
static dtls_error_t accept_identity(conn_t *conn, const ticket_t *ticket)
{
    dtls_error_t error =
        psk_set_identity(conn, ticket->identity.at, reader_left(&ticket->identity));
    if (error)
        return error;
    negotiated_resumption(conn, psk_find_same(conn, ticket->identity, &ticket->key));
    if (!conn->negotiated.resumed)
        psk_clear_identity(conn);
    return conn->phase == PHASE_HANDSHAKE ? DTLS_ERR_NONE : DTLS_ERR_STATE;
}

static dtls_error_t resume_ticket(conn_t *conn, const client_hello_t *hello, const ticket_t *ticket)
{
    handshake_t *hs = conn->hs;
    reader_t id = hello->session_id;
    if (conn->ctx->terms->ems == DTLS_EMS_OFF ||
        !hs_is_common_suite(conn->ctx, ticket->suite, hello))
        return DTLS_ERR_NONE;
    if (!(hello->extensions.seen & EXT_EXTENDED_MASTER_SECRET))
        return DTLS_ERR_NO_EXTENDED_MASTER_SECRET;
    dtls_error_t error = accept_identity(conn, ticket);
    if (error || !conn->negotiated.resumed)
        return error;
    hs->session.id_length = reader_left(&id);
    memcpy(hs->session.id, id.at, hs->session.id_length);
    memcpy(hs->master, ticket->psk.at, MASTER_LENGTH);
    hs->session.established = ticket->established;
    hs->session.serial = ticket->serial;
    hs->session.uses_ticket &= !ticket->foreign;
    negotiated_suite(conn, ticket->suite);
    return DTLS_ERR_NONE;
}

bool hs12_may_resume(const dtls_context_t *ctx, const client_hello_t *hello)
{
    reader_t cached = sessions_find(&ctx->sessions, hello->session_id);
    return reader_left(&hello->extensions.session_ticket) > 0 || reader_left(&cached) > 0;
}

dtls_error_t hs12_find_session(conn_t *conn, const client_hello_t *hello)
{
    dtls_context_t *ctx = conn->ctx;
    uint8_t room[TICKET_MAX];
    ticket_t ticket;
    dtls_error_t error = DTLS_ERR_NONE;
    dtls_tick_t now = ticket_now(ctx);
    reader_t bytes = hello->extensions.session_ticket;
    bool by_id = reader_left(&bytes) == 0;
    if (by_id)
        bytes = sessions_find(&ctx->sessions, hello->session_id);
    conn->hs->session.established = now;
    conn->hs->session.uses_ticket = !by_id;
    if (by_id ? ticket_reopen(&ctx->tickets, now, VERSION_DTLS12, bytes, room, &ticket)
              : ticket_open(&ctx->tickets, now, VERSION_DTLS12, bytes, room, &ticket))
        error = resume_ticket(conn, hello, &ticket);
    wipe(room, sizeof room);
    return error;
}

/* ---- server: a session is offered ---- */

dtls_error_t hs12_offer_session(conn_t *conn, const client_hello_t *hello)
{
    session12_t *session = &conn->hs->session;
    const dtls_config_t *config = &conn->ctx->config;
    bool supported = hello->extensions.seen & EXT_SESSION_TICKET;
    session->ticket_due = conn->negotiated.ems && config->tickets && supported;
    session->cached = conn->negotiated.ems && config->sessions > 0 && !session->ticket_due;
    if (!session->cached || conn->negotiated.resumed)
        return DTLS_ERR_NONE;
    session->id_length = SESSION_ID_MAX;
    return random_of(conn->ctx, session->id, SESSION_ID_MAX) ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

static dtls_error_t make_ticket12(conn_t *conn, uint8_t out[TICKET_MAX], size_t *length)
{
    ticket_t ticket = {.issued = ticket_now(conn->ctx),
                       .established = conn->hs->session.established,
                       .psk = reader(conn->hs->master, MASTER_LENGTH)};
    return resume_issue_ticket(conn, &ticket, out, length);
}

/* Returns the remaining lifetime of the session in seconds. The lifetime begins with the full
 * handshake: a resumption does not extend it. */
static uint32_t lifetime_left(const conn_t *conn)
{
    uint32_t left = ticket_lifetime_left(ticket_now(conn->ctx), conn->hs->session.established);
    return left > 0 ? left : 1; /* 0 would mean that the lifetime is not specified */
}

dtls_error_t hs12_put_ticket(conn_t *conn)
{
    uint8_t ticket[TICKET_MAX];
    size_t length;
    dtls_error_t error = make_ticket12(conn, ticket, &length);
    if (error)
        return error;
    writer_t w = hs_open(conn, HANDSHAKE_NEW_SESSION_TICKET);
    put_uint(&w, length > 0 ? lifetime_left(conn) : 0, 4);
    put_u16(&w, (unsigned)length);
    put_bytes(&w, ticket, length);
    return hs_close(conn, &w, HANDSHAKE_NEW_SESSION_TICKET, 0);
}

dtls_error_t hs12_cache_session(conn_t *conn)
{
    uint8_t ticket[TICKET_MAX];
    dtls_context_t *ctx = conn->ctx;
    const session12_t *session = &conn->hs->session;
    if (conn->negotiated.resumed && session->uses_ticket)
        ticket_redeem(&ctx->tickets, session->serial);
    size_t length = 0;
    dtls_error_t error = session->cached ? make_ticket12(conn, ticket, &length) : DTLS_ERR_NONE;
    if (length > 0)
        conn->cached_session = sessions_put(&ctx->sessions, &ctx->alloc, ctx->config.sessions,
                                            session->id, reader(ticket, length));
    return error;
}

/* ---- client ---- */

static bool resumes(const conn_t *conn, const server_hello_t *hello)
{
    const session12_t *offered = &conn->hs->session;
    reader_t id = hello->session_id;
    return offered->suite && reader_left(&id) == offered->id_length &&
           memcmp(id.at, offered->id, offered->id_length) == 0;
}

dtls_error_t hs12_check_resumption(const conn_t *conn, const server_hello_t *hello)
{
    if (!resumes(conn, hello))
        return DTLS_ERR_NONE;
    if (hello->suite != conn->hs->session.suite->id)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    bool ems = hello->extensions.seen & EXT_EXTENDED_MASTER_SECRET;
    return ems ? DTLS_ERR_NONE : DTLS_ERR_NO_EXTENDED_MASTER_SECRET;
}

dtls_error_t hs12_choose_session(conn_t *conn, const server_hello_t *hello)
{
    session12_t *session = &conn->hs->session;
    reader_t id = hello->session_id;
    negotiated_resumption(conn, resumes(conn, hello));
    if (!conn->negotiated.resumed) {
        resume_drop(conn);
        session->lifetime_s = LIFETIME_S;
        session->id_length = reader_left(&id);
        memcpy(session->id, id.at, session->id_length);
    }
    session->ticket_due = hello->extensions.seen & EXT_SESSION_TICKET;
    if (!conn->negotiated.resumed)
        return DTLS_ERR_NONE;
    psk_resume(conn);
    return psk_set_identity(conn, session->identity, session->identity_length);
}

/* Stores the ticket. A server that issues no ticket after all sends an empty one (RFC 5077 section
 * 3.3). If there is no memory for the ticket, the session cannot be resumed by ticket, and the
 * handshake continues. */
dtls_error_t hs12_receive_ticket(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    const alloc_t *alloc = &conn->ctx->alloc;
    session12_t *session = &conn->hs->session;
    uint32_t lifetime_s = (uint32_t)take_uint(body, 4);
    reader_t ticket = take_block(body, 2);
    size_t length = reader_left(&ticket);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (length == 0)
        return DTLS_ERR_NONE;
    alloc_wipe(alloc, session->ticket, session->ticket_length);
    session->ticket = alloc_zeroed(alloc, length);
    session->ticket_length = session->ticket ? length : 0;
    if (session->ticket)
        memcpy(session->ticket, ticket.at, length);
    session->lifetime_s = lifetime_s == 0 ? LIFETIME_S : lifetime_s;
    if (session->lifetime_s > LIFETIME_MAX_S)
        session->lifetime_s = LIFETIME_MAX_S;
    return DTLS_ERR_NONE;
}

/* Passes the session with the new ticket to the application. If the server has issued no new
 * ticket, passes the old ticket again, which is still valid. */
dtls_error_t hs12_export_session(conn_t *conn)
{
    const session12_t *session = &conn->hs->session;
    bool has_ticket = session->ticket_length > 0;
    if (!conn->ctx->config.ticket || !conn->negotiated.ems ||
        (!has_ticket && session->id_length == 0))
        return DTLS_ERR_NONE;
    resumption_t state = {.lifetime_s = session->lifetime_s,
                          .id = reader(session->id, has_ticket ? 0 : session->id_length),
                          .identity = reader(conn->identity, conn->identity_length),
                          .key = conn->key_tag,
                          .ticket = reader(session->ticket, session->ticket_length)};
    memcpy(state.secret, conn->hs->master, MASTER_LENGTH);
    resume_export(conn, &state);
    wipe(&state, sizeof state);
    return conn->phase == PHASE_HANDSHAKE ? DTLS_ERR_NONE : DTLS_ERR_STATE;
}
