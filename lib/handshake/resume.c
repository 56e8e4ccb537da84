#include "handshake/resume.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/early.h"
#include "handshake/psk.h"

#include <string.h>

#define FORMAT 3
/* The length in bytes of a serialized session without its variable parts. */
#define FIXED (1 + 2 + 4 + 4 + 4 + KEYTAG_LENGTH + 1 + 1 + 2 + 2)

_Static_assert(MASTER_LENGTH <= HASH_MAX, "a secret of either version must fit");

static size_t secret_length(const suite_t *suite)
{
    return suite->version == VERSION_DTLS13 ? hash_length(suite->hash) : MASTER_LENGTH;
}

/* ---- tickets of a server ---- */

dtls_error_t resume_issue_ticket(conn_t *conn, ticket_t *ticket, uint8_t out[TICKET_MAX],
                                 size_t *length)
{
    dtls_context_t *ctx = conn->ctx;
    uint8_t host[ADDRESS_MAX];
    writer_t w = writer(host, sizeof host);
    put_host(&w, &conn->peer->session);
    ticket->suite = conn->negotiated.suite;
    ticket->host = reader(host, writer_length(&w));
    ticket->identity = reader(conn->identity, conn->identity_length);
    ticket->key = conn->key_tag;
    dtls_error_t error =
        ticket_seal(&ctx->tickets, ctx->crypto, &ctx->alloc, &ctx->config, ticket, out, length);
    conn->issued_ticket = *length > 0 ? ticket->serial + 1 : 0;
    return error;
}

/* ---- writing a state ---- */

static void put_state_field(writer_t *w, size_t width, reader_t bytes)
{
    size_t length = reader_left(&bytes);
    put_uint(w, length, width);
    put_bytes(w, bytes.at, length);
}

static void put_state(writer_t *w, const suite_t *suite, const resumption_t *session)
{
    put_u8(w, FORMAT);
    put_u16(w, suite->id);
    put_uint(w, session->lifetime_s, 4);
    put_uint(w, session->age_add, 4);
    put_uint(w, session->early_data, 4);
    put_keytag(w, &session->key);
    put_state_field(w, 1, reader(session->secret, secret_length(suite)));
    put_state_field(w, 1, session->id);
    put_state_field(w, 2, session->identity);
    put_state_field(w, 2, session->ticket);
}

void resume_export(const conn_t *conn, const resumption_t *session)
{
    const dtls_context_t *ctx = conn->ctx;
    size_t room = FIXED + HASH_MAX + reader_left(&session->id) + reader_left(&session->identity) +
                  reader_left(&session->ticket);
    uint8_t *state = alloc_zeroed(&ctx->alloc, room);
    if (!state)
        return;
    writer_t w = writer(state, room);
    put_state(&w, conn->negotiated.suite, session);
    ctx->config.ticket(ctx->config.hook, &conn->peer->session, state, writer_length(&w),
                       session->lifetime_s);
    alloc_wipe(&ctx->alloc, state, room);
}

/* ---- reading a state ---- */

static bool offers_suite(const dtls_context_t *ctx, const suite_t *suite)
{
    for (size_t i = 0; i < ctx->terms->suite_count; i++)
        if (ctx->terms->suites[i] == suite)
            return true;
    return false;
}

/* Returns true if a ClientHello can offer the session: by a ticket, or in DTLS 1.2 by its ID. */
static bool names_session(const resumption_t *session, const suite_t *suite)
{
    size_t id = reader_left(&session->id);
    return reader_left(&session->ticket) > 0 ||
           (suite->version == VERSION_DTLS12 && id > 0 && id <= SESSION_ID_MAX);
}

static bool parse_state(reader_t *r, resumption_t *session, const suite_t **suite)
{
    bool known = take_u8(r) == FORMAT;
    *suite = suite_by_id(take_u16(r));
    session->lifetime_s = (uint32_t)take_uint(r, 4);
    session->age_add = (uint32_t)take_uint(r, 4);
    session->early_data = (uint32_t)take_uint(r, 4);
    session->key = take_keytag(r);
    reader_t secret = take_block(r, 1);
    session->id = take_block(r, 1);
    session->identity = take_block(r, 2);
    session->ticket = take_block(r, 2);
    if (!known || !*suite || !reader_done(r) || !names_session(session, *suite) ||
        reader_left(&secret) != secret_length(*suite))
        return false;
    memcpy(session->secret, secret.at, reader_left(&secret));
    return true;
}

/* Makes a copy in new memory. Returns false if there is not enough memory. */
static bool copy_bytes(const alloc_t *alloc, reader_t from, uint8_t **bytes, size_t *length)
{
    size_t left = reader_left(&from);
    *bytes = alloc_zeroed(alloc, left + 1);
    *length = *bytes ? left : 0;
    if (*length > 0)
        memcpy(*bytes, from.at, left);
    return *bytes != NULL;
}

static bool add_psk(conn_t *conn, const resumption_t *session, const suite_t *suite,
                    uint64_t age_ms)
{
    hs13_t *v13 = &conn->hs->v13;
    psk13_t *psk = &v13->psks[0];
    if (!copy_bytes(&conn->ctx->alloc, session->ticket, &psk->identity, &psk->identity_length))
        return false;
    /* The obfuscated_ticket_age is a sum modulo 2^32 (RFC 8446 section 4.2.11.1). */
    psk->age = (uint32_t)age_ms + session->age_add;
    psk->binder = SECRET_RES_BINDER;
    psk->length = hash_length(suite->hash);
    memcpy(psk->key, session->secret, psk->length);
    psk->suite = suite;
    uint32_t configured = conn->ctx->config.early_data;
    early_allow(conn, configured < session->early_data ? configured : session->early_data);
    v13->psk_count = 1;
    conn->hs->session_key = session->key;
    return true;
}

/* Chooses the session ID of the ClientHello. With a ticket the ID is random. A server that accepts
 * the ticket returns this ID (RFC 5077 section 3.4). */
static bool choose_id(conn_t *conn, const resumption_t *session)
{
    session12_t *offered = &conn->hs->session;
    if (offered->ticket_length > 0) {
        offered->id_length = SESSION_ID_MAX;
        return random_of(conn->ctx, offered->id, SESSION_ID_MAX);
    }
    offered->id_length = reader_left(&session->id);
    memcpy(offered->id, session->id.at, offered->id_length);
    return true;
}

static bool add_session(conn_t *conn, const resumption_t *session, const suite_t *suite,
                        uint64_t age_ms)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    session12_t *offered = &conn->hs->session;
    if (!psk_find_same(conn, session->identity, &session->key))
        return true;
    if (!copy_bytes(alloc, session->ticket, &offered->ticket, &offered->ticket_length) ||
        !copy_bytes(alloc, session->identity, &offered->identity, &offered->identity_length) ||
        !choose_id(conn, session))
        return false;
    memcpy(conn->hs->master, session->secret, MASTER_LENGTH);
    offered->lifetime_s = session->lifetime_s - (uint32_t)(age_ms / DTLS_TICKS_PER_SECOND);
    offered->suite = suite;
    conn->hs->session_key = session->key;
    return true;
}

static bool is_usable(const conn_t *conn, const resumption_t *session, const suite_t *suite,
                      uint64_t age_ms)
{
    const dtls_context_t *ctx = conn->ctx;
    bool is13 = suite->version == VERSION_DTLS13;
    return offers_suite(ctx, suite) && age_ms / DTLS_TICKS_PER_SECOND < session->lifetime_s &&
           (is13 ? suite_fits_psk(suite, psk_hash_of(ctx)) : ctx->terms->ems != DTLS_EMS_OFF);
}

bool resume_import(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms)
{
    const suite_t *suite;
    resumption_t session = {.lifetime_s = 0};
    reader_t r = reader(state, length);
    bool ok = true;
    if (parse_state(&r, &session, &suite) && is_usable(conn, &session, suite, age_ms))
        ok = suite->version == VERSION_DTLS13 ? add_psk(conn, &session, suite, age_ms)
                                              : add_session(conn, &session, suite, age_ms);
    wipe(&session, sizeof session);
    return ok;
}

void resume_drop(conn_t *conn)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    session12_t *session = &conn->hs->session;
    alloc_wipe(alloc, session->ticket, session->ticket_length);
    alloc_wipe(alloc, session->identity, session->identity_length);
    wipe(conn->hs->master, MASTER_LENGTH);
    *session = (session12_t){.suite = NULL};
}

void resume_drop_ticket(conn_t *conn)
{
    hs13_t *v13 = &conn->hs->v13;
    alloc_wipe(&conn->ctx->alloc, v13->psks[0].identity, v13->psks[0].identity_length);
    v13->psks[0] = v13->psks[1];
    wipe(&v13->psks[1], sizeof v13->psks[1]);
    v13->psk_count--;
    early_withdraw(conn);
}

void resume_check_key(conn_t *conn)
{
    if (conn->hs->v13.psk_count > 1 && !psk_has_session_key(conn))
        resume_drop_ticket(conn);
}
