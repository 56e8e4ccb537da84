#include "api/timers.h"

#include "conn/ack.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/retransmit.h"
#include "conn/rules.h"
#include "conn/suspect.h"
#include "conn/warm.h"
#include "handshake/hs_client.h"
#include "handshake/post_handshake.h"

#include <stddef.h>

static void time_out(conn_t *conn, dtls_error_t error)
{
    if (error == DTLS_ERR_IDLE)
        conn_close_for(conn, error, DTLS_EVENT_TIMEOUT);
    else
        conn_end_for(conn, error, DTLS_EVENT_TIMEOUT);
}

/* Returns the error for a handshake that timed out. FINISHED_UNANSWERED: the server has ignored
 * several copies of our Finished. It may have dropped the handshake, or not decrypt the Finished. */
static dtls_error_t timeout_reason(const conn_t *conn)
{
    bool finished_sent = conn->client && conn->hs && conn->hs->finished_at != NEVER;
    bool often = conn->flight.sends >= SUSPECT_SENDS;
    return finished_sent && often ? DTLS_ERR_FINISHED_UNANSWERED : DTLS_ERR_TIMEOUT;
}

static bool due(dtls_tick_t at, dtls_tick_t now)
{
    return at != NEVER && at <= now;
}

/* Gives up a ticket that the peer does not acknowledge, and sends the messages that waited for the
 * ACK of the ticket. The association works without the ticket. */
static void end_ticket(conn_t *conn)
{
    conn_end_post(conn, POST_TICKET);
    dtls_error_t error = post13_send_pending(conn);
    if (error)
        conn_fail(conn, error);
}

/* Resends a post-handshake flight whose timer has expired: until the flight is acknowledged, no
 * other message of its kind may be sent (RFC 9147 section 5.8.4). Gives up a ticket
 * config.handshake_ms after it was first sent. For any other flight, ends the association when
 * config.handshake_ms have passed both since the flight was first sent and since the last record of
 * the peer arrived. */
static void post_expired(conn_t *conn, post_t which, dtls_tick_t now)
{
    flight_t *flight = conn->v13->post[which];
    uint32_t limit = conn->ctx->config.handshake_ms;
    if (now < flight->first_at + limit ||
        (which != POST_TICKET && now < conn->liveness.last_received + limit))
        retransmit_timer_expired(conn, flight, now);
    else if (which == POST_TICKET)
        end_ticket(conn);
    else
        time_out(conn, DTLS_ERR_TIMEOUT);
}

/* After this number of transmissions of a flight without a response, the answers of the server that a client has
 * followed are assumed to be forged if there were others. */
#define STALLED_SENDS 2

static void run_flights(conn_t *conn, dtls_tick_t now)
{
    for (size_t i = 0; i <= POST_COUNT && conn->phase != PHASE_ENDED; i++) {
        flight_t *flight = retransmit_flight(conn, i);
        if (!flight || !due(flight->timer_at, now))
            continue;
        if (i < POST_COUNT)
            post_expired(conn, (post_t)i, now);
        else if (flight->sends < STALLED_SENDS || !hs_client_start_over(conn))
            retransmit_timer_expired(conn, flight, now); /* until conn->deadline */
    }
}

static dtls_tick_t idle_at(const conn_t *conn)
{
    uint32_t idle_ms = conn->ctx->config.idle_ms;
    return idle_ms > 0 && conn->phase == PHASE_CONNECTED ? conn->liveness.last_received + idle_ms
                                                         : NEVER;
}

static dtls_tick_t silent_limit(const conn_t *conn)
{
    return conn->hs && !conn->liveness.received_any ? conn->hs->silent_limit : NEVER;
}

static void run_conn(conn_t *conn, dtls_tick_t now)
{
    if (!conn || conn->phase == PHASE_ENDED)
        return;
    if (conn->hs && due(conn->hs->suspicion.confirm_at, now)) {
        if (!hs_client_start_over(conn))
            suspect_confirm(conn, &conn->hs->suspicion.failure);
    } else if (due(conn->deadline, now) || due(silent_limit(conn), now)) {
        time_out(conn, timeout_reason(conn));
    } else if (due(idle_at(conn), now)) {
        time_out(conn, DTLS_ERR_IDLE);
    } else if (due(conn->closing.at, now)) {
        closing_run(conn);
    } else {
        if (rules_of(conn)->acks && due(conn->v13->acks.at, now))
            ack_send(conn);
        if (rules_of(conn)->acks && due(conn->v13->retire_at, now)) {
            epochs_retire(conn);
            ack_retire(conn);
        }
        heartbeat_run(conn, now);
        run_flights(conn, now);
    }
}

/* ---- deadlines ---- */

static dtls_tick_t earlier(dtls_tick_t a, dtls_tick_t b)
{
    if (a == NEVER || b == NEVER)
        return a == NEVER ? b : a;
    return a < b ? a : b;
}

static dtls_tick_t conn_deadline(conn_t *conn)
{
    if (!conn || conn->phase == PHASE_ENDED)
        return NEVER;
    dtls_tick_t next = earlier(conn->deadline, earlier(idle_at(conn), conn->closing.at));
    next = earlier(next, silent_limit(conn));
    if (rules_of(conn)->acks)
        next = earlier(next, earlier(conn->v13->acks.at, conn->v13->retire_at));
    if (conn->heartbeat.request && conn_is_established(conn))
        next = earlier(next, conn->heartbeat.request->timer_at);
    if (conn->hs)
        next = earlier(next, conn->hs->suspicion.confirm_at);
    for (size_t i = 0; i <= POST_COUNT; i++) {
        const flight_t *flight = retransmit_flight(conn, i);
        if (flight)
            next = earlier(next, flight->timer_at);
    }
    return next;
}

dtls_tick_t timers_deadline(const dtls_peer_t *peer)
{
    return earlier(conn_deadline(peer->conn), conn_deadline(peer->candidate));
}

void timers_plan(dtls_peer_t *peer)
{
    dtls_tick_t at = peer ? timers_deadline(peer) : NEVER;
    if (at != NEVER && (peer->timer.place == 0 || at < peer->timer.key))
        heap_set(&peer->ctx->peers.timers, &peer->timer, at);
}

/* ---- all peers ---- */

static dtls_peer_t *first_peer(const dtls_context_t *ctx)
{
    heap_node_t *node = heap_first(&ctx->peers.timers);
    return node ? (dtls_peer_t *)((char *)node - offsetof(dtls_peer_t, timer)) : NULL;
}

/* Moves the peer back in the heap of timers, to its deadline `at`, which is later than its key in
 * the heap. NEVER: the peer has no deadline, and is removed from the heap. */
static void put_off(dtls_peer_t *peer, dtls_tick_t at)
{
    if (at == NEVER)
        heap_remove(&peer->ctx->peers.timers, &peer->timer);
    else
        heap_set(&peer->ctx->peers.timers, &peer->timer, at);
}

/* Moves the peers whose timers have expired from the heap to the list ctx->due. */
static void collect_due(dtls_context_t *ctx, dtls_tick_t now)
{
    dtls_peer_t *peer;
    while ((peer = first_peer(ctx)) && peer->timer.key <= now) {
        dtls_tick_t at = timers_deadline(peer);
        put_off(peer, due(at, now) ? NEVER : at);
        if (!due(at, now) || peer->is_due)
            continue;
        peer->is_due = true;
        peer->next_due = NULL;
        *ctx->due_end = peer;
        ctx->due_end = &peer->next_due;
    }
}

static dtls_peer_t *take_due(dtls_context_t *ctx)
{
    dtls_peer_t *peer = ctx->due;
    if (!peer)
        return NULL;
    ctx->due = peer->next_due;
    if (!ctx->due)
        ctx->due_end = &ctx->due;
    peer->is_due = false;
    return peer;
}

/* Prefetches into the CPU cache what is used to send the last record of an association and to free
 * it, and whose addresses are in the association. */
static void fetch_parts(const conn_t *conn)
{
    for (size_t i = 0; i < EPOCH_SLOTS; i++) {
        if (conn->read[i])
            warm_lines(conn->read[i], sizeof(epoch_t));
        if (conn->write[i])
            warm_lines(conn->write[i], EPOCH_WRITE_SIZE);
    }
    warm_lines(conn->flight.items, sizeof(flight_item_t) * FLIGHT_ITEMS);
    warm_lines(conn->exporter12, sizeof *conn->exporter12);
    warm_lines(conn->v13, sizeof(conn13_t));
    warm_lines(conn->identity, conn->identity_length);
}

/* Prefetches the memory of the next three peers in ctx->due. Each peer is fetched in three steps,
 * because a step reads addresses in what the step before has fetched. */
static void fetch_due(const dtls_context_t *ctx)
{
    const dtls_peer_t *first = ctx->due, *second = first ? first->next_due : NULL;
    if (first && first->conn)
        fetch_parts(first->conn);
    if (!second)
        return;
    warm_lines(second->conn, sizeof(conn_t));
    warm_for_sealing(second);
    warm_for_opening(second);
    if (second->next_due)
        warm_lines(second->next_due, sizeof *second);
}

void timers_run(dtls_context_t *ctx, dtls_tick_t now)
{
    dtls_peer_t *peer;
    collect_due(ctx, now);
    while ((peer = take_due(ctx))) {
        fetch_due(ctx);
        run_conn(peer->candidate, now);
        run_conn(peer->conn, now);
        timers_plan(peer);
        /* In the outermost call, no caller has a pointer to an ended association or peer. Free them
         * at once: this takes less time while they are in the CPU cache. */
        if (ctx->depth == 1) {
            conn_free_ended(ctx);
            peers_free_ended(ctx);
        }
    }
}

dtls_tick_t timers_next(dtls_context_t *ctx)
{
    dtls_peer_t *peer = ctx->due;
    if (peer)
        return peer->timer.key;
    while ((peer = first_peer(ctx))) {
        dtls_tick_t at = timers_deadline(peer);
        if (at == peer->timer.key)
            return at;
        put_off(peer, at);
    }
    return NEVER;
}
