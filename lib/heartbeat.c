#include "heartbeat.h"

#include "conn.h"
#include "iana.h"
#include "output.h"
#include "trace.h"

#include <string.h>

enum { HEARTBEAT_REQUEST = 1, HEARTBEAT_RESPONSE = 2 };

#define PADDING 16 /* at least, and random: section 4 */
#define HEADER 3   /* type and length */
#define REPEAT_MAX_MS 1000

/* ---- hellos ---- */

void heartbeat_agree(conn_t *conn, const extensions_t *theirs)
{
    conn->answers_heartbeat = conn->ctx->config.heartbeat && theirs->seen & EXT_HEARTBEAT;
    conn->heartbeat_allowed =
        conn->answers_heartbeat && theirs->heartbeat_mode == PEER_ALLOWED_TO_SEND;
}

/* ---- messages ---- */

static dtls_error_t say(conn_t *conn, uint8_t type, const uint8_t *payload, size_t length)
{
    uint8_t message[HEADER + HEARTBEAT_MAX + PADDING];
    if (HEADER + length + PADDING > conn_write_epoch(conn, conn->send_epoch)->limit)
        return DTLS_ERR_TOO_LONG;
    writer_t w = writer(message, sizeof message);
    put_u8(&w, type);
    put_u16(&w, (unsigned)length);
    put_bytes(&w, payload, length);
    uint8_t *padding = put_space(&w, PADDING);
    if (!padding || !random_of(conn->ctx, padding, PADDING))
        return DTLS_ERR_CRYPTO;
    output_to(conn, &conn->peer->session, CONTENT_HEARTBEAT, message, writer_length(&w));
    return DTLS_ERR_NONE;
}

static bool keep(const alloc_t *alloc, heartbeat_t *kept, const uint8_t *payload, size_t length)
{
    alloc_wipe(alloc, kept->payload, kept->length);
    kept->payload = alloc_zeroed(alloc, length > 0 ? length : 1);
    kept->length = kept->payload ? length : 0;
    if (kept->payload && length > 0)
        memcpy(kept->payload, payload, length);
    return kept->payload != NULL;
}

static void forget(const alloc_t *alloc, heartbeat_t *kept)
{
    alloc_wipe(alloc, kept->payload, kept->length);
    *kept = (heartbeat_t){.payload = NULL};
}

/* ---- theirs ---- */

static void take_request(conn_t *conn, reader_t payload)
{
    size_t length = reader_left(&payload);
    if (conn->hold_heartbeats)
        keep(&conn->ctx->alloc, &conn->held_request, payload.at, length);
    else
        say(conn, HEARTBEAT_RESPONSE, payload.at, length);
}

static void take_response(conn_t *conn, reader_t payload)
{
    const heartbeat_t *asked = &conn->asked;
    bool expected = asked->payload && reader_left(&payload) == asked->length &&
                    memcmp(payload.at, asked->payload, asked->length) == 0;
    if (!expected)
        return;
    forget(&conn->ctx->alloc, &conn->asked);
    conn_event(conn, 0, DTLS_EVENT_HEARTBEAT);
}

/* What does not fit its own length, or comes in a handshake, is discarded in silence: sections 3, 4. */
void heartbeat_record(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t type = take_u8(&r);
    reader_t payload = take_block(&r, 2);
    bool fits =
        !payload.failed && reader_left(&r) >= PADDING && reader_left(&payload) <= HEARTBEAT_MAX;
    bool wanted = conn->answers_heartbeat && !conn->hs && conn->phase == PHASE_CONNECTED;
    if (!fits || !wanted || type < HEARTBEAT_REQUEST || type > HEARTBEAT_RESPONSE)
        trace_drop(conn->ctx, conn, &conn->peer->session, record,
                   fits ? DTLS_DROP_UNEXPECTED_TYPE : DTLS_DROP_LENGTH);
    else if (type == HEARTBEAT_REQUEST)
        take_request(conn, payload);
    else
        take_response(conn, payload);
}

dtls_error_t heartbeat_hold(conn_t *conn, bool hold)
{
    heartbeat_t *held = &conn->held_request;
    conn->hold_heartbeats = hold;
    if (hold || !held->payload)
        return DTLS_ERR_NONE;
    dtls_error_t error = say(conn, HEARTBEAT_RESPONSE, held->payload, held->length);
    forget(&conn->ctx->alloc, held);
    return error;
}

/* ---- ours ---- */

static dtls_error_t ask_again(conn_t *conn)
{
    conn->asked.timer_at = now_of(conn->ctx) + conn->asked.timer_ms;
    return say(conn, HEARTBEAT_REQUEST, conn->asked.payload, conn->asked.length);
}

dtls_error_t heartbeat_ask(conn_t *conn, const uint8_t *payload, size_t length)
{
    if (!conn->heartbeat_allowed || conn->asked.payload)
        return DTLS_ERR_STATE;
    if (!keep(&conn->ctx->alloc, &conn->asked, payload, length))
        return DTLS_ERR_MEMORY;
    conn->asked.timer_ms = conn_first_timer(conn);
    dtls_error_t error = ask_again(conn);
    if (error)
        forget(&conn->ctx->alloc, &conn->asked);
    return error;
}

/* It is never given up: a peer may answer late because what came before is not handed on yet. Whoever
 * wants to know whether the peer is there at all looks at when it was last heard. */
void heartbeat_run(conn_t *conn, dtls_tick_t now)
{
    heartbeat_t *asked = &conn->asked;
    if (!asked->payload || asked->timer_at > now || conn->phase != PHASE_CONNECTED)
        return;
    asked->timer_ms = 2 * asked->timer_ms < REPEAT_MAX_MS ? 2 * asked->timer_ms : REPEAT_MAX_MS;
    ask_again(conn);
}
