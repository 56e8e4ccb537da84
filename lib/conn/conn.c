#include "conn/conn.h"

#include "base/names.h"
#include "conn/cids.h"
#include "conn/output.h"
#include "conn/peers.h"

#include <string.h>

/* ---- half-open server handshakes, oldest first ---- */

static void half_open_add(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    conn->older = ctx->newest_half_open;
    *(conn->older ? &conn->older->newer : &ctx->oldest_half_open) = conn;
    ctx->newest_half_open = conn;
    ctx->half_open++;
}

static void half_open_remove(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    *(conn->older ? &conn->older->newer : &ctx->oldest_half_open) = conn->newer;
    *(conn->newer ? &conn->newer->older : &ctx->newest_half_open) = conn->older;
    conn->older = conn->newer = NULL;
    ctx->half_open--;
}

/* ---- client handshakes under way ---- */

static void calls_add(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    conn->older = ctx->newest_call;
    if (conn->older)
        conn->older->newer = conn;
    ctx->newest_call = conn;
}

static void calls_remove(conn_t *conn)
{
    if (conn->older)
        conn->older->newer = conn->newer;
    *(conn->newer ? &conn->newer->older : &conn->ctx->newest_call) = conn->older;
    conn->older = conn->newer = NULL;
}

bool conn_is_own_call(const dtls_context_t *ctx, const uint8_t *client_random)
{
    for (const conn_t *conn = ctx->newest_call; conn; conn = conn->older)
        if (memcmp(conn->client_random, client_random, RANDOM_LENGTH) == 0)
            return true;
    return false;
}

/* Before the phase changes. */
static void leave_handshake(conn_t *conn)
{
    if (conn->phase != PHASE_HANDSHAKE)
        return;
    if (conn->client)
        calls_remove(conn);
    else
        half_open_remove(conn);
}

/* ---- birth ---- */

conn_t *conn_new(dtls_peer_t *peer, bool client)
{
    dtls_context_t *ctx = peer->ctx;
    conn_t *conn = alloc_zeroed(&ctx->alloc, sizeof *conn);
    handshake_t *hs = alloc_zeroed(&ctx->alloc, sizeof *hs);
    epoch_t *plaintext = alloc_zeroed(&ctx->alloc, sizeof *plaintext);
    bool own = ctx->terms != &ctx->own_terms;
    terms_t *terms = own ? alloc_zeroed(&ctx->alloc, sizeof *terms) : NULL;
    if (!conn || !hs || !plaintext || (own && !terms)) {
        alloc_wipe(&ctx->alloc, conn, sizeof *conn);
        alloc_wipe(&ctx->alloc, hs, sizeof *hs);
        alloc_wipe(&ctx->alloc, plaintext, sizeof *plaintext);
        alloc_wipe(&ctx->alloc, terms, sizeof *terms);
        return NULL;
    }
    if (own)
        *terms = *ctx->terms;
    hs->terms = terms;
    conn->ctx = ctx;
    conn->peer = peer;
    conn->hs = hs;
    conn->client = client;
    conn->mtu = ctx->config.mtu;
    conn->started = now_of(ctx);
    conn->limit = conn->started + ctx->config.handshake_ms;
    hs->proven = client;
    epoch_plaintext(plaintext);
    conn->write[0] = plaintext;
    if (client)
        calls_add(conn);
    else
        half_open_add(conn);
    return conn;
}

static void end_handshake(conn_t *conn)
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
    flight_end(&hs->first, alloc);
    if (hs->terms && conn->ctx->terms == hs->terms)
        conn->ctx->terms = &conn->ctx->own_terms; /* its last message is still being handled */
    alloc_wipe(alloc, hs->terms, sizeof *hs->terms);
    for (size_t i = 0; i < PSKS_MAX; i++)
        alloc_wipe(alloc, hs->v13.psks[i].identity, hs->v13.psks[i].identity_length);
    crypto_forget(conn->ctx->crypto);
    alloc_wipe(alloc, hs->hint, hs->hint_length);
    alloc_wipe(alloc, hs, sizeof *hs);
    conn->hs = NULL;
}

/* ---- what only DTLS 1.3 needs ---- */

bool conn_start13(conn_t *conn)
{
    conn->v13 = alloc_zeroed(&conn->ctx->alloc, sizeof *conn->v13);
    return conn->v13 != NULL;
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
    alloc_wipe(&conn->ctx->alloc, conn->v13, sizeof *conn->v13);
    conn->v13 = NULL;
}

/* ---- epochs ---- */

static void end_epoch(const alloc_t *alloc, epoch_t **slot)
{
    if (!*slot)
        return;
    epoch_end(*slot);
    alloc_wipe(alloc, *slot, sizeof **slot);
    *slot = NULL;
}

static void end_read_slot(conn_t *conn, uint64_t number)
{
    epoch_t **slot = &conn->read[number % EPOCH_SLOTS];
    if (*slot)
        conn->stats.lost += epoch_lost(*slot);
    end_epoch(&conn->ctx->alloc, slot);
}

void conn_end_read_epoch(conn_t *conn, uint64_t number)
{
    const epoch_t *epoch = conn_read_epoch(conn, number);
    if (epoch && epoch->number == number)
        end_read_slot(conn, number);
}

void conn_end_write_epoch(conn_t *conn, uint64_t number)
{
    end_epoch(&conn->ctx->alloc, &conn->write[number % EPOCH_SLOTS]);
}

epoch_t *conn_new_read_epoch(conn_t *conn, uint64_t number)
{
    end_read_slot(conn, number);
    return conn->read[number % EPOCH_SLOTS] = alloc_zeroed(&conn->ctx->alloc, sizeof(epoch_t));
}

epoch_t *conn_new_write_epoch(conn_t *conn, uint64_t number)
{
    conn_end_write_epoch(conn, number);
    return conn->write[number % EPOCH_SLOTS] = alloc_zeroed(&conn->ctx->alloc, sizeof(epoch_t));
}

#define RETAIN_MS 240000

void conn_retain_epochs(conn_t *conn)
{
    conn->v13->retire_at = now_of(conn->ctx) + RETAIN_MS;
}

/* Those before the newest are in use until the peer has changed over. */
void conn_retire_epochs(conn_t *conn)
{
    uint64_t oldest = conn->v13->read_epoch - conn->v13->old_keys;
    conn->v13->retire_at = NEVER;
    for (size_t i = 0; i < EPOCH_SLOTS; i++)
        if (conn->read[i] && conn->read[i]->number < oldest)
            end_read_slot(conn, i);
}

/* ---- the end ---- */

void conn_free(conn_t *conn)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    leave_handshake(conn);
    end_handshake(conn);
    for (size_t i = 0; i < EPOCH_SLOTS; i++) {
        end_epoch(alloc, &conn->read[i]);
        end_epoch(alloc, &conn->write[i]);
    }
    flight_end(&conn->flight, alloc);
    reassembly_end(&conn->reassembly, alloc);
    conn_end13(conn);
    cids_free(conn);
    alloc_wipe(alloc, conn->asked.payload, conn->asked.length);
    alloc_wipe(alloc, conn->held_request.payload, conn->held_request.length);
    alloc_wipe(alloc, conn->identity, conn->identity_length);
    alloc_wipe(alloc, conn->exporter12, sizeof *conn->exporter12);
    alloc_wipe(alloc, conn->held, HELD_MAX);
    alloc_wipe(alloc, conn, sizeof *conn);
}

void conn_event(conn_t *conn, unsigned level, unsigned code)
{
    dtls_context_t *ctx = conn->ctx;
    bool silent = conn->peer->conn != conn; /* a candidate: nobody has heard of it */
    if (!silent && ctx->handler.event)
        ctx->handler.event(ctx, &conn->peer->session, level, (unsigned short)code);
}

/* The candidate, if there is one, takes the place, and the application hears of it. */
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

void conn_stay_behind(dtls_peer_t *moved, const session_t *old)
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
    conn_event(candidate, 0, DTLS_EVENT_CONNECT);
}

bool conn_begin_end(conn_t *conn)
{
    if (conn->phase == PHASE_ENDED)
        return false;
    leave_handshake(conn);
    conn->ctx->connected -= conn->phase == PHASE_CONNECTED || conn->phase == PHASE_CLOSING;
    conn->phase = PHASE_ENDED;
    return true;
}

/* A session ends with a fatal alert: RFC 5246 section 7.2.2, RFC 8446 section 6.2. */
static void forget_session(conn_t *conn)
{
    sessions_forget(&conn->ctx->sessions, conn->kept);
    if (conn->ticket > 0)
        ticket_spend(&conn->ctx->tickets, conn->ticket - 1);
}

void conn_finish_end(conn_t *conn, unsigned event)
{
    conn->mute = true;
    if (conn->failure.alert != DTLS_ALERT_CLOSE_NOTIFY)
        forget_session(conn);
    if (event)
        conn_event(conn, 0, event);
    leave_peer(conn);
    conn->next_ended = conn->ctx->ended;
    conn->ctx->ended = conn;
}

void conn_end(conn_t *conn, unsigned event)
{
    if (conn_begin_end(conn))
        conn_finish_end(conn, event);
}

/* What dtls_handle_message() returns is about the peer whose datagram it has. */
static void set_result(const conn_t *conn, unsigned alert)
{
    dtls_context_t *ctx = conn->ctx;
    if (conn->peer->conn == conn && ctx->handling &&
        dtls_session_equals(ctx->handling, &conn->peer->session))
        ctx->result = dtls_alert_fatal_create(alert);
}

static void tell(conn_t *conn, dtls_error_t error)
{
    dtls_alert_t alert = error_alert(error, conn->version);
    if (alert == DTLS_ALERT_CLOSE_NOTIFY)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, alert);
    else if (alert == DTLS_ALERT_BAD_RECORD_MAC)
        output_plain_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert); /* its keys are not ours */
    else
        output_alert(conn, DTLS_ALERT_LEVEL_FATAL, alert);
}

/* Who has not spoken yet needs not take leave. */
static bool said_something(const conn_t *conn)
{
    return conn->send_epoch > 0 || conn_write_epoch(conn, 0)->sequence > 0 || !conn->client;
}

static void fail(conn_t *conn, dtls_error_t error, bool told)
{
    if (!conn_begin_end(conn))
        return;
    conn->failure = (failure_t){.error = error, .alert = error_alert(error, conn->version)};
    log_of(conn->ctx, DTLS_LOG_NOTICE, dtls_error_text(error));
    set_result(conn, conn->failure.alert);
    if (!told && said_something(conn))
        tell(conn, error);
    conn_finish_end(conn, DTLS_EVENT_FAILED);
}

void conn_fail(conn_t *conn, dtls_error_t error)
{
    fail(conn, error, false);
}

/* An alert is not answered by an alert. */
static void fail_by_alert(conn_t *conn, const failure_t *failure)
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

void conn_believe(conn_t *conn, const failure_t *failure)
{
    if (failure->alert_received)
        fail_by_alert(conn, failure);
    else
        fail(conn, failure->error, failure->told);
}

/* Long enough for an answer to what we send now, should the peer be well. */
static uint32_t grace(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    uint32_t answer = conn->rtt_known ? 3 * conn->rtt_ms : 2 * config->timer_ms;
    return answer > config->alert_grace_ms ? answer : config->alert_grace_ms;
}

void conn_doubt(conn_t *conn, failure_t failure)
{
    handshake_t *hs = conn->hs;
    if (failure.alert_authenticated || !hs || conn->ctx->config.alert_grace_ms == 0) {
        conn_believe(conn, &failure);
        return;
    }
    if (hs->doubt_at != NEVER)
        return;
    hs->doubt = failure;
    hs->doubt_at = now_of(conn->ctx) + grace(conn);
    /* A hello is not repeated: a server that has refused it would refuse it again. */
    flight_t *flight = &conn->flight;
    bool may_be_forged = hs->bad_finished_at == NEVER && !flight->whole;
    if (may_be_forged && hs->proven && flight->count > 0) {
        flight->repeats++;
        output_flight(conn, flight, DTLS_REPEAT_SUSPECT, 0);
    }
    conn_repeat_first(conn, 0); /* perhaps it was a forger's cookie that is refused */
    if (flight->timer_at != NEVER && flight->timer_at < hs->doubt_at)
        flight->timer_at = hs->doubt_at;
}

void conn_connected(conn_t *conn)
{
    dtls_peer_t *peer = conn->peer;
    if (conn->phase != PHASE_HANDSHAKE)
        return; /* a callback has ended it */
    leave_handshake(conn);
    conn->phase = PHASE_CONNECTED;
    conn->ctx->connected++;
    conn->last_heard = conn->last_answer = now_of(conn->ctx);
    conn->handshake_ms = (uint32_t)(conn->last_heard - conn->started);
    conn->held_ripe = true;
    bool awaits_ack = conn->flight.timer_at != NEVER;
    conn->limit = awaits_ack ? conn->started + conn->ctx->config.handshake_ms : NEVER;
    end_handshake(conn);
    if (conn->v13) /* which has messages after the handshake */
        reassembly_drop_plaintext(&conn->reassembly, &conn->ctx->alloc);
    else
        reassembly_end(&conn->reassembly, &conn->ctx->alloc);
    if (peer->conn == conn) {
        conn_make_way(conn);
        if (conn->phase == PHASE_CONNECTED)
            conn_event(conn, 0, DTLS_EVENT_CONNECTED);
    } else if (conn_begin_end(peer->conn)) {
        /* Only now is the old association certainly abandoned: RFC 6347 section 4.2.8. */
        peer->conn->failure = (failure_t){.error = DTLS_ERR_REPLACED};
        conn_finish_end(peer->conn, DTLS_EVENT_FAILED);
    }
}

void conn_cancel(conn_t *conn)
{
    if (!conn_begin_end(conn))
        return;
    if (said_something(conn)) {
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_USER_CANCELED);
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    }
    conn_finish_end(conn, DTLS_EVENT_CLOSED);
}
