#include "conn/suspect.h"

#include "base/iana.h"
#include "base/siphash.h"
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
    if (may_be_forged && flight->count > 0 && validation_permits_flight(conn, flight)) {
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

/* ---- plaintext messages of a server ---- */

static uint64_t digest_of(const conn_t *conn, const message_t *message)
{
    return siphash(conn->ctx->peers.table.key, message->bytes, message->length);
}

static bool is_server_hello(const message_t *message)
{
    return message_kind(message->bytes[0], message->bytes + MESSAGE_HEADER,
                        message->length - MESSAGE_HEADER) == HANDSHAKE_SERVER_HELLO;
}

/* Only the ServerHello has a random value, so only a ServerHello cannot be the same in two handshakes. */
static void remember_hello(conn_t *conn, const message_t *message, uint64_t digest)
{
    answers_t *answers = &conn->hs->answers;
    if (is_server_hello(message) && answers->hello_count < HELLOS_MAX)
        answers->hellos[answers->hello_count++] = digest;
}

void suspect_note_answer(conn_t *conn, const message_t *message)
{
    uint16_t seq = message_seq(message);
    if (!conn->client || !conn->hs || message->epoch > 0 || seq >= ANSWERS_MAX)
        return;
    uint64_t digest = digest_of(conn, message);
    conn->hs->answers.digests[seq] = digest;
    remember_hello(conn, message, digest);
}

/* Returns true for a message that a server sends before its first protected message. */
static bool is_answer(uint8_t msg_type)
{
    return msg_type == HANDSHAKE_SERVER_HELLO || msg_type == HANDSHAKE_HELLO_VERIFY_REQUEST ||
           msg_type == HANDSHAKE_SERVER_KEY_EXCHANGE || msg_type == HANDSHAKE_SERVER_HELLO_DONE ||
           msg_type == HANDSHAKE_NEW_SESSION_TICKET;
}

void suspect_compare_answer(conn_t *conn, const message_t *message)
{
    uint16_t seq = message_seq(message);
    if (!conn->client || !conn->hs || message->epoch > 0 || seq >= ANSWERS_MAX ||
        !is_answer(message->bytes[0]))
        return;
    answers_t *answers = &conn->hs->answers;
    uint64_t digest = digest_of(conn, message);
    if (answers->digests[seq] == 0 || answers->digests[seq] == digest)
        return;
    answers->contradicted = true;
    remember_hello(conn, message, digest);
}

bool suspect_forged_answer(const conn_t *conn)
{
    return conn->hs && conn->hs->answers.contradicted;
}

bool suspect_is_stale_hello(const conn_t *conn, const message_t *message)
{
    const answers_t *answers = &conn->hs->answers;
    uint64_t digest = digest_of(conn, message);
    for (size_t i = 0; i < answers->stale_count; i++)
        if (answers->hellos[i] == digest)
            return true;
    return false;
}

void suspect_inherit_hellos(conn_t *next, const conn_t *old)
{
    answers_t *answers = &next->hs->answers;
    *answers = (answers_t){.hello_count = old->hs->answers.hello_count};
    for (size_t i = 0; i < answers->hello_count; i++)
        answers->hellos[i] = old->hs->answers.hellos[i];
    answers->stale_count = answers->hello_count;
}
