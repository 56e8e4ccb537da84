#include "conn/receive.h"

#include "conn/rules.h"

#include "conn/ack.h"
#include "conn/callback.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/epochs.h"
#include "conn/stats.h"
#include "conn/suspect.h"
#include "conn/trace.h"

/* Returns the error that a fatal alert means. A server reports a wrong key by bad_record_mac or
 * decrypt_error, but only after it has received our Finished (DTLS 1.2) or binder (DTLS 1.3). */
static dtls_error_t meaning_of(const conn_t *conn, uint8_t alert)
{
    bool is_about_key = alert == DTLS_ALERT_BAD_RECORD_MAC || alert == DTLS_ALERT_DECRYPT_ERROR;
    return is_about_key && conn_proof(conn) ? DTLS_ERR_WRONG_PSK : DTLS_ERR_ALERT;
}

/* Returns true if the alert ends the association. In DTLS 1.3 the level is ignored, and all alerts
 * except close_notify and user_canceled are fatal (RFC 8446 section 6). */
static bool is_fatal(const conn_t *conn, uint8_t level, uint8_t alert)
{
    if (!rules_of(conn)->alert_levels && conn->send_epoch > 0)
        return alert != DTLS_ALERT_USER_CANCELED;
    return level == DTLS_ALERT_LEVEL_FATAL || alert == DTLS_ALERT_CLOSE_NOTIFY;
}

#define WARNINGS_MAX 32 /* how many warning alerts are ignored until application data arrives */

/* Handles an alert. During a handshake a plaintext alert may be forged, so a plaintext fatal alert
 * or close_notify only causes a suspicion of failure. */
void receive_alert(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t level = take_u8(&r), alert = take_u8(&r);
    bool authenticated = record->epoch > 0;
    /* In DTLS 1.2 an unknown level is illegal. In DTLS 1.3 the level is ignored (RFC 8446 section
     * 6). */
    bool legal =
        level == DTLS_ALERT_LEVEL_WARNING || level == DTLS_ALERT_LEVEL_FATAL || ack_agreed(conn);
    if (!reader_done(&r) || !legal) {
        trace_drop(conn->ctx, conn, &conn->peer->session, record, DTLS_DROP_LENGTH);
        if (authenticated)
            conn_fail(conn, DTLS_ERR_DECODE);
        return;
    }
    if (tracing(conn->ctx)) {
        dtls_trace_t trace = trace_of_record(DTLS_TRACE_ALERT, &conn->peer->session, record);
        trace.alert_level = level;
        trace.alert = alert;
        trace_emit(conn->ctx, &trace);
    }
    const failure_t failure = {meaning_of(conn, alert), alert, true, authenticated, true};
    if (alert == DTLS_ALERT_CLOSE_NOTIFY && authenticated)
        closing_receive(conn, record);
    else if (is_fatal(conn, level, alert))
        suspect_failure(conn, failure);
    else if (authenticated && ++conn->warnings > WARNINGS_MAX)
        conn_fail(conn, DTLS_ERR_UNEXPECTED_MESSAGE);
    else if (authenticated)
        conn_event(conn, level, alert);
}

void receive_change_cipher_spec(conn_t *conn, const record_t *record)
{
    const dtls_trace_t trace =
        trace_of_record(DTLS_TRACE_CHANGE_CIPHER_SPEC, &conn->peer->session, record);
    trace_emit(conn->ctx, &trace);
    conn->hs->change_cipher_spec = true;
    held_retry(conn);
}

void receive_data(conn_t *conn, const record_t *record)
{
    dtls_context_t *ctx = conn->ctx;
    if (rules_of(conn)->early_data && record->epoch == EPOCH_HANDSHAKE) {
        /* Epoch 2 protects only handshake messages, alerts and ACKs (RFC 9147 section 6.1). */
        conn_fail(conn, DTLS_ERR_UNEXPECTED_MESSAGE);
        return;
    }
    if (record->epoch == EPOCH_EARLY && rules_of(conn)->early_data && conn->hs) {
        if (!early_consume(conn, record->length)) {
            /* The client has sent more early data than its ticket allows (RFC 8446 section
             * 4.2.10). */
            conn_fail(conn, DTLS_ERR_UNEXPECTED_MESSAGE);
            return;
        }
    }
    if (closing_is_after(conn, record)) {
        trace_drop(ctx, conn, &conn->peer->session, record, DTLS_DROP_AFTER_CLOSE);
        return;
    }
    conn->warnings = 0;
    stats_data_in(conn, record->length);
    dtls_peer_t *outer = callback_begin(ctx, conn->peer);
    if (ctx->handler.read)
        ctx->handler.read(ctx, &conn->peer->session, record->payload, record->length);
    callback_end(ctx, outer);
}
