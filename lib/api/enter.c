#include "api/enter.h"

#include "api/input.h"
#include "api/timers.h"
#include "conn/conn.h"
#include "conn/output.h"
#include "conn/peers.h"

#include <string.h>

/* Maximum number of datagrams in the queue that enter_deferred() fills. */
#define DEFERRED_MAX 64

void enter_deferred(dtls_context_t *ctx, const session_t *session, const uint8_t *datagram,
                    size_t length)
{
    if (ctx->closing || ctx->deferred_count == DEFERRED_MAX)
        return;
    deferred_t *deferred = alloc_zeroed(&ctx->alloc, sizeof *deferred + length);
    if (!deferred)
        return; /* the datagram is lost, as any datagram may be */
    deferred->session = *session;
    deferred->length = length;
    memcpy(deferred->datagram, datagram, length);
    *ctx->deferred_end = deferred;
    ctx->deferred_end = &deferred->next;
    ctx->deferred_count++;
}

static void process_deferred(dtls_context_t *ctx)
{
    while (ctx->deferred) {
        deferred_t *deferred = ctx->deferred;
        ctx->deferred = deferred->next;
        ctx->deferred_count--;
        if (!ctx->deferred)
            ctx->deferred_end = &ctx->deferred;
        input_datagrams(ctx, &deferred->session, deferred->datagram, deferred->length,
                        deferred->length);
        alloc_wipe(&ctx->alloc, deferred, sizeof *deferred + deferred->length);
    }
}

void each_peer(dtls_context_t *ctx, void (*visit)(dtls_peer_t *peer, void *data), void *data)
{
    const peers_t *peers = &ctx->peers;
    for (size_t i = 0; i < peers->table.bucket_count; i++) {
        table_entry_t *entry = peers->table.buckets[i];
        while (entry) {
            uint64_t changes = peers->changes;
            visit((dtls_peer_t *)entry, data);
            entry = peers->changes == changes ? entry->next : peers->table.buckets[i];
        }
    }
}

/* Runs the timers that have expired, because an application may call dtls_check_retransmit() late
 * or never. */
static void run_due(dtls_context_t *ctx)
{
    const heap_node_t *first = ctx->closing ? NULL : heap_first(&ctx->peers.timers);
    dtls_tick_t now = first ? now_of(ctx) : NEVER;
    if (first && first->key <= now)
        timers_run(ctx, now);
}

/* ---- in and out ---- */

void enter(dtls_context_t *ctx)
{
    ctx->depth++;
}

void leave(dtls_context_t *ctx)
{
    if (ctx->depth == 1) {
        process_deferred(ctx);
        run_due(ctx);
    }
    if (--ctx->depth > 0)
        return;
    conn_free_ended(ctx);
    peers_free_ended(ctx);
}

void leave_for(dtls_context_t *ctx, dtls_peer_t *peer)
{
    timers_plan(peer);
    leave(ctx);
}

static void end_without_event(conn_t *conn)
{
    bool connected = conn->phase == PHASE_CONNECTED;
    if (!conn_begin_end(conn)) {
        conn_end_in_silence(conn);
        return;
    }
    if (connected)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_finish_end(conn, 0);
}

void end_peer(dtls_peer_t *peer, void *data)
{
    (void)data;
    if (peer->candidate)
        conn_end(peer->candidate, 0);
    if (peer->conn)
        end_without_event(peer->conn);
}
