#include "conn/retransmit.h"

#include "conn/rules.h"

#include "conn/ack.h"
#include "conn/conn.h"
#include "conn/liveness.h"
#include "conn/output.h"
#include "conn/rto.h"
#include "conn/stats.h"
#include "conn/suspect.h"
#include "conn/validation.h"

/* If the peer resends its flight after it has received our Finished, it could not verify our
 * Finished. The loss of all copies of our Finished has the same effect. So a wrong key is suspected
 * only after SUSPECT_REPEATS repeats of the peer, SUSPECT_COPIES copies of our Finished and
 * SUSPECT_MS. With half of all datagrams lost, one in 1024 handshakes loses 10 copies. */
#define SUSPECT_REPEATS 2
#define SUSPECT_COPIES 10
#define SUSPECT_MS 2500

dtls_error_t retransmit_send(conn_t *conn, flight_t *flight)
{
    if (flight == &conn->flight && flight->sends == 0)
        ack_clear(conn); /* our flight acknowledges the peer's whole flight */
    flight_count_send(flight, now_of(conn->ctx));
    dtls_repeat_t repeat = flight->sends > 1 ? DTLS_REPEAT_ACK : DTLS_REPEAT_NONE;
    dtls_error_t error = output_flight(conn, flight, repeat, 0);
    flight_arm(flight, now_of(conn->ctx), rto_first_ms(conn));
    return error;
}

void retransmit_set_timer(conn_t *conn, uint32_t timer_ms)
{
    flight_arm(&conn->flight, now_of(conn->ctx), timer_ms);
}

void retransmit_flight_acked(conn_t *conn)
{
    suspect_clear(conn);
    output_flight_arrived(conn, &conn->flight);
    if (conn->flight.sends == 1 && conn->flight.repeats == 0)
        rto_measured(conn, conn->flight.sent_at);
}

void retransmit_response_began(conn_t *conn, uint64_t epoch)
{
    if (conn->hs && epoch > 0 && ack_agreed(conn))
        flight_stop_timer(&conn->flight);
}

flight_t *retransmit_flight(conn_t *conn, size_t i)
{
    if (i == POST_COUNT)
        return &conn->flight;
    return rules_of(conn)->acks ? conn->v13->post[i] : NULL;
}

void retransmit_rescale(conn_t *conn, uint32_t from_ms, uint32_t to_ms)
{
    for (size_t i = 0; i <= POST_COUNT; i++) {
        flight_t *flight = retransmit_flight(conn, i);
        if (flight)
            flight_rescale(flight, from_ms, to_ms, conn->ctx->config.timer_max_ms);
    }
}

/* ---- the peer repeats itself ---- */

static bool peer_rejects_finished(conn_t *conn, dtls_tick_t now)
{
    handshake_t *hs = conn->hs;
    if (!hs || !conn->client || hs->finished_at == NEVER)
        return false;
    /* A repeat of the server's flight that arrives within a round trip of our Finished was sent
     * before the server received our Finished. A round trip took at most the time from our first
     * ClientHello to our Finished. */
    if (now - hs->finished_at < hs->finished_at - hs->started)
        return false;
    hs->repeats.count++;
    unsigned copies = conn->flight.sends + conn->flight.repeats;
    return hs->repeats.count >= SUSPECT_REPEATS && copies >= SUSPECT_COPIES &&
           conn->flight.datagrams == 1 && now - hs->finished_at >= SUSPECT_MS;
}

/* Returns true if we may respond to a repeated flight, which an attacker may have forged. The time
 * between two responses is at least half of the first timer (rto.h), multiplied by the number of
 * datagrams in our flight. A response does not count as a transmission. */
static bool may_respond_to_repeat(conn_t *conn, dtls_tick_t now)
{
    uint32_t gap = rto_first_ms(conn) / 2 * conn->flight.datagrams;
    if (conn->repeat_at != NEVER && now < conn->repeat_at + gap)
        return false;
    conn->repeat_at = now;
    return true;
}

void retransmit_note_record(conn_t *conn, uint64_t digest)
{
    handshake_t *hs = conn->hs;
    if (hs && digest != RECORD_PROTECTED)
        hs->repeats.seen[hs->repeats.seen_count++ % SEEN_MAX] = digest;
}

/* Returns true if the network has duplicated the record: its digest was seen before. Comparing
 * record numbers is not enough, because an attacker can forge a plaintext record with any
 * number. */
static bool is_copy(const conn_t *conn, uint64_t digest)
{
    const handshake_t *hs = conn->hs;
    for (size_t i = 0; hs && i < SEEN_MAX && i < hs->repeats.seen_count; i++)
        if (hs->repeats.seen[i] == digest)
            return true;
    return false;
}

void retransmit_on_repeat(conn_t *conn, uint64_t digest)
{
    dtls_tick_t now = now_of(conn->ctx);
    if (is_copy(conn, digest) || !may_respond_to_repeat(conn, now))
        return;
    stats_resent(conn);
    flight_count_repeat(&conn->flight);
    flight_put_off(&conn->flight, now);
    dtls_error_t error = output_flight(conn, &conn->flight, DTLS_REPEAT_PEER, 0);
    if (error)
        conn_fail(conn, error);
    else if (peer_rejects_finished(conn, now))
        suspect_failure(
            conn, (failure_t){.error = DTLS_ERR_WRONG_PSK, .alert = DTLS_ALERT_BAD_RECORD_MAC});
}

/* ---- a timer runs out ---- */

void retransmit_timer_expired(conn_t *conn, flight_t *flight, dtls_tick_t now)
{
    uint32_t ran_out = flight->timer_ms;
    flight_arm(flight, now, rto_next_ms(conn, flight));
    reassembly_age(&conn->reassembly);
    if (!validation_permits_flight(conn, flight))
        return;
    stats_timeout(conn);
    if (flight != &conn->flight)
        liveness_requested(conn);
    flight_count_send(flight, now);
    dtls_error_t error = output_flight(conn, flight, DTLS_REPEAT_TIMER, ran_out);
    if (error)
        conn_fail(conn, error);
    else if (flight == &conn->flight)
        suspect_resend_first(conn, ran_out);
}
