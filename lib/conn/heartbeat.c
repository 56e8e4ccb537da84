#include "conn/heartbeat.h"

#include "base/iana.h"
#include "conn/conn.h"
#include "conn/liveness.h"
#include "conn/output.h"
#include "conn/rto.h"
#include "conn/sizes.h"
#include "conn/trace.h"

#include <string.h>

enum { HEARTBEAT_REQUEST = 1, HEARTBEAT_RESPONSE = 2 };

#define PADDING 16 /* minimum, random: RFC 6520 section 4 */
#define HEADER 3   /* type and length */
#define REPEAT_MAX_MS 1000
#define PROBES 3

/* ---- hellos ---- */

void heartbeat_agree(conn_t *conn, const extensions_t *theirs)
{
    conn->answers_heartbeat = conn->ctx->config.heartbeat && theirs->seen & EXT_HEARTBEAT;
    conn->heartbeat_allowed =
        conn->answers_heartbeat && theirs->heartbeat_mode == PEER_ALLOWED_TO_SEND;
}

/* ---- messages ---- */

static dtls_error_t say_to(conn_t *conn, const session_t *to, uint8_t type, const uint8_t *payload,
                           size_t length, size_t padding_length)
{
    uint8_t message[RECORD_MAX_PLAINTEXT];
    if (HEADER + length + padding_length > conn_write_epoch(conn, conn->send_epoch)->limit)
        return DTLS_ERR_TOO_LONG;
    writer_t w = writer(message, sizeof message);
    put_u8(&w, type);
    put_u16(&w, (unsigned)length);
    put_bytes(&w, payload, length);
    uint8_t *padding = put_space(&w, padding_length);
    if (!padding || !random_of(conn->ctx, padding, padding_length))
        return DTLS_ERR_CRYPTO;
    output_to(conn, to, CONTENT_HEARTBEAT, message, writer_length(&w));
    return DTLS_ERR_NONE;
}

static dtls_error_t say(conn_t *conn, uint8_t type, const uint8_t *payload, size_t length,
                        size_t padding_length)
{
    if (type == HEARTBEAT_REQUEST)
        liveness_asked(conn);
    return say_to(conn, &conn->peer->session, type, payload, length, padding_length);
}

/* NULL: no memory. */
static uint8_t *copy(const alloc_t *alloc, const uint8_t *payload, size_t length)
{
    uint8_t *bytes = alloc_zeroed(alloc, length > 0 ? length : 1);
    if (bytes && length > 0)
        memcpy(bytes, payload, length);
    return bytes;
}

static void forget_asked(conn_t *conn)
{
    alloc_wipe(&conn->ctx->alloc, conn->asked.payload, conn->asked.length);
    conn->asked = (heartbeat_t){.payload = NULL};
}

static void forget_held(conn_t *conn)
{
    alloc_wipe(&conn->ctx->alloc, conn->held_request.payload, conn->held_request.length);
    conn->held_request = (held_heartbeat_t){.payload = NULL};
}

/* ---- theirs ---- */

static void hold_request(conn_t *conn, const uint8_t *payload, size_t length)
{
    forget_held(conn);
    conn->held_request.payload = copy(&conn->ctx->alloc, payload, length);
    conn->held_request.length = conn->held_request.payload ? length : 0;
}

/* A request with more than the minimum padding is a PMTU probe or a ping: respond at once, even while
 * responses are held. */
static void take_request(conn_t *conn, reader_t payload, size_t padding)
{
    size_t length = reader_left(&payload);
    if (conn->hold_heartbeats && padding == PADDING)
        hold_request(conn, payload.at, length);
    else
        say(conn, HEARTBEAT_RESPONSE, payload.at, length, PADDING);
}

/* arrived: the path delivers datagrams as long as the probe. */
static void end_probe(conn_t *conn, bool arrived)
{
    size_t mtu = conn->asked.probed;
    forget_asked(conn);
    if (arrived)
        sizes_set_mtu(conn, mtu);
    conn_event(conn, 0, DTLS_EVENT_MTU);
}

static void take_response(conn_t *conn, reader_t payload)
{
    const heartbeat_t *asked = &conn->asked;
    liveness_answered(conn);
    bool expected = asked->payload && reader_left(&payload) == asked->length &&
                    memcmp(payload.at, asked->payload, asked->length) == 0;
    if (!expected)
        return;
    if (asked->probed > 0) {
        end_probe(conn, true);
        return;
    }
    forget_asked(conn);
    conn_event(conn, 0, DTLS_EVENT_HEARTBEAT);
}

/* Discard a message with a wrong length, or during a handshake: RFC 6520 sections 3 and 4. */
void heartbeat_record(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t type = take_u8(&r);
    reader_t payload = take_block(&r, 2);
    bool fits =
        !payload.failed && reader_left(&r) >= PADDING && reader_left(&payload) <= HEARTBEAT_MAX;
    bool wanted = conn->answers_heartbeat && conn_is_established(conn);
    conn->heartbeat_seen |= fits && wanted;
    if (!fits || !wanted || type < HEARTBEAT_REQUEST || type > HEARTBEAT_RESPONSE)
        trace_drop(conn->ctx, conn, &conn->peer->session, record,
                   fits ? DTLS_DROP_UNEXPECTED_TYPE : DTLS_DROP_LENGTH);
    else if (type == HEARTBEAT_REQUEST)
        take_request(conn, payload, reader_left(&r));
    else
        take_response(conn, payload);
}

dtls_error_t heartbeat_hold(conn_t *conn, bool hold)
{
    const held_heartbeat_t *held = &conn->held_request;
    conn->hold_heartbeats = hold;
    if (hold || !held->payload)
        return DTLS_ERR_NONE;
    dtls_error_t error = say(conn, HEARTBEAT_RESPONSE, held->payload, held->length, PADDING);
    forget_held(conn);
    return error;
}

/* ---- ours ---- */

/* A probe fills a datagram of the probed MTU. */
static size_t padding_of(const conn_t *conn, const heartbeat_t *asked)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    size_t used = HEADER + asked->length;
    size_t room = asked->probed > 0 ? output_room(conn, epoch, asked->probed) : 0;
    return room > used + PADDING ? room - used : PADDING;
}

static dtls_error_t ask_again(conn_t *conn)
{
    heartbeat_t *asked = &conn->asked;
    asked->timer_at = now_of(conn->ctx) + asked->timer_ms;
    asked->sends++;
    return say(conn, HEARTBEAT_REQUEST, asked->payload, asked->length, padding_of(conn, asked));
}

/* The extra padding makes the peer respond at once. The payload matches no pending request, so the
 * response shows only that the peer is alive. */
static void send_ping(conn_t *conn)
{
    uint8_t payload[16];
    if (random_of(conn->ctx, payload, sizeof payload))
        say(conn, HEARTBEAT_REQUEST, payload, sizeof payload, PADDING + 1);
}

void heartbeat_ping(conn_t *conn)
{
    if (!conn->asked.payload)
        send_ping(conn);
}

void heartbeat_challenge(conn_t *conn, const session_t *to, const uint8_t *payload, size_t length)
{
    say_to(conn, to, HEARTBEAT_REQUEST, payload, length, PADDING + 1);
}

size_t heartbeat_challenge_size(size_t length)
{
    return HEADER + length + PADDING + 1;
}

bool heartbeat_answers(const record_t *record, const uint8_t *payload, size_t length)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t type = take_u8(&r);
    reader_t answer = take_block(&r, 2);
    return type == HEARTBEAT_RESPONSE && !answer.failed && reader_left(&r) >= PADDING &&
           reader_left(&answer) == length && crypto_equal(answer.at, payload, length);
}

static dtls_error_t ask(conn_t *conn, const uint8_t *payload, size_t length, size_t probed)
{
    if (!conn->heartbeat_allowed || conn->asked.payload)
        return DTLS_ERR_STATE;
    uint8_t *kept = copy(&conn->ctx->alloc, payload, length);
    if (!kept)
        return DTLS_ERR_MEMORY;
    conn->asked = (heartbeat_t){.payload = kept,
                                .length = length,
                                .timer_ms = rto_first_ms(conn),
                                .probed = (uint16_t)probed};
    dtls_error_t error = ask_again(conn);
    if (error)
        forget_asked(conn);
    return error;
}

/* A peer may hold its response until its reader has caught up. Pings tell such a peer from a dead one. */
static void ping_instead(conn_t *conn)
{
    conn->asked.timer_at = now_of(conn->ctx) + conn->asked.timer_ms;
    conn->asked.sends++;
    send_ping(conn);
}

dtls_error_t heartbeat_ask(conn_t *conn, const uint8_t *payload, size_t length)
{
    return ask(conn, payload, length, 0);
}

/* The payload is random: an attacker cannot guess it, and no earlier request has it. */
dtls_error_t heartbeat_probe(conn_t *conn, size_t mtu)
{
    uint8_t payload[16];
    if (!random_of(conn->ctx, payload, sizeof payload))
        return DTLS_ERR_CRYPTO;
    return ask(conn, payload, sizeof payload, mtu);
}

/* Only a probe is given up. Another request is repeated until the response arrives: the peer may hold
 * the response until it has delivered earlier data. */
void heartbeat_run(conn_t *conn, dtls_tick_t now)
{
    heartbeat_t *asked = &conn->asked;
    if (!asked->payload || asked->timer_at > now || !conn_is_established(conn))
        return;
    if (asked->probed > 0 && asked->sends >= PROBES) {
        end_probe(conn, false);
        return;
    }
    asked->timer_ms = 2 * asked->timer_ms < REPEAT_MAX_MS ? 2 * asked->timer_ms : REPEAT_MAX_MS;
    if (asked->probed == 0 && asked->sends % 3 != 1)
        ping_instead(conn);
    else
        ask_again(conn);
}
