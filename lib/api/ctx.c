#include "api/config.h"
#include "api/enter.h"
#include "api/timers.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/peers.h"
#include "conn/pending.h"
#include "conn/retransmit.h"
#include "handshake/psk.h"

#include <limits.h>

#define VERSION "0.1.0"

/* ---- context ---- */

void dtls_init(void)
{
}

void dtls_skip_configuration(void)
{
    crypto_skip_configuration();
}

const char *dtls_package_version(void)
{
    return VERSION;
}

static bool start_context(dtls_context_t *ctx, const dtls_config_t *config)
{
    ctx->crypto = crypto_new();
    /* Allocate the first datagram buffer now, so that a response to an unknown client allocates no
     * memory. */
    ctx->spare = alloc_zeroed(&ctx->alloc, DTLS_MAX_BUF);
    return config_copy(ctx, config) && ctx->spare && ctx->crypto &&
           cookies_start(&ctx->cookies, ctx->crypto) && peers_start(ctx) && pending_start(ctx) &&
           cids_start(ctx) && (!config->accept || hello_pool_start(&ctx->hellos, &ctx->alloc));
}

dtls_context_t *dtls_new_context_config(void *app, const dtls_config_t *config)
{
    if (!config || !config_makes_sense(config))
        return NULL;
    const alloc_t alloc = {config->hook, config->allocate, config->release};
    dtls_context_t *ctx = alloc_zeroed(&alloc, sizeof *ctx);
    if (!ctx)
        return NULL;
    ctx->alloc = alloc;
    ctx->app = app;
    ctx->deferred_end = &ctx->deferred;
    ctx->due_end = &ctx->due;
    if (!start_context(ctx, config)) {
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
    return ctx ? ctx->app : NULL;
}

void dtls_set_app_data(dtls_context_t *ctx, void *app)
{
    if (ctx)
        ctx->app = app;
}

void dtls_set_handler(dtls_context_t *ctx, const dtls_handler_t *handler)
{
    if (ctx)
        ctx->handler = handler ? *handler : (dtls_handler_t){.write = NULL};
}

int dtls_set_secrets(dtls_context_t *ctx, const uint8_t *secrets, size_t count)
{
    if (!ctx || !secrets || count == 0 || count > DTLS_MAX_SECRETS)
        return -DTLS_ERR_ARGUMENT;
    bool ok = secrets_set(&ctx->secrets, ctx->crypto, secrets, count);
    crypto_wipe_keys(ctx->crypto);
    if (!ok)
        return -DTLS_ERR_CRYPTO;
    cookies_share(&ctx->cookies, &ctx->secrets);
    tickets_share(&ctx->tickets, &ctx->secrets);
    return 0;
}

/* A handshake in progress ends without an alert: otherwise an attacker who has begun one would learn
 * that the identity exists. */
static void recheck(conn_t *conn)
{
    if (!conn || conn->phase == PHASE_ENDED || psk_is_current(conn))
        return;
    if (conn->phase == PHASE_HANDSHAKE)
        conn_end_for(conn, DTLS_ERR_KEY_CHANGED, DTLS_EVENT_FAILED);
    else
        conn_fail(conn, DTLS_ERR_KEY_CHANGED);
}

static void recheck_peer(dtls_peer_t *peer, void *data)
{
    (void)data;
    recheck(peer->candidate);
    recheck(peer->conn);
}

void dtls_recheck_keys(dtls_context_t *ctx)
{
    if (!ctx)
        return;
    enter(ctx);
    each_peer(ctx, recheck_peer, NULL);
    crypto_wipe_keys(ctx->crypto);
    leave(ctx);
}

void dtls_free_context(dtls_context_t *ctx)
{
    if (!ctx)
        return;
    const alloc_t alloc = ctx->alloc;
    ctx->closing = true;
    enter(ctx);
    while (ctx->peers.table.count > 0)
        each_peer(ctx, end_peer, NULL);
    leave(ctx);
    peers_end(ctx);
    pending_end(ctx);
    cids_end(ctx);
    cookies_end(&ctx->cookies);
    tickets_end(&ctx->tickets, &ctx->alloc);
    sessions_end(&ctx->sessions, &ctx->alloc);
    hello_pool_end(&ctx->hellos, &ctx->alloc);
    crypto_free(ctx->crypto);
    alloc_wipe(&alloc, ctx->spare, DTLS_MAX_BUF);
    alloc_wipe(&alloc, ctx, sizeof *ctx);
}

/* ---- time ---- */

static void rescale_peer(dtls_peer_t *peer, void *data)
{
    const uint32_t *from_ms = data, to_ms = peer->ctx->config.timer_ms;
    if (peer->candidate)
        retransmit_rescale(peer->candidate, *from_ms, to_ms);
    if (peer->conn)
        retransmit_rescale(peer->conn, *from_ms, to_ms);
    timers_plan(peer);
}

int dtls_set_timer(dtls_context_t *ctx, uint32_t timer_ms)
{
    if (!ctx)
        return -DTLS_ERR_ARGUMENT;
    dtls_config_t *config = &ctx->config;
    uint32_t before = config->timer_ms;
    if (timer_ms == 0 || timer_ms > config->timer_max_ms)
        return -DTLS_ERR_ARGUMENT;
    config->timer_ms = timer_ms;
    each_peer(ctx, rescale_peer, &before);
    if (config->timer_min_ms > timer_ms)
        config->timer_min_ms = timer_ms;
    return 0;
}

void dtls_check_retransmit(dtls_context_t *ctx, dtls_tick_t *next)
{
    if (!ctx)
        return;
    enter(ctx);
    timers_run(ctx, now_of(ctx));
    leave(ctx);
    if (next)
        *next = timers_next(ctx);
}

int dtls_next_timeout(dtls_context_t *ctx)
{
    dtls_tick_t next = ctx ? timers_next(ctx) : NEVER, now;
    if (next == NEVER)
        return -1;
    now = now_of(ctx);
    if (next <= now)
        return 0;
    return next - now < INT_MAX ? (int)(next - now) : INT_MAX;
}
