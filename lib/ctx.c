#include "config.h"
#include "conn.h"
#include "hs_client.h"
#include "input.h"
#include "output.h"
#include "peers.h"
#include "post13.h"
#include "resume.h"

#include <limits.h>
#include <string.h>

#define VERSION "0.1.0"
#define DEFERRED_MAX 64 /* datagrams that wait for a write callback to return */

/* ---- context ---- */

void dtls_init(void)
{
    crypto_skip_configuration();
}

const char *dtls_package_version(void)
{
    return VERSION;
}

static bool start(dtls_context_t *ctx, const dtls_config_t *config)
{
    ctx->crypto = crypto_new();
    /* The one datagram buffer, so that answering a stranger allocates nothing. */
    ctx->spare = alloc_zeroed(&ctx->alloc, DTLS_MAX_BUF);
    return config_copy(ctx, config) && ctx->spare && ctx->crypto &&
           cookies_start(&ctx->cookies, ctx->crypto) && peers_start(ctx);
}

dtls_context_t *dtls_new_context_config(void *app, const dtls_config_t *config)
{
    const alloc_t alloc = {config->hook, config->allocate, config->release};
    if (!config_makes_sense(config))
        return NULL;
    dtls_context_t *ctx = alloc_zeroed(&alloc, sizeof *ctx);
    if (!ctx)
        return NULL;
    ctx->alloc = alloc;
    ctx->app = app;
    ctx->deferred_end = &ctx->deferred;
    if (!start(ctx, config)) {
        dtls_free_context(ctx);
        return NULL;
    }
    return ctx;
}

dtls_context_t *dtls_new_context(void *app)
{
    dtls_config_t config;
    dtls_config_init(&config);
    return dtls_new_context_config(app, &config);
}

void *dtls_get_app_data(dtls_context_t *ctx)
{
    return ctx->app;
}

void dtls_set_app_data(dtls_context_t *ctx, void *app)
{
    ctx->app = app;
}

void dtls_set_handler(dtls_context_t *ctx, const dtls_handler_t *handler)
{
    ctx->handler = *handler;
}

/* ---- entering and leaving ---- */

/* What arrives while a flight is being written could end that flight, so it waits. */
static void defer(dtls_context_t *ctx, const session_t *session, const uint8_t *datagram,
                  size_t length)
{
    if (ctx->closing || ctx->deferred_count == DEFERRED_MAX)
        return;
    deferred_t *deferred = alloc_zeroed(&ctx->alloc, sizeof *deferred + length);
    if (!deferred)
        return; /* lost, as datagrams may be */
    deferred->session = *session;
    deferred->length = length;
    memcpy(deferred->datagram, datagram, length);
    *ctx->deferred_end = deferred;
    ctx->deferred_end = &deferred->next;
    ctx->deferred_count++;
}

static void take_deferred(dtls_context_t *ctx)
{
    while (ctx->deferred) {
        deferred_t *deferred = ctx->deferred;
        ctx->deferred = deferred->next;
        ctx->deferred_count--;
        if (!ctx->deferred)
            ctx->deferred_end = &ctx->deferred;
        input_datagram(ctx, &deferred->session, deferred->datagram, deferred->length);
        alloc_wipe(&ctx->alloc, deferred, sizeof *deferred + deferred->length);
    }
}

/* Callbacks call back in, so what ends during a call is freed when the outermost one returns. */
static void enter(dtls_context_t *ctx)
{
    ctx->depth++;
}

static void leave(dtls_context_t *ctx)
{
    if (ctx->depth == 1)
        take_deferred(ctx);
    if (--ctx->depth > 0)
        return;
    while (ctx->ended) {
        conn_t *conn = ctx->ended;
        ctx->ended = conn->next_ended;
        conn_free(conn);
    }
    while (ctx->ended_peers) {
        dtls_peer_t *peer = ctx->ended_peers;
        ctx->ended_peers = peer->next;
        alloc_wipe(&ctx->alloc, peer, sizeof *peer);
    }
}

/* Visits every peer. A visit may end any peer or start one; then the walk begins anew, so a visit
 * must be idle the second time. */
static void each_peer(dtls_context_t *ctx, void (*visit)(dtls_peer_t *peer, void *data), void *data)
{
    peers_t *peers = &ctx->peers;
    for (size_t i = 0; i < peers->bucket_count; i++) {
        dtls_peer_t *peer = peers->buckets[i];
        while (peer) {
            uint64_t changes = peers->changes;
            visit(peer, data);
            bool changed = peers->changes != changes;
            if (changed)
                i = 0;
            peer = changed ? peers->buckets[0] : peer->next;
        }
    }
}

static void end_in_silence(conn_t *conn)
{
    bool connected = conn->phase == PHASE_CONNECTED;
    if (!conn_begin_end(conn))
        return;
    if (connected)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_finish_end(conn, 0);
}

static void end_peer(dtls_peer_t *peer, void *data)
{
    (void)data;
    if (peer->candidate)
        conn_end(peer->candidate, 0);
    if (peer->conn)
        end_in_silence(peer->conn);
}

void dtls_free_context(dtls_context_t *ctx)
{
    if (!ctx)
        return;
    const alloc_t alloc = ctx->alloc;
    ctx->closing = true;
    enter(ctx);
    if (ctx->peers.buckets)
        each_peer(ctx, end_peer, NULL);
    leave(ctx);
    peers_end(ctx);
    cookies_end(&ctx->cookies);
    tickets_end(&ctx->tickets, &ctx->alloc);
    crypto_free(ctx->crypto);
    alloc_wipe(&alloc, ctx->spare, DTLS_MAX_BUF);
    alloc_wipe(&alloc, ctx, sizeof *ctx);
}

/* ---- associations ---- */

static conn_t *find_conn(const dtls_context_t *ctx, const session_t *session)
{
    dtls_peer_t *peer = peers_find(ctx, session);
    return peer ? peer->conn : NULL;
}

static int start_client(dtls_context_t *ctx, const session_t *session, const uint8_t *state,
                        size_t length, uint64_t age_ms)
{
    if (ctx->peers.count >= ctx->config.max_peers)
        return -DTLS_ERR_PEER_LIMIT;
    dtls_peer_t *peer = peers_add(ctx, session);
    conn_t *conn = peer ? conn_new(peer, true) : NULL;
    if (!conn) {
        if (peer)
            peers_remove(peer);
        return -DTLS_ERR_MEMORY;
    }
    peer->conn = conn;
    conn_event(conn, 0, DTLS_EVENT_CONNECT);
    dtls_error_t error = DTLS_ERR_NONE;
    if (conn->phase == PHASE_HANDSHAKE && state && !resume_take(conn, state, length, age_ms))
        error = DTLS_ERR_MEMORY;
    if (conn->phase == PHASE_HANDSHAKE && !error)
        error = hs_client_start(conn);
    if (error)
        conn_fail(conn, error);
    return error ? -(int)error : 1;
}

int dtls_resume(dtls_context_t *ctx, const session_t *session, const uint8_t *state, size_t length,
                uint64_t age_ms)
{
    sa_family_t family = session->addr.sa.sa_family;
    if (family != AF_INET && family != AF_INET6)
        return -DTLS_ERR_ARGUMENT;
    const conn_t *conn = find_conn(ctx, session);
    if (conn)
        return conn->phase == PHASE_ENDED ? -DTLS_ERR_STATE : 0;
    enter(ctx);
    int result = start_client(ctx, session, state, length, age_ms);
    leave(ctx);
    return result;
}

int dtls_connect(dtls_context_t *ctx, const session_t *session)
{
    return dtls_resume(ctx, session, NULL, 0, 0);
}

int dtls_handle_message(dtls_context_t *ctx, session_t *session, uint8 *message, int length)
{
    if (length < 0)
        return 0;
    if (ctx->writing > 0) {
        defer(ctx, session, message, (size_t)length);
        return 0;
    }
    const session_t *outer = ctx->handling;
    int outer_result = ctx->result;
    enter(ctx);
    ctx->handling = session;
    ctx->result = 0;
    input_datagram(ctx, session, message, (size_t)length);
    int result = ctx->result;
    ctx->handling = outer;
    ctx->result = outer_result;
    leave(ctx);
    return result;
}

static int update_keys(conn_t *conn, bool request)
{
    dtls_error_t error = post13_update_keys(conn, request);
    if (error)
        conn_fail(conn, error);
    return -(int)error;
}

/* In time for the new keys to be there before the old ones are used up. */
static bool keys_are_old(const conn_t *conn)
{
    uint64_t limit = conn->ctx->config.rekey_after;
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    return conn->v13 && epoch->sequence >= (limit ? limit : epoch->suite->seal_limit / 2);
}

static int write_data(conn_t *conn, uint8 *const data[], const size_t length[], size_t count)
{
    size_t total = 0, room = output_max_payload(conn, conn_write_epoch(conn, conn->send_epoch));
    for (size_t i = 0; i < count; i++) {
        if (length[i] > room - total)
            return -DTLS_ERR_TOO_LONG;
        total += length[i];
    }
    if (record_exhausted(conn_write_epoch(conn, conn->send_epoch))) {
        conn_fail(conn, DTLS_ERR_KEY_LIMIT);
        return -DTLS_ERR_KEY_LIMIT;
    }
    dtls_error_t error =
        output_data(conn, conn_write_epoch(conn, conn->send_epoch), data, length, count, total);
    if (error)
        return -(int)error;
    conn->stats.records_out++;
    conn->stats.bytes_out += total;
    if (conn->phase == PHASE_CONNECTED && keys_are_old(conn))
        update_keys(conn, false);
    return (int)total;
}

int dtls_writev(dtls_context_t *ctx, session_t *session, uint8 *const data[], const size_t length[],
                size_t count)
{
    conn_t *conn = find_conn(ctx, session);
    if (!conn) {
        int started = dtls_connect(ctx, session);
        return started < 0 ? started : 0;
    }
    if (conn->phase == PHASE_HANDSHAKE)
        return 0;
    if (conn->phase != PHASE_CONNECTED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    int result = write_data(conn, data, length, count);
    leave(ctx);
    return result;
}

int dtls_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    return dtls_writev(ctx, session, &data, &length, 1);
}

/* ---- early data ---- */

static bool may_write_early(const conn_t *conn)
{
    return conn->client && conn->hs && conn->early == DTLS_EARLY_OFFERED &&
           conn_write_epoch(conn, EPOCH_EARLY);
}

static size_t early_left(const conn_t *conn)
{
    return may_write_early(conn) ? conn->hs->v13.early_left : 0;
}

static int write_early(conn_t *conn, uint8_t *data, size_t length)
{
    epoch_t *epoch = conn_write_epoch(conn, EPOCH_EARLY);
    if (length > output_max_payload(conn, epoch))
        return -DTLS_ERR_TOO_LONG;
    if (length > early_left(conn))
        return 0;
    conn->hs->v13.early_left -= (uint32_t)length;
    conn->stats.records_out++;
    conn->stats.bytes_out += length;
    dtls_error_t error = output_data(conn, epoch, &data, &length, 1, length);
    return error ? -(int)error : (int)length;
}

int dtls_write_early(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    conn_t *conn = find_conn(ctx, session);
    if (!conn)
        return -DTLS_ERR_STATE;
    if (!may_write_early(conn))
        return 0;
    enter(ctx);
    int result = write_early(conn, data, length);
    leave(ctx);
    return result;
}

size_t dtls_max_payload(dtls_context_t *ctx, const session_t *session)
{
    const conn_t *conn = find_conn(ctx, session);
    if (!conn)
        return 0;
    if (conn->phase == PHASE_CONNECTED)
        return output_max_payload(conn, conn_write_epoch(conn, conn->send_epoch));
    size_t room =
        may_write_early(conn) ? output_max_payload(conn, conn_write_epoch(conn, EPOCH_EARLY)) : 0;
    return room < early_left(conn) ? room : early_left(conn);
}

int dtls_set_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu)
{
    conn_t *conn = find_conn(ctx, session);
    if (mtu < MTU_MIN || mtu > MTU_MAX)
        return -DTLS_ERR_ARGUMENT;
    if (!conn)
        return -DTLS_ERR_STATE;
    conn->mtu = mtu;
    return 0;
}

int dtls_update_keys(dtls_context_t *ctx, const session_t *session, bool request)
{
    conn_t *conn = find_conn(ctx, session);
    if (!conn || !conn->v13 || conn->phase != PHASE_CONNECTED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    int result = update_keys(conn, request);
    leave(ctx);
    return result;
}

int dtls_close(dtls_context_t *ctx, const session_t *session)
{
    conn_t *conn = find_conn(ctx, session);
    if (!conn || conn->phase == PHASE_ENDED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    conn_close(conn);
    leave(ctx);
    return 0;
}

int dtls_abort(dtls_context_t *ctx, const session_t *session, dtls_alert_t alert)
{
    conn_t *conn = find_conn(ctx, session);
    if (!conn || !conn_begin_end(conn))
        return -DTLS_ERR_STATE;
    enter(ctx);
    output_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert);
    conn_finish_end(conn, 0);
    leave(ctx);
    return 0;
}

dtls_peer_t *dtls_get_peer(const dtls_context_t *ctx, const session_t *session)
{
    return peers_find(ctx, session);
}

void dtls_reset_peer(dtls_context_t *ctx, dtls_peer_t *peer)
{
    enter(ctx);
    end_peer(peer, NULL);
    leave(ctx);
}

/* ---- time ---- */

static void run_peer(dtls_peer_t *peer, void *data)
{
    dtls_tick_t now = *(const dtls_tick_t *)data;
    if (peer->candidate)
        conn_run_timers(peer->candidate, now);
    if (peer->conn)
        conn_run_timers(peer->conn, now);
}

static void find_deadline(dtls_peer_t *peer, void *data)
{
    dtls_tick_t *next = data;
    conn_t *conns[] = {peer->conn, peer->candidate};
    for (size_t i = 0; i < 2; i++) {
        dtls_tick_t at = conns[i] ? conn_deadline(conns[i]) : NEVER;
        if (at != NEVER && (*next == NEVER || at < *next))
            *next = at;
    }
}

static dtls_tick_t next_deadline(dtls_context_t *ctx)
{
    dtls_tick_t next = NEVER;
    each_peer(ctx, find_deadline, &next);
    return next;
}

void dtls_check_retransmit(dtls_context_t *ctx, dtls_tick_t *next)
{
    dtls_tick_t now = now_of(ctx);
    enter(ctx);
    each_peer(ctx, run_peer, &now);
    leave(ctx);
    if (next)
        *next = next_deadline(ctx);
}

int dtls_next_timeout(dtls_context_t *ctx)
{
    dtls_tick_t next = next_deadline(ctx), now;
    if (next == NEVER)
        return -1;
    now = now_of(ctx);
    if (next <= now)
        return 0;
    return next - now < INT_MAX ? (int)(next - now) : INT_MAX;
}
