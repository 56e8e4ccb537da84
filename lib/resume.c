#include "resume.h"

#include "iana.h"

#include <string.h>

#define FORMAT 1
#define FIXED (1 + 2 + 4 + 4 + 4 + 1 + 2) /* all but the PSK and the ticket */

static void put_state(writer_t *w, const conn_t *conn, const resumption_t *ticket)
{
    put_u8(w, FORMAT);
    put_u16(w, conn->suite->id);
    put_uint(w, ticket->lifetime_s, 4);
    put_uint(w, ticket->age_add, 4);
    put_uint(w, ticket->early_data, 4);
    size_t psk = hash_length(conn->suite->hash), length = reader_left(&ticket->ticket);
    put_u8(w, (unsigned)psk);
    put_bytes(w, ticket->psk, psk);
    put_u16(w, (unsigned)length);
    put_bytes(w, ticket->ticket.at, length);
}

bool resume_give(const conn_t *conn, const resumption_t *ticket)
{
    const dtls_context_t *ctx = conn->ctx;
    size_t room = FIXED + HASH_MAX + reader_left(&ticket->ticket);
    uint8_t *state = alloc_zeroed(&ctx->alloc, room);
    if (!state)
        return false;
    writer_t w = writer(state, room);
    put_state(&w, conn, ticket);
    ctx->config.ticket(ctx->config.hook, &conn->peer->session, state, writer_length(&w),
                       ticket->lifetime_s);
    alloc_wipe(&ctx->alloc, state, room);
    return true;
}

static bool offers_suite(const dtls_context_t *ctx, const suite_t *suite)
{
    for (size_t i = 0; i < ctx->suite_count; i++)
        if (ctx->suites[i] == suite)
            return true;
    return false;
}

static bool take_state(reader_t *r, resumption_t *ticket, const suite_t **suite)
{
    bool known = take_u8(r) == FORMAT;
    *suite = suite_by_id(take_u16(r));
    ticket->lifetime_s = (uint32_t)take_uint(r, 4);
    ticket->age_add = (uint32_t)take_uint(r, 4);
    ticket->early_data = (uint32_t)take_uint(r, 4);
    reader_t psk = take_block(r, 1);
    ticket->ticket = take_block(r, 2);
    if (!known || !*suite || !reader_done(r) || reader_left(&ticket->ticket) == 0 ||
        (*suite)->version != VERSION_DTLS13 || reader_left(&psk) != hash_length((*suite)->hash))
        return false;
    memcpy(ticket->psk, psk.at, reader_left(&psk));
    return true;
}

static bool add_psk(conn_t *conn, const resumption_t *ticket, const suite_t *suite, uint64_t age_ms)
{
    hs13_t *v13 = &conn->hs->v13;
    psk13_t *psk = &v13->psks[0];
    size_t length = reader_left(&ticket->ticket);
    psk->identity = alloc_zeroed(&conn->ctx->alloc, length);
    if (!psk->identity)
        return false;
    memcpy(psk->identity, ticket->ticket.at, length);
    psk->identity_length = length;
    psk->age = (uint32_t)age_ms + ticket->age_add; /* modulo 2^32: RFC 8446 section 4.2.11.1 */
    psk->binder = SECRET_RES_BINDER;
    psk->length = hash_length(suite->hash);
    memcpy(psk->key, ticket->psk, psk->length);
    psk->suite = suite;
    uint32_t wanted = conn->ctx->config.early_data;
    v13->early_left = wanted < ticket->early_data ? wanted : ticket->early_data;
    v13->psk_count = 1;
    return true;
}

bool resume_take(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms)
{
    const suite_t *suite;
    resumption_t ticket;
    reader_t r = reader(state, length);
    bool usable = take_state(&r, &ticket, &suite) && offers_suite(conn->ctx, suite) &&
                  suite_takes(suite, psk_hash_of(conn->ctx)) &&
                  age_ms / DTLS_TICKS_PER_SECOND < ticket.lifetime_s;
    bool ok = !usable || add_psk(conn, &ticket, suite, age_ms);
    crypto_wipe(&ticket, sizeof ticket);
    return ok;
}
