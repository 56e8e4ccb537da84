#include "base/names.h"
#include "conn/ack.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "handshake/post13.h"

/* A peer that repeats its flight although it has our Finished does not accept our Finished. Loss of
 * every copy looks the same, so it takes this much, and no answer to one more, to say "wrong key". */
#define SUSPECT_REPEATS 2
#define SUSPECT_SENDS 5
#define SUSPECT_MS 2500

/* What measures a round trip may be forged: an old record number in a HelloVerifyRequest would otherwise stop
 * retransmissions for a minute. */
#define RAISED_MAX_MS 2000

static uint32_t at_most(uint32_t ms, uint32_t limit)
{
    return ms < limit ? ms : limit;
}

uint32_t conn_first_timer(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    if (!conn->rtt_known)
        return config->timer_ms;
    uint32_t raised = config->timer_ms > RAISED_MAX_MS ? config->timer_ms : RAISED_MAX_MS;
    uint32_t timer = at_most(conn->rtt_ms, raised / 2) * 2;
    if (timer < config->timer_min_ms)
        timer = config->timer_min_ms;
    return at_most(timer, config->timer_max_ms);
}

static void arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms)
{
    flight->timer_ms = timer_ms;
    flight->armed_at = now;
    flight->timer_at = now + timer_ms;
}

dtls_error_t conn_send_flight(conn_t *conn, flight_t *flight)
{
    if (flight == &conn->flight && flight->sends == 0)
        ack_forget(conn); /* an answer says that all of the peer's flight is here */
    if (flight->sends++ == 0)
        flight->first_at = now_of(conn->ctx);
    dtls_repeat_t repeat = flight->sends > 1 ? DTLS_REPEAT_ACK : DTLS_REPEAT_NONE;
    dtls_error_t error = output_flight(conn, flight, repeat, 0);
    arm(flight, now_of(conn->ctx), conn_first_timer(conn));
    return error;
}

void conn_set_timer(conn_t *conn, uint32_t timer_ms)
{
    arm(&conn->flight, now_of(conn->ctx), timer_ms);
}

void conn_message_accepted(conn_t *conn)
{
    conn->hs->doubt_at = NEVER;
    output_flight_arrived(conn, &conn->flight);
    if (conn->flight.sends == 1 && conn->flight.repeats == 0)
        conn_measured(conn, conn->flight.sent_at);
}

void conn_answered(conn_t *conn, uint64_t epoch)
{
    if (conn->hs && epoch > 0 && ack_agreed(conn))
        conn->flight.timer_at = NEVER;
}

void conn_measured(conn_t *conn, dtls_tick_t sent_at)
{
    conn->rtt_ms = (uint32_t)(now_of(conn->ctx) - sent_at);
    conn->rtt_known = true;
}

static flight_t *flight_at(conn_t *conn, size_t i)
{
    if (i == POST_COUNT)
        return &conn->flight;
    return conn->v13 ? conn->v13->post[i] : NULL;
}

static void rescale(flight_t *flight, uint32_t from_ms, uint32_t to_ms, uint32_t limit)
{
    if (!flight || flight->timer_at == NEVER)
        return;
    uint64_t timer_ms = (uint64_t)flight->timer_ms * to_ms / from_ms;
    dtls_tick_t left = (flight->timer_at - flight->armed_at) * to_ms / from_ms;
    flight->timer_ms = timer_ms > 0 ? at_most((uint32_t)timer_ms, limit) : 1;
    flight->timer_at = flight->armed_at + (left < limit ? left : limit);
}

void conn_rescale_timers(conn_t *conn, uint32_t from_ms, uint32_t to_ms)
{
    for (size_t i = 0; i <= POST_COUNT; i++)
        rescale(flight_at(conn, i), from_ms, to_ms, conn->ctx->config.timer_max_ms);
}

/* ---- the peer repeats itself ---- */

static bool peer_rejects_finished(conn_t *conn, dtls_tick_t now)
{
    handshake_t *hs = conn->hs;
    if (!hs || !conn->client || hs->finished_at == NEVER)
        return false;
    hs->peer_repeats++;
    return hs->peer_repeats >= SUSPECT_REPEATS && conn->flight.sends >= SUSPECT_SENDS &&
           conn->flight.datagrams == 1 && now - hs->finished_at >= SUSPECT_MS;
}

/* Answered at once, but no more often than a peer repeats itself, and a long flight more rarely: what
 * looks like a repeat may be forged. So it does not count as a transmission. */
static bool may_repeat(conn_t *conn, dtls_tick_t now)
{
    uint32_t gap = conn_first_timer(conn) / 2 * conn->flight.datagrams;
    if (conn->repeat_at != NEVER && now < conn->repeat_at + gap)
        return false;
    conn->repeat_at = now;
    return true;
}

/* What has just gone out need not go again because our timer happens to be due, as it is in step with
 * the peer's. No further than to twice the timer, however often somebody asks. */
static void put_off(flight_t *flight, dtls_tick_t now)
{
    dtls_tick_t limit = flight->armed_at + 2 * (dtls_tick_t)flight->timer_ms;
    dtls_tick_t at = now + flight->timer_ms;
    if (at > limit)
        at = limit;
    if (flight->timer_at != NEVER && flight->timer_at < at)
        flight->timer_at = at;
}

void conn_note_record(conn_t *conn, uint64_t digest)
{
    handshake_t *hs = conn->hs;
    if (hs && digest != RECORD_PROTECTED)
        hs->seen[hs->seen_count++ % SEEN_MAX] = digest;
}

/* The network's copy of a record, not the peer's. The number alone would not tell: anybody can write a record
 * that has the number of the next one. */
static bool is_copy(const conn_t *conn, uint64_t digest)
{
    const handshake_t *hs = conn->hs;
    for (size_t i = 0; hs && i < SEEN_MAX && i < hs->seen_count; i++)
        if (hs->seen[i] == digest)
            return true;
    return false;
}

void conn_peer_repeated(conn_t *conn, uint64_t digest)
{
    dtls_tick_t now = now_of(conn->ctx);
    if (is_copy(conn, digest) || !may_repeat(conn, now))
        return;
    conn->stats.resent++;
    conn->flight.repeats++;
    put_off(&conn->flight, now);
    dtls_error_t error = output_flight(conn, &conn->flight, DTLS_REPEAT_PEER, 0);
    if (error)
        conn_fail(conn, error);
    else if (peer_rejects_finished(conn, now))
        conn_doubt(conn,
                   (failure_t){.error = DTLS_ERR_WRONG_PSK, .alert = DTLS_ALERT_BAD_RECORD_MAC});
}

/* ---- a timer runs out ---- */

void conn_repeat_first(conn_t *conn, uint32_t timer_ms)
{
    flight_t *first = conn->hs ? &conn->hs->first : NULL;
    if (!first || first->count == 0)
        return;
    first->sends++;
    output_flight(conn, first, timer_ms > 0 ? DTLS_REPEAT_TIMER : DTLS_REPEAT_SUSPECT, timer_ms);
}

static void flight_ran_out(conn_t *conn, flight_t *flight, dtls_tick_t now)
{
    uint32_t ran_out = flight->timer_ms;
    uint32_t cap = conn->ctx->config.timer_max_ms;
    arm(flight, now, ran_out > cap / 2 ? cap : 2 * ran_out);
    reassembly_age(&conn->reassembly);
    /* Where nobody asked for a cookie the hello may be forged: then its alleged sender gets one
     * answer for each hello, and no repeats on top (RFC 9147 section 5.1). */
    if (conn->hs && !conn->hs->proven)
        return;
    conn->stats.timeouts++;
    conn->unanswered += flight != &conn->flight;
    flight->sends++;
    dtls_error_t error = output_flight(conn, flight, DTLS_REPEAT_TIMER, ran_out);
    if (error)
        conn_fail(conn, error);
    else if (flight == &conn->flight)
        conn_repeat_first(conn, ran_out);
}

static void give_up(conn_t *conn, dtls_error_t error)
{
    if (!conn_begin_end(conn))
        return;
    conn->failure = (failure_t){.error = error};
    if (error == DTLS_ERR_IDLE)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_finish_end(conn, DTLS_EVENT_TIMEOUT);
}

/* Some servers do not even repeat themselves when our Finished does not decrypt. */
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

/* A ticket was not asked for, and what waited for its end need not wait any more. */
static void give_up_ticket(conn_t *conn)
{
    conn_end_post(conn, POST_TICKET);
    dtls_error_t error = post13_settle(conn);
    if (error)
        conn_fail(conn, error);
}

/* There may be no other of its kind until it is acknowledged (RFC 9147 section 5.8.4), so it is sent for as
 * long as the peer lives. */
static void post_ran_out(conn_t *conn, post_t which, dtls_tick_t now)
{
    flight_t *flight = conn->v13->post[which];
    uint32_t limit = conn->ctx->config.handshake_ms;
    if (now < flight->first_at + limit || (which != POST_TICKET && now < conn->last_heard + limit))
        flight_ran_out(conn, flight, now);
    else if (which == POST_TICKET)
        give_up_ticket(conn);
    else
        give_up(conn, DTLS_ERR_TIMEOUT);
}

static void run_flights(conn_t *conn, dtls_tick_t now)
{
    for (size_t i = 0; i <= POST_COUNT && conn->phase != PHASE_ENDED; i++) {
        flight_t *flight = flight_at(conn, i);
        if (!flight || !due(flight->timer_at, now))
            continue;
        if (i < POST_COUNT)
            post_ran_out(conn, (post_t)i, now);
        else
            flight_ran_out(conn, flight, now); /* the handshake has a limit of its own */
    }
}

static dtls_tick_t idle_at(const conn_t *conn)
{
    uint32_t idle_ms = conn->ctx->config.idle_ms;
    return idle_ms > 0 && conn->phase == PHASE_CONNECTED ? conn->last_heard + idle_ms : NEVER;
}

static dtls_tick_t silent_limit(const conn_t *conn)
{
    return conn->hs && !conn->heard ? conn->hs->silent_limit : NEVER;
}

void conn_run_timers(conn_t *conn, dtls_tick_t now)
{
    if (conn->phase == PHASE_ENDED)
        return;
    if (conn->hs && due(conn->hs->doubt_at, now)) {
        conn_believe(conn, &conn->hs->doubt);
    } else if (due(conn->limit, now) || due(silent_limit(conn), now)) {
        give_up(conn, timeout_reason(conn));
    } else if (due(idle_at(conn), now)) {
        give_up(conn, DTLS_ERR_IDLE);
    } else if (due(conn->closing.at, now)) {
        closing_run(conn);
    } else {
        if (conn->v13 && due(conn->v13->acks.at, now))
            ack_send(conn);
        if (conn->v13 && due(conn->v13->retire_at, now))
            conn_retire_epochs(conn);
        heartbeat_run(conn, now);
        run_flights(conn, now);
    }
}

/* ---- when the next one will ---- */

static dtls_tick_t earlier(dtls_tick_t a, dtls_tick_t b)
{
    if (a == NEVER || b == NEVER)
        return a == NEVER ? b : a;
    return a < b ? a : b;
}

dtls_tick_t conn_deadline(conn_t *conn)
{
    if (conn->phase == PHASE_ENDED)
        return NEVER;
    dtls_tick_t next = earlier(conn->limit, earlier(idle_at(conn), conn->closing.at));
    next = earlier(next, silent_limit(conn));
    if (conn->v13)
        next = earlier(next, earlier(conn->v13->acks.at, conn->v13->retire_at));
    if (conn->asked.payload && conn_is_established(conn))
        next = earlier(next, conn->asked.timer_at);
    if (conn->hs)
        next = earlier(next, conn->hs->doubt_at);
    for (size_t i = 0; i <= POST_COUNT; i++) {
        const flight_t *flight = flight_at(conn, i);
        if (flight)
            next = earlier(next, flight->timer_at);
    }
    return next;
}

dtls_tick_t peer_deadline(const dtls_peer_t *peer, dtls_tick_t next)
{
    conn_t *conns[] = {peer->conn, peer->candidate};
    for (size_t i = 0; i < 2; i++)
        next = earlier(next, conns[i] ? conn_deadline(conns[i]) : NEVER);
    return next;
}

void peer_plan(const dtls_peer_t *peer)
{
    if (peer)
        peer->ctx->due_at = peer_deadline(peer, peer->ctx->due_at);
}
