#include "conn/heartbeat.h"

#include "base/iana.h"
#include "conn/callback.h"
#include "conn/conn.h"
#include "conn/liveness.h"
#include "conn/output.h"
#include "conn/rto.h"
#include "conn/sizes.h"
#include "conn/trace.h"

#include <string.h>

/* Minimum length in bytes of the padding: RFC 6520 section 4 requires at least 16 random bytes. */
#define PADDING 16
#define HEADER 3 /* length in bytes of the fields type and payload_length */
#define REPEAT_MAX_MS 1000
#define PROBES 3

/* ---- hellos ---- */

void heartbeat_agree(conn_t *conn, const extensions_t *theirs)
{
    conn->heartbeat.responds = conn->ctx->config.heartbeat && theirs->seen & EXT_HEARTBEAT;
    conn->heartbeat.allowed =
        conn->heartbeat.responds && theirs->heartbeat_mode == PEER_ALLOWED_TO_SEND;
}

/* ---- messages ---- */

/* Writes a message. Returns its length, or 0 if config.random fails. `space` has `room` bytes. */
static size_t put_heartbeat(const conn_t *conn, uint8_t *space, size_t room, uint8_t type,
                            const uint8_t *payload, size_t length, size_t padding_length)
{
    writer_t w = writer(space, room);
    put_u8(&w, type);
    put_u16(&w, (unsigned)length);
    put_bytes(&w, payload, length);
    uint8_t *padding = put_space(&w, padding_length);
    bool ok = padding && random_of(conn->ctx, padding, padding_length);
    return ok ? writer_length(&w) : 0;
}

static bool has_room(const conn_t *conn, size_t length)
{
    return length <= conn_write_epoch(conn, conn->send_epoch)->limit;
}

static dtls_error_t send_heartbeat_to(conn_t *conn, const session_t *to, uint8_t type,
                                      const uint8_t *payload, size_t length, size_t padding_length)
{
    uint8_t message[RECORD_MAX_PLAINTEXT];
    if (!has_room(conn, HEADER + length + padding_length))
        return DTLS_ERR_TOO_LONG;
    size_t size =
        put_heartbeat(conn, message, sizeof message, type, payload, length, padding_length);
    if (size == 0)
        return DTLS_ERR_CRYPTO;
    output_to(conn, to, CONTENT_HEARTBEAT, message, size);
    return DTLS_ERR_NONE;
}

static dtls_error_t send_heartbeat(conn_t *conn, uint8_t type, const uint8_t *payload,
                                   size_t length, size_t padding_length)
{
    if (type == HEARTBEAT_REQUEST)
        liveness_requested(conn);
    return send_heartbeat_to(conn, &conn->peer->session, type, payload, length, padding_length);
}

static void end_request(conn_t *conn)
{
    heartbeat_request_t *request = conn->heartbeat.request;
    alloc_wipe(&conn->ctx->alloc, request, heartbeat_request_size(request));
    conn->heartbeat.request = NULL;
}

static void end_held(conn_t *conn)
{
    held_heartbeat_t *held = conn->heartbeat.held;
    alloc_wipe(&conn->ctx->alloc, held, held_heartbeat_size(held));
    conn->heartbeat.held = NULL;
}

/* ---- theirs ---- */

static void hold_request(conn_t *conn, const uint8_t *payload, size_t length)
{
    end_held(conn);
    held_heartbeat_t *held = alloc_zeroed(&conn->ctx->alloc, sizeof *held + length);
    if (!held)
        return;
    held->length = (uint16_t)length;
    memcpy(held->payload, payload, length);
    conn->heartbeat.held = held;
}

/* Passes a heartbeat message to the hook config.heartbeat_received. */
static void notify(conn_t *conn, bool request, reader_t payload)
{
    const dtls_config_t *config = &conn->ctx->config;
    dtls_peer_t *outer = callback_begin(conn->ctx, conn->peer);
    if (config->heartbeat_received)
        config->heartbeat_received(config->hook, &conn->peer->session, request, payload.at,
                                   reader_left(&payload));
    callback_end(conn->ctx, outer);
}

/* Sends the response, or holds it (stores it until heartbeat_hold() releases it). A request with
 * more than the minimum padding is a PMTU probe or a ping: the response to it is sent at once, even
 * while responses are held. */
static void receive_request(conn_t *conn, reader_t payload, size_t padding)
{
    size_t length = reader_left(&payload);
    notify(conn, true, payload);
    if (conn->heartbeat.hold && padding == PADDING)
        hold_request(conn, payload.at, length);
    else
        send_heartbeat(conn, HEARTBEAT_RESPONSE, payload.at, length, PADDING);
}

/* Ends the probe and fires its event. arrived: true if there was a response, so the path delivers
 * datagrams of the probed length. */
static void end_probe(conn_t *conn, bool arrived)
{
    size_t mtu = conn->heartbeat.request->probed;
    end_request(conn);
    if (arrived)
        sizes_set_mtu(conn, mtu);
    conn_event(conn, 0, DTLS_EVENT_MTU);
}

static void receive_response(conn_t *conn, reader_t payload)
{
    const heartbeat_request_t *request = conn->heartbeat.request;
    liveness_responded(conn);
    bool expected = request && reader_left(&payload) == request->length &&
                    memcmp(payload.at, request->payload, request->length) == 0;
    if (expected && request->probed > 0) {
        end_probe(conn, true);
        return;
    }
    if (expected) {
        end_request(conn);
        conn_event(conn, 0, DTLS_EVENT_HEARTBEAT);
    }
    notify(conn, false, payload);
}

/* Handles a heartbeat record. Discards messages with a wrong length, and all messages during a
 * handshake (RFC 6520 sections 3 and 4). */
void heartbeat_record(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t type = take_u8(&r);
    reader_t payload = take_block(&r, 2);
    bool fits =
        !payload.failed && reader_left(&r) >= PADDING && reader_left(&payload) <= HEARTBEAT_MAX;
    bool wanted = conn->heartbeat.responds && conn_is_established(conn);
    conn->heartbeat.received_any |= fits && wanted;
    if (!fits || !wanted || type < HEARTBEAT_REQUEST || type > HEARTBEAT_RESPONSE)
        trace_drop(conn->ctx, conn, &conn->peer->session, record,
                   fits ? DTLS_DROP_UNEXPECTED_TYPE : DTLS_DROP_LENGTH);
    else if (type == HEARTBEAT_REQUEST)
        receive_request(conn, payload, reader_left(&r));
    else
        receive_response(conn, payload);
}

dtls_error_t heartbeat_hold(conn_t *conn, bool hold)
{
    const held_heartbeat_t *held = conn->heartbeat.held;
    conn->heartbeat.hold = hold;
    if (hold || !held)
        return DTLS_ERR_NONE;
    dtls_error_t error =
        send_heartbeat(conn, HEARTBEAT_RESPONSE, held->payload, held->length, PADDING);
    end_held(conn);
    return error;
}

/* ---- ours ---- */

/* Returns the length of the padding in bytes. The padding of a probe fills a datagram of the probed
 * MTU. */
static size_t padding_of(const conn_t *conn, const heartbeat_request_t *request)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    size_t used = HEADER + request->length;
    size_t room = request->probed > 0 ? output_room(conn, epoch, request->probed) : 0;
    return room > used + PADDING ? room - used : PADDING;
}

static dtls_error_t send_request(conn_t *conn)
{
    heartbeat_request_t *request = conn->heartbeat.request;
    request->timer_at = now_of(conn->ctx) + request->timer_ms;
    request->sends++;
    return send_heartbeat(conn, HEARTBEAT_REQUEST, request->payload, request->length,
                          padding_of(conn, request));
}

/* Sends a request with more than the minimum padding, to which the peer responds at once. The
 * payload differs from that of a request that has no response yet, so the response shows only that
 * the peer is alive. */
static void send_ping(conn_t *conn)
{
    uint8_t payload[16];
    if (random_of(conn->ctx, payload, sizeof payload))
        send_heartbeat(conn, HEARTBEAT_REQUEST, payload, sizeof payload, PADDING + 1);
}

dtls_error_t heartbeat_may_send(const conn_t *conn, size_t length)
{
    if (!conn->heartbeat.allowed)
        return DTLS_ERR_STATE;
    return has_room(conn, heartbeat_ping_size(length)) ? DTLS_ERR_NONE : DTLS_ERR_TOO_LONG;
}

dtls_error_t heartbeat_send(conn_t *conn, const uint8_t *payload, size_t length)
{
    dtls_error_t error = heartbeat_may_send(conn, length);
    return error ? error : send_heartbeat(conn, HEARTBEAT_REQUEST, payload, length, PADDING + 1);
}

size_t heartbeat_put(conn_t *conn, uint8_t *space, const uint8_t *payload, size_t length)
{
    liveness_requested(conn);
    return put_heartbeat(conn, space, heartbeat_ping_size(length), HEARTBEAT_REQUEST, payload,
                         length, PADDING + 1);
}

void heartbeat_ping(conn_t *conn)
{
    if (!conn->heartbeat.request)
        send_ping(conn);
}

void heartbeat_challenge(conn_t *conn, const session_t *to, const uint8_t *payload, size_t length)
{
    send_heartbeat_to(conn, to, HEARTBEAT_REQUEST, payload, length, PADDING + 1);
}

size_t heartbeat_ping_size(size_t length)
{
    return HEADER + length + PADDING + 1;
}

bool heartbeat_is_response(const record_t *record, const uint8_t *payload, size_t length)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t type = take_u8(&r);
    reader_t response = take_block(&r, 2);
    return type == HEARTBEAT_RESPONSE && !response.failed && reader_left(&r) >= PADDING &&
           reader_left(&response) == length && crypto_equal(response.at, payload, length);
}

static dtls_error_t start_request(conn_t *conn, const uint8_t *payload, size_t length,
                                  size_t probed)
{
    const heartbeat_request_t *pending = conn->heartbeat.request;
    if (!conn->heartbeat.allowed || (pending && (pending->probed > 0 || probed > 0)))
        return DTLS_ERR_STATE;
    heartbeat_request_t *request = alloc_zeroed(&conn->ctx->alloc, sizeof *request + length);
    if (!request)
        return DTLS_ERR_MEMORY;
    request->timer_ms = rto_first_ms(conn);
    request->probed = (uint16_t)probed;
    request->length = (uint16_t)length;
    if (length > 0)
        memcpy(request->payload, payload, length);
    end_request(conn);
    conn->heartbeat.request = request;
    dtls_error_t error = send_request(conn);
    if (error)
        end_request(conn);
    return error;
}

/* Sends a ping (a request with more than the minimum padding) in place of the request that has no
 * response yet. The peer may hold the response to the request until its application has read all
 * earlier data, but responds to a ping at once if it is alive. */
static void send_ping_instead(conn_t *conn)
{
    heartbeat_request_t *request = conn->heartbeat.request;
    request->timer_at = now_of(conn->ctx) + request->timer_ms;
    request->sends++;
    send_ping(conn);
}

dtls_error_t heartbeat_request(conn_t *conn, const uint8_t *payload, size_t length)
{
    return start_request(conn, payload, length, 0);
}

/* Sends the probe with a random payload: an attacker cannot guess it, and no earlier request had
 * it. */
dtls_error_t heartbeat_probe(conn_t *conn, size_t mtu)
{
    uint8_t payload[16];
    if (!random_of(conn->ctx, payload, sizeof payload))
        return DTLS_ERR_CRYPTO;
    return start_request(conn, payload, sizeof payload, mtu);
}

/* Gives up a request only if it is a probe of the MTU. Any other request is resent until the
 * response arrives, because the peer may hold the response until it has delivered all earlier
 * data. */
void heartbeat_run(conn_t *conn, dtls_tick_t now)
{
    heartbeat_request_t *request = conn->heartbeat.request;
    if (!request || request->timer_at > now || !conn_is_established(conn))
        return;
    if (request->probed > 0 && request->sends >= PROBES) {
        end_probe(conn, false);
        return;
    }
    request->timer_ms =
        2 * request->timer_ms < REPEAT_MAX_MS ? 2 * request->timer_ms : REPEAT_MAX_MS;
    if (request->probed == 0 && request->sends % 3 != 1)
        send_ping_instead(conn);
    else
        send_request(conn);
}
