#include "conn/suspect.h"

#include "conn/conn.h"
#include "conn/output.h"
#include "conn/validation.h"

void suspect_resend_first(conn_t *conn, uint32_t timer_ms)
{
    flight_t *first = conn->hs ? &conn->hs->offer.first : NULL;
    if (!first || first->count == 0)
        return;
    flight_count_send(first, now_of(conn->ctx));
    output_flight(conn, first, timer_ms > 0 ? DTLS_REPEAT_TIMER : DTLS_REPEAT_SUSPECT, timer_ms);
}

void suspect_clear(conn_t *conn)
{
    conn->hs->suspicion.confirm_at = NEVER;
}

void suspect_confirm(conn_t *conn, const failure_t *failure)
{
    if (failure->alert_received)
        conn_fail_by_alert(conn, failure);
    else
        conn_fail_by(conn, failure->error, failure->alert_sent);
}

/* Returns after how many milliseconds a suspected failure ends the handshake. In that time the peer
 * can respond to our next transmission, and its response shows that the failure was forged. */
static uint32_t grace(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    uint32_t response_ms = conn->rtt.known ? 3 * conn->rtt.ms : 2 * config->timer_ms;
    return response_ms > config->alert_grace_ms ? response_ms : config->alert_grace_ms;
}

void suspect_failure(conn_t *conn, failure_t failure)
{
    handshake_t *hs = conn->hs;
    if (failure.alert_authenticated || !hs || conn->ctx->config.alert_grace_ms == 0) {
        suspect_confirm(conn, &failure);
        return;
    }
    if (hs->suspicion.confirm_at != NEVER)
        return;
    hs->suspicion.failure = failure;
    hs->suspicion.confirm_at = now_of(conn->ctx) + grace(conn);
    /* Do not resend a ClientHello: a server that has rejected it would reject it again. */
    flight_t *flight = &conn->flight;
    bool may_be_forged = hs->suspicion.bad_finished_at == NEVER && !flight->whole;
    if (may_be_forged && flight->count > 0 && validation_permits(conn, flight)) {
        flight_count_repeat(flight);
        output_flight(conn, flight, DTLS_REPEAT_SUSPECT, 0);
    }
    /* The server may have rejected our ClientHello because the cookie in it came from an
     * attacker. */
    suspect_resend_first(conn, 0);
    flight_delay_timer(flight, hs->suspicion.confirm_at);
}

void suspect_wrong_key(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    dtls_tick_t now = now_of(conn->ctx);
    uint32_t grace = conn->ctx->config.alert_grace_ms;
    if (conn->client ||
        (hs->suspicion.bad_finished_at != NEVER && now < hs->suspicion.bad_finished_at + grace))
        return;
    hs->suspicion.bad_finished_at = now;
    dtls_error_t error = hs->unknown_identity ? DTLS_ERR_UNKNOWN_IDENTITY : DTLS_ERR_WRONG_PSK;
    if (grace > 0)
        output_plain_alert(conn, DTLS_ALERT_LEVEL_FATAL, DTLS_ALERT_BAD_RECORD_MAC);
    suspect_failure(
        conn,
        (failure_t){.error = error, .alert = DTLS_ALERT_BAD_RECORD_MAC, .alert_sent = grace > 0});
}
