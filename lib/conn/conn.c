#include "conn/conn.h"

#include "base/names.h"
#include "conn/callback.h"
#include "conn/cids.h"
#include "conn/epochs.h"
#include "conn/liveness.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/pending.h"
#include "conn/rules.h"
#include "conn/sizes.h"
#include "conn/stats.h"

#include <string.h>

/* ---- birth ---- */

static void start(conn_t *conn, handshake_t *hs, dtls_peer_t *peer, bool client)
{
    conn->ctx = peer->ctx;
    conn->peer = peer;
    conn->hs = hs;
    conn->client = client;
    sizes_set_mtu(conn, peer->ctx->config.mtu);
    hs->started = now_of(peer->ctx);
    conn->deadline = hs->started + peer->ctx->config.handshake_ms;
}

conn_t *conn_new(dtls_peer_t *peer, bool client)
{
    dtls_context_t *ctx = peer->ctx;
    conn_t *conn = alloc_zeroed(&ctx->alloc, sizeof *conn);
    handshake_t *hs = alloc_zeroed(&ctx->alloc, sizeof *hs);
    epoch_t *plaintext = epoch_new(&ctx->alloc, true);
    bool own = ctx->terms != &ctx->own_terms;
    terms_t *terms = own ? alloc_zeroed(&ctx->alloc, sizeof *terms) : NULL;
    bool ok = conn && hs && plaintext && (!own || terms);
    if (ok)
        start(conn, hs, peer, client);
    if (!ok || !pending_add(conn)) {
        alloc_wipe(&ctx->alloc, conn, sizeof *conn);
        alloc_wipe(&ctx->alloc, hs, sizeof *hs);
        epoch_free(&ctx->alloc, plaintext);
        alloc_wipe(&ctx->alloc, terms, sizeof *terms);
        return NULL;
    }
    if ((hs->terms = terms))
        *terms = *ctx->terms;
    epochs_start(conn, plaintext);
    return conn;
}

void conn_end_handshake(conn_t *conn)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    handshake_t *hs = conn->hs;
    if (!hs)
        return;
    transcript_end(&hs->transcript);
    dh_free(hs->share.dh);
    alloc_wipe(alloc, hs->v13.cookie, hs->v13.cookie_length);
    alloc_wipe(alloc, hs->session.ticket, hs->session.ticket_length);
    alloc_wipe(alloc, hs->session.identity, hs->session.identity_length);
    flight_end(&hs->offer.first, alloc);
    if (hs->terms && conn->ctx->terms == hs->terms)
        /* We may have been called while the last message of the handshake is processed. This needs
         * terms (the allowed suites and extensions), but those of the handshake are freed here. */
        conn->ctx->terms = &conn->ctx->own_terms;
    alloc_wipe(alloc, hs->terms, sizeof *hs->terms);
    for (size_t i = 0; i < PSKS_MAX; i++)
        alloc_wipe(alloc, hs->v13.psks[i].identity, hs->v13.psks[i].identity_length);
    crypto_wipe_keys(conn->ctx->crypto);
    alloc_wipe(alloc, hs->hint, hs->hint_length);
    alloc_wipe(alloc, hs, sizeof *hs);
    conn->hs = NULL;
}

conn_t *conn_start_over(conn_t *old)
{
    conn_t *next = conn_new(old->peer, true);
    if (!next)
        return NULL;
    next->deadline = old->deadline;
    stats_move(next, old);
    sizes_set_mtu(next, old->sizes.mtu);
    liveness_received(next);
    conn_begin_end(old);
    old->peer->conn = next;
    old->next_ended = old->ctx->ended;
    old->ctx->ended = old;
    return next;
}

/* ---- what only DTLS 1.3 needs ---- */

bool conn_start13(conn_t *conn)
{
    conn->v13 = alloc_zeroed(&conn->ctx->alloc, sizeof *conn->v13);
    return conn->v13 != NULL;
}

flight_t *conn_start_post(conn_t *conn, post_t which, size_t capacity)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    flight_t *flight = alloc_zeroed(alloc, sizeof *flight);
    conn->v13->post[which] = flight;
    if (flight && flight_start(flight, alloc, capacity, true))
        return flight;
    conn_end_post(conn, which);
    return NULL;
}

void conn_end_post(conn_t *conn, post_t which)
{
    flight_t *flight = conn->v13->post[which];
    if (!flight)
        return;
    flight_end(flight, &conn->ctx->alloc);
    alloc_wipe(&conn->ctx->alloc, flight, sizeof *flight);
    conn->v13->post[which] = NULL;
}

void conn_end13(conn_t *conn)
{
    if (!conn->v13)
        return;
    for (post_t which = 0; which < POST_COUNT; which++)
        conn_end_post(conn, which);
    alloc_wipe(&conn->ctx->alloc, conn->v13->acks.numbers, ACKS_SIZE);
    alloc_wipe(&conn->ctx->alloc, conn->v13->resumption, HASH_MAX);
    alloc_wipe(&conn->ctx->alloc, conn->v13, sizeof *conn->v13);
    conn->v13 = NULL;
}

/* ---- from the handshake to close_notify ---- */

void conn_limit_handshake(conn_t *conn, uint32_t silent_ms, uint32_t ms)
{
    conn->deadline = now_of(conn->ctx) + ms;
    conn->hs->silent_limit = now_of(conn->ctx) + silent_ms;
}

void conn_connected(conn_t *conn)
{
    bool awaits_ack = conn->flight.timer_at != NEVER;
    pending_remove(conn);
    conn->phase = PHASE_CONNECTED;
    conn->ctx->connected++;
    liveness_start(conn);
    conn->handshake_ms = (uint32_t)(conn->liveness.last_received - conn->hs->started);
    conn->deadline = awaits_ack ? conn->hs->started + conn->ctx->config.handshake_ms : NEVER;
    conn_end_handshake(conn);
}

void conn_handshake_acked(conn_t *conn)
{
    conn->deadline = NEVER;
}

void conn_closing(conn_t *conn)
{
    conn->phase = PHASE_CLOSING;
}

void conn_received_close(conn_t *conn)
{
    conn->failure.alert_received = true;
    conn->failure.alert_authenticated = true;
}

/* ---- the end ---- */

static void conn_free(conn_t *conn)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    pending_remove(conn);
    conn_end_handshake(conn);
    epochs_end(conn);
    flight_end(&conn->flight, alloc);
    reassembly_end(&conn->reassembly, alloc);
    conn_end13(conn);
    cids_free(conn);
    alloc_wipe(alloc, conn->heartbeat.request, heartbeat_request_size(conn->heartbeat.request));
    alloc_wipe(alloc, conn->heartbeat.held, held_heartbeat_size(conn->heartbeat.held));
    alloc_wipe(alloc, conn->dropped, STATS_DROPPED_SIZE);
    alloc_wipe(alloc, conn->identity, conn->identity_length);
    alloc_wipe(alloc, conn->exporter12, sizeof *conn->exporter12);
    alloc_wipe(alloc, conn, sizeof *conn);
}

void conn_free_ended(dtls_context_t *ctx)
{
    while (ctx->ended) {
        conn_t *conn = ctx->ended;
        ctx->ended = conn->next_ended;
        conn_free(conn);
    }
}

void conn_event(conn_t *conn, unsigned level, unsigned code)
{
    dtls_context_t *ctx = conn->ctx;
    /* A candidate is a new handshake that may replace the association of its peer. The application
     * does not know of candidates, so they have no events. */
    bool silent = conn->peer->conn != conn;
    dtls_peer_t *outer = callback_begin(ctx, conn->peer);
    if (!silent && ctx->handler.event)
        ctx->handler.event(ctx, &conn->peer->session, level, (unsigned short)code);
    callback_end(ctx, outer);
}

/* Detaches the association from its peer. If the peer has a candidate (a new handshake from its
 * address), the candidate becomes the peer's association, and the application gets the events of
 * the candidate from now on. */
static void leave_peer(conn_t *conn)
{
    dtls_peer_t *peer = conn->peer;
    if (peer->candidate == conn)
        peer->candidate = NULL;
    if (peer->conn != conn)
        return;
    peer->conn = peer->candidate;
    peer->candidate = NULL;
    if (!peer->conn) {
        peers_remove(peer);
        return;
    }
    peer->session.ifindex = peer->candidate_ifindex;
    conn_t *next = peer->conn;
    bool connected = next->phase == PHASE_CONNECTED;
    conn_event(next, 0, DTLS_EVENT_CONNECT);
    if (connected && next->phase == PHASE_CONNECTED)
        conn_event(next, 0, DTLS_EVENT_CONNECTED);
}

void conn_separate_candidate(dtls_peer_t *moved, const session_t *old)
{
    conn_t *candidate = moved->candidate;
    dtls_peer_t *peer = candidate ? peers_add(moved->ctx, old) : NULL;
    if (candidate && !peer)
        conn_end(candidate, 0);
    if (!peer)
        return;
    moved->candidate = NULL;
    peer->conn = candidate;
    candidate->peer = peer;
    /* The heap key is the current time, so that the timers of the new peer are examined when the
     * outermost call into the library ends. */
    heap_set(&peer->ctx->peers.timers, &peer->timer, now_of(peer->ctx));
    conn_event(candidate, 0, DTLS_EVENT_CONNECT);
}

bool conn_begin_end(conn_t *conn)
{
    if (conn->phase == PHASE_ENDED)
        return false;
    pending_remove(conn);
    conn->ctx->connected -= conn->phase == PHASE_CONNECTED || conn->phase == PHASE_CLOSING;
    conn->phase = PHASE_ENDED;
    return true;
}

/* Prevents the resumption of the session, which is required after a fatal alert (RFC 5246 section
 * 7.2.2, RFC 8446 section 6.2). */
static void invalidate_session(conn_t *conn)
{
    sessions_forget(&conn->ctx->sessions, conn->cached_session);
    if (conn->issued_ticket > 0)
        ticket_redeem(&conn->ctx->tickets, conn->issued_ticket - 1);
}

void conn_finish_end(conn_t *conn, unsigned event)
{
    if (conn->failure.alert != DTLS_ALERT_CLOSE_NOTIFY)
        invalidate_session(conn);
    if (event && !conn->output_ended)
        conn_event(conn, 0, event);
    conn->output_ended = true;
    leave_peer(conn);
    conn->next_ended = conn->ctx->ended;
    conn->ctx->ended = conn;
}

void conn_end_in_silence(conn_t *conn)
{
    conn->output_ended = true;
}

void conn_end(conn_t *conn, unsigned event)
{
    if (conn_begin_end(conn))
        conn_finish_end(conn, event);
}

void conn_end_for(conn_t *conn, dtls_error_t error, unsigned event)
{
    if (!conn_begin_end(conn))
        return;
    conn->failure = (failure_t){.error = error};
    conn_finish_end(conn, event);
}

void conn_close_for(conn_t *conn, dtls_error_t error, unsigned event)
{
    if (!conn_begin_end(conn))
        return;
    conn->failure = (failure_t){.error = error};
    output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_finish_end(conn, event);
}

void conn_abort(conn_t *conn, dtls_alert_t alert)
{
    if (!conn_begin_end(conn))
        return;
    output_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert);
    conn->failure.alert = alert;
    conn_finish_end(conn, 0);
}

/* Sets the result of dtls_handle_message(), if the peer of this association has sent the datagram
 * that dtls_handle_message() processes. */
static void set_result(const conn_t *conn, unsigned alert)
{
    dtls_context_t *ctx = conn->ctx;
    if (conn->peer->conn == conn && ctx->handling &&
        dtls_session_equals(ctx->handling, &conn->peer->session))
        ctx->result = dtls_alert_fatal_create(alert);
}

static void send_alert_for(conn_t *conn, dtls_error_t error)
{
    dtls_alert_t alert = error_alert(error, conn->negotiated.version);
    if (alert == DTLS_ALERT_CLOSE_NOTIFY)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, alert);
    else if (alert == DTLS_ALERT_BAD_RECORD_MAC)
        /* The peer has different keys, so it could not decrypt a protected alert. */
        output_plain_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert);
    else
        output_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert);
}

/* Returns false if we are a client that has not sent its ClientHello yet: the server knows nothing
 * of us, so no alert is sent. */
static bool has_sent(const conn_t *conn)
{
    return conn->send_epoch > 0 || conn_write_epoch(conn, 0)->sequence > 0 || !conn->client;
}

void conn_fail_by(conn_t *conn, dtls_error_t error, bool alert_sent)
{
    if (!conn_begin_end(conn))
        return;
    conn->failure =
        (failure_t){.error = error, .alert = error_alert(error, conn->negotiated.version)};
    log_of(conn->ctx, DTLS_LOG_NOTICE, dtls_error_text(error));
    set_result(conn, conn->failure.alert);
    if (!alert_sent && has_sent(conn))
        send_alert_for(conn, error);
    conn_finish_end(conn, DTLS_EVENT_FAILED);
}

void conn_fail_by_alert(conn_t *conn, const failure_t *failure)
{
    bool closes = failure->alert == DTLS_ALERT_CLOSE_NOTIFY;
    if (!conn_begin_end(conn))
        return;
    conn->failure = *failure;
    log_of(conn->ctx, DTLS_LOG_NOTICE, dtls_alert_name(failure->alert));
    set_result(conn, failure->alert);
    conn_event(conn, closes ? DTLS_ALERT_LEVEL_WARNING : DTLS_ALERT_LEVEL_FATAL, failure->alert);
    conn_finish_end(conn, DTLS_EVENT_FAILED);
}

void conn_cancel(conn_t *conn)
{
    if (!conn_begin_end(conn))
        return;
    if (has_sent(conn)) {
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_USER_CANCELED);
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    }
    conn_finish_end(conn, DTLS_EVENT_CLOSED);
}

/* Two cases return PROOF_NONE although a binder was sent: after a DTLS 1.3 ServerHello (send_epoch
 * > 0), because the server has then accepted our binder; and after a HelloVerifyRequest, because
 * the server may then use DTLS 1.2, which has no binders. */
dtls_proof_t conn_proof(const conn_t *conn)
{
    const handshake_t *hs = conn->hs;
    if (!conn->client || !hs)
        return DTLS_PROOF_NONE;
    if (hs->finished_at != NEVER)
        return DTLS_PROOF_ASKED;
    if (!hs->offer.v13 || !rules_of(conn)->acks || hs->offer.cookies > 0 || conn->send_epoch > 0)
        return DTLS_PROOF_NONE;
    return hs->v13.retried ? DTLS_PROOF_ASKED : DTLS_PROOF_OFFERED;
}
