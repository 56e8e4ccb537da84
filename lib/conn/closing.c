#include "conn/closing.h"

#include "conn/rules.h"

#include "conn/conn.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "conn/rto.h"

/* How often close_notify is sent to a silent peer. The peer acknowledges our close_notify only by
 * its own, and some peers never send one. If the peer supports heartbeats, each repeated
 * close_notify comes with a HeartbeatRequest, to see whether the peer is alive. */
#define SENDS 3
#define SENDS_WITH_HEARTBEATS 5
#define TIMER_MAX_MS 1000
/* How long we respond to a peer that lacks our Finished: the first two timers of the peer, 1 s and
 * 2 s (RFC 6347 section 4.2.4.1), and half a second for the network. */
#define RESEND_FINISHED_MS 3500
/* The maximum time for which we respond to a repeated close_notify after both sides have closed. */
#define RESPOND_MAX_MS 2500

/* ---- our direction ---- */

/* Returns true if the peer may not have our Finished. In DTLS 1.2 the last flight of a handshake
 * has no response, so its sender cannot know whether it has arrived (RFC 6347 section 4.2.4). The
 * sender is the server, or in a resumed session the client. */
static bool may_lack_finished(const conn_t *conn)
{
    return conn->client == conn->negotiated.resumed && !rules_of(conn)->acks &&
           !conn->closing.finished_confirmed;
}

/* Returns true if the peer does not react to our close_notify. In DTLS 1.3 the peer may first send
 * its remaining data (RFC 8446 section 6.1), so data and HeartbeatResponses show that it is alive.
 * In DTLS 1.2 the peer must close at once (RFC 5246 section 7.2.1), and some peers do so without
 * a response. */
static bool gives_up(const conn_t *conn)
{
    const closing_t *closing = &conn->closing;
    if (!conn->heartbeat.allowed)
        return closing->unanswered >= SENDS;
    bool received = conn->liveness.last_received > closing->began;
    dtls_tick_t since = received ? conn->liveness.last_received : closing->began;
    bool silent = now_of(conn->ctx) >= since + conn->ctx->config.closing_ms;
    return closing->unanswered >= SENDS_WITH_HEARTBEATS &&
           (silent || !(received || rules_of(conn)->half_close));
}

static void send_close(conn_t *conn)
{
    closing_t *closing = &conn->closing;
    dtls_tick_t now = now_of(conn->ctx);
    if (conn->liveness.last_received > closing->last)
        closing->unanswered = 0;
    if (closing->unanswered < UINT8_MAX)
        closing->unanswered++;
    closing->last = now;
    closing->at = now + closing->timer_ms;
    if (closing->timer_ms < TIMER_MAX_MS)
        closing->timer_ms *= 2;
    output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    if (now > closing->began && conn->heartbeat.allowed)
        heartbeat_ping(conn);
}

/* Returns the time until which the association is kept after both sides have closed. If our
 * close_notify was lost, the peer resends its own, and we respond. The peer's next timer is at most
 * as long as the peer has waited so far. */
static dtls_tick_t respond_until(const conn_t *conn)
{
    const closing_t *closing = &conn->closing;
    uint64_t wait = 2 * (now_of(conn->ctx) - closing->last + rto_first_ms(conn));
    return now_of(conn->ctx) + (wait < RESPOND_MAX_MS ? wait : RESPOND_MAX_MS);
}

static uint16_t first_timer(const conn_t *conn)
{
    uint32_t timer_ms = rto_first_ms(conn);
    return timer_ms < UINT16_MAX ? (uint16_t)timer_ms : UINT16_MAX;
}

void closing_start(conn_t *conn)
{
    closing_t *closing = &conn->closing;
    if (conn->phase == PHASE_CLOSING)
        return;
    if (conn->phase != PHASE_CONNECTED) {
        conn_cancel(conn);
        return;
    }
    conn_closing(conn);
    closing->began = now_of(conn->ctx);
    closing->timer_ms = first_timer(conn);
    dtls_tick_t until = respond_until(conn);
    send_close(conn);
    if (closing->half_closed)
        closing->at = until;
}

void closing_run(conn_t *conn)
{
    closing_t *closing = &conn->closing;
    bool over = closing->half_closed || closing->resends_finished;
    if (!over && !gives_up(conn)) {
        send_close(conn);
    } else if (!over && may_lack_finished(conn)) {
        closing->resends_finished = true;
        closing->at = now_of(conn->ctx) + RESEND_FINISHED_MS;
    } else {
        conn_end(conn, DTLS_EVENT_CLOSED);
    }
}

void closing_confirmed(conn_t *conn)
{
    conn->closing.finished_confirmed = true;
    if (conn->closing.resends_finished)
        conn_end(conn, DTLS_EVENT_CLOSED);
}

/* ---- the peer's direction ---- */

/* Returns true if the peer's close_notify closes only the peer's direction. In DTLS 1.2 this needs
 * heartbeats, which show whether the peer still waits for data. */
static bool may_half_close(const conn_t *conn)
{
    return conn->ctx->config.half_close && (rules_of(conn)->half_close || conn->heartbeat.allowed);
}

static void half_close(conn_t *conn, const record_t *record)
{
    conn->closing.half_closed = true;
    conn->closing.last_epoch = record->epoch;
    conn->closing.last_sequence = record->sequence;
    conn_event(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_event(conn, 0, DTLS_EVENT_HALF_CLOSED);
}

/* The peer repeats its close_notify, so it has not received ours. Our response may be lost too, so
 * wait for another repeat. A peer is expected to stop its repeats after config.closing_ms. */
static void respond_again(conn_t *conn)
{
    closing_t *closing = &conn->closing;
    dtls_tick_t until = respond_until(conn), last = closing->began + conn->ctx->config.closing_ms;
    output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    closing->at = until < last ? until : last;
}

void closing_receive(conn_t *conn, const record_t *record)
{
    closing_t *closing = &conn->closing;
    conn_received_close(conn);
    if (conn->phase == PHASE_CONNECTED)
        closing->last = now_of(conn->ctx);
    if (closing->half_closed) {
        if (conn->phase == PHASE_CLOSING)
            respond_again(conn);
        return;
    }
    if (conn->phase == PHASE_CONNECTED && may_half_close(conn)) {
        half_close(conn, record);
        return;
    }
    if (conn->phase == PHASE_CONNECTED)
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_event(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    conn_end(conn, DTLS_EVENT_CLOSED);
}

bool closing_is_after(const conn_t *conn, const record_t *record)
{
    const closing_t *closing = &conn->closing;
    return closing->half_closed &&
           (record->epoch > closing->last_epoch ||
            (record->epoch == closing->last_epoch && record->sequence > closing->last_sequence));
}
