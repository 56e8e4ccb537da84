#include "conn/cids.h"

#include "base/iana.h"

#include <string.h>

#define TRIES 16 /* how often to try a random connection ID: a short one may be in use */

bool cids_start(dtls_context_t *ctx)
{
    uint8_t key[16];
    return random_of(ctx, key, sizeof key) && table_start(&ctx->cids, &ctx->alloc, key);
}

void cids_end(dtls_context_t *ctx)
{
    table_end(&ctx->cids, &ctx->alloc);
}

conn_t *cids_find(const dtls_context_t *ctx, const uint8_t *cid)
{
    size_t length = ctx->config.cid_length;
    table_entry_t *entry = table_find(&ctx->cids, table_hash(&ctx->cids, cid, length));
    while (entry && memcmp(((own_cid_t *)entry)->bytes, cid, length) != 0)
        entry = table_next(entry);
    return entry ? ((own_cid_t *)entry)->conn : NULL;
}

/* ---- our connection IDs ---- */

/* Writes an unused connection ID to out: config.cid if no association has it, else
 * config.cid_prefix and random bytes. */
static dtls_error_t choose_cid(const dtls_context_t *ctx, uint8_t *out)
{
    size_t length = ctx->config.cid_length, prefix = ctx->config.cid_prefix_length;
    if (ctx->config.cid && !cids_find(ctx, ctx->config.cid)) {
        memcpy(out, ctx->config.cid, length);
        return DTLS_ERR_NONE;
    }
    memcpy(out, ctx->config.cid_prefix, prefix);
    for (int tries = 0; tries < TRIES; tries++) {
        if (!random_of(ctx, out + prefix, length - prefix))
            return DTLS_ERR_CRYPTO;
        if (!cids_find(ctx, out))
            return DTLS_ERR_NONE;
    }
    return DTLS_ERR_PEER_LIMIT;
}

/* Removes our oldest connection ID. There must be at least one. */
static void retire(conn_t *conn)
{
    conn_cids_t *cids = conn->cids;
    own_cid_t *own = cids->own[0];
    table_remove(&conn->ctx->cids, &own->entry);
    alloc_wipe(&conn->ctx->alloc, own, sizeof *own);
    memmove(cids->own, cids->own + 1, --cids->own_count * sizeof(own_cid_t *));
}

dtls_error_t cids_add(conn_t *conn, bool in_place)
{
    dtls_context_t *ctx = conn->ctx;
    conn_cids_t *cids = conn->cids;
    bool enough = cids->own_count == OWN_CIDS;
    if (enough && !in_place)
        return DTLS_ERR_PEER_LIMIT;
    own_cid_t *own = alloc_zeroed(&ctx->alloc, sizeof *own);
    dtls_error_t error = own ? choose_cid(ctx, own->bytes) : DTLS_ERR_MEMORY;
    if (error) {
        alloc_wipe(&ctx->alloc, own, sizeof *own);
        return error;
    }
    if (enough)
        retire(conn);
    own->conn = conn;
    cids->own[cids->own_count++] = own;
    table_insert(&ctx->cids, &ctx->alloc, &own->entry,
                 table_hash(&ctx->cids, own->bytes, ctx->config.cid_length));
    return DTLS_ERR_NONE;
}

void cids_free(conn_t *conn)
{
    if (!conn->cids)
        return;
    while (conn->cids->own_count > 0)
        retire(conn);
    alloc_wipe(&conn->ctx->alloc, conn->cids, sizeof *conn->cids);
    conn->cids = NULL;
}

/* ---- hellos ---- */

dtls_error_t cids_offer(conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    if (!config->use_cid)
        return DTLS_ERR_NONE;
    conn->cids = alloc_zeroed(&conn->ctx->alloc, sizeof *conn->cids);
    if (!conn->cids)
        return DTLS_ERR_MEMORY;
    return config->cid_length == 0 ? DTLS_ERR_NONE : cids_add(conn, false);
}

void cids_agree(conn_t *conn, const extensions_t *theirs)
{
    conn_cids_t *cids = conn->cids;
    reader_t cid = theirs->cid;
    if (!cids)
        return;
    if (!(theirs->seen & EXT_CONNECTION_ID)) {
        cids_free(conn);
        return;
    }
    cids->agreed = true;
    cids->rrc = theirs->seen & EXT_RRC;
    cids->send.length = (uint8_t)reader_left(&cid);
    memcpy(cids->send.bytes, take_bytes(&cid, cids->send.length), cids->send.length);
}

bool cids_agreed(const conn_t *conn)
{
    return conn->cids && conn->cids->agreed;
}

const cid_t *cids_to_send(const conn_t *conn)
{
    return cids_agreed(conn) && conn->cids->send.length > 0 ? &conn->cids->send : NULL;
}

bool cids_expected(const conn_t *conn)
{
    return cids_agreed(conn) && conn->cids->own_count > 0;
}

void put_cid_extensions(writer_t *w, const conn_t *conn)
{
    const conn_cids_t *cids = conn->cids;
    if (!cids)
        return;
    put_ext_connection_id(w, cids->own_count > 0 ? cids->own[0]->bytes : NULL,
                          cids->own_count > 0 ? conn->ctx->config.cid_length : 0);
    /* A server sends rrc only to a client that offered it. */
    if (conn->client || cids->rrc)
        put_ext_empty(w, EXTENSION_RRC);
}

/* ---- NewConnectionId and RequestConnectionId ---- */

void cids_issue_immediate(conn_t *conn)
{
    conn->cids->issue_immediate = true;
}

void cids_issue_spare(conn_t *conn, uint8_t count)
{
    conn->cids->issue_spare = count;
}

void cids_issued(conn_t *conn)
{
    conn->cids->issue_immediate = false;
    conn->cids->issue_spare = 0;
}

void cids_request(conn_t *conn, uint8_t count)
{
    conn->cids->request_count = count;
}

void cids_accept(conn_t *conn, const cid_t *immediate, const cid_t *spare, size_t count)
{
    conn_cids_t *cids = conn->cids;
    if (immediate) {
        cids->send = *immediate;
        cids->spare_count = 0;
    }
    for (size_t i = 0; i < count && cids->spare_count < PEER_SPARES; i++)
        cids->spare[cids->spare_count++] = spare[i];
}

void cids_use_spare(conn_t *conn)
{
    conn_cids_t *cids = conn->cids;
    if (cids->spare_count > 0)
        cids->send = cids->spare[--cids->spare_count];
}

/* ---- the check of the peer's new address ---- */

bool cids_start_check(conn_t *conn, check_t kind, const session_t *address, dtls_tick_t until)
{
    path_check_t *check = &conn->cids->check;
    if (!random_of(conn->ctx, check->cookie, RRC_COOKIE))
        return false;
    check->kind = kind;
    check->address = *address;
    check->until = until;
    return true;
}

void cids_track_check(conn_t *conn, record_number_t first, dtls_tick_t until)
{
    path_check_t *check = &conn->cids->check;
    check->first = first;
    check->until = until;
    check->sends = 0;
}

bool cids_begin_check_send(conn_t *conn)
{
    if (!cids_check(conn, CHECK_FLIGHT))
        return false;
    path_check_t *check = &conn->cids->check;
    if (check->sends == CHECK_SENDS) {
        cids_end_check(conn);
        return false;
    }
    check->sent[check->sends].from = check->sent[check->sends].end = 0;
    check->sends++;
    return true;
}

void cids_note_check_send(conn_t *conn, uint64_t from, uint64_t end)
{
    path_check_t *check = conn->cids ? &conn->cids->check : NULL;
    if (!check || check->sends == 0)
        return;
    check->sent[check->sends - 1].from = from;
    check->sent[check->sends - 1].end = end;
}

#define SKIPPED_MAX 4096 /* a receiver finds a number again after a leap of up to 2^15 */

bool cids_skip_numbers(conn_t *conn)
{
    uint8_t random[2];
    if (!random_of(conn->ctx, random, sizeof random))
        return false;
    reader_t r = reader(random, sizeof random);
    conn_write_epoch(conn, conn->send_epoch)->sequence += 1 + take_u16(&r) % SKIPPED_MAX;
    return true;
}

void cids_end_check(conn_t *conn)
{
    conn->cids->check.until = NEVER;
}

const path_check_t *cids_check(const conn_t *conn, check_t kind)
{
    const path_check_t *check = conn->cids ? &conn->cids->check : NULL;
    bool runs = check && check->until != NEVER && now_of(conn->ctx) < check->until;
    return runs && check->kind == kind ? check : NULL;
}
