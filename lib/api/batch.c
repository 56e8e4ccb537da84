/*
 * dtls_peer_write_batch(): seals many records back to back, so that one system call sends them.
 */
#include "api/enter.h"
#include "api/write.h"
#include "base/iana.h"
#include "conn/callback.h"
#include "conn/conn.h"
#include "conn/datagram.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "conn/stats.h"
#include "conn/trace.h"
#include "conn/warm.h"

#include <limits.h>
#include <string.h>

/* The most datagrams that the kernel accepts in one call with UDP_SEGMENT, and the most bytes of
 * these datagrams together: they must fit one IPv4 packet. */
#define BATCH_DATAGRAMS 64
#define BATCH_BYTES 65507

/* What the application wants to send, and how much of it was sent. */
typedef struct {
    const uint8_t *data;
    size_t length, piece;
    const uint8_t *ping; /* NULL: no HeartbeatRequest */
    size_t ping_length;
    size_t sent; /* how many bytes of data the callback has accepted */
} order_t;

/* Sealed datagrams that have not been passed to the callback yet. */
typedef struct {
    conn_t *conn;
    order_t *order;
    epoch_t *epoch;
    uint8_t *buffer;
    size_t filled;
    size_t segment;      /* length of each datagram but the last */
    size_t count;        /* number of datagrams */
    size_t records;      /* number of records with data; a datagram has at most one */
    size_t data;         /* number of bytes of data in these records */
    size_t request;      /* length of the record with the HeartbeatRequest; 0: there is none */
    size_t request_text; /* length of the plaintext of the HeartbeatRequest */
    uint64_t first;      /* sequence number of the first record */
} batch_t;

static size_t at_most(size_t value, size_t most)
{
    return value < most ? value : most;
}

static void begin(batch_t *batch)
{
    batch->epoch = conn_write_epoch(batch->conn, batch->conn->send_epoch);
    batch->filled = batch->segment = batch->count = batch->records = batch->data = 0;
    batch->request = batch->request_text = 0;
    batch->first = batch->epoch->sequence;
}

/* ---- passing the datagrams on ---- */

static void trace_sent(const batch_t *batch, const session_t *to, dtls_trace_t trace)
{
    trace.outgoing = true;
    trace.session = to;
    trace_emit(batch->conn->ctx, &trace);
}

static void trace_record_of(const batch_t *batch, const session_t *to, uint8_t type, size_t number,
                            size_t length)
{
    trace_sent(batch, to,
               (dtls_trace_t){.kind = DTLS_TRACE_RECORD,
                              .content_type = type,
                              .msg_type = type == CONTENT_HEARTBEAT ? HEARTBEAT_REQUEST : 0,
                              .epoch = batch->epoch->number,
                              .sequence = batch->first + number,
                              .length = length});
}

static void trace_datagrams(const batch_t *batch, const session_t *to)
{
    for (size_t i = 0; i < batch->count; i++) {
        size_t at = i * batch->segment, piece = batch->order->piece;
        trace_sent(batch, to,
                   (dtls_trace_t){.kind = DTLS_TRACE_DATAGRAM,
                                  .data = batch->buffer + at,
                                  .length = at_most(batch->filled - at, batch->segment)});
        if (i < batch->records)
            trace_record_of(batch, to, CONTENT_APPLICATION_DATA, i,
                            at_most(batch->data - i * piece, piece));
        if (i == batch->count - 1 && batch->request > 0)
            trace_record_of(batch, to, CONTENT_HEARTBEAT, batch->records, batch->request_text);
    }
}

/* Passes the datagrams to the callback. Returns how many of their bytes it has accepted. */
static size_t transmit(const batch_t *batch, session_t *to)
{
    dtls_context_t *ctx = batch->conn->ctx;
    dtls_peer_t *outer = callback_begin(ctx, batch->conn->peer);
    int taken = -1;
    ctx->writing++;
    if (ctx->handler.write_batch)
        taken = ctx->handler.write_batch(ctx, to, batch->buffer, batch->filled, batch->segment);
    else if (ctx->handler.write && ctx->handler.write(ctx, to, batch->buffer, batch->filled) >= 0)
        taken = (int)batch->filled;
    ctx->writing--;
    callback_end(ctx, outer);
    return taken < 0 ? 0 : at_most((size_t)taken, batch->filled);
}

/* Sends the sealed datagrams, and begins another batch. Returns DTLS_ERR_WRITE if the callback has
 * not accepted all of them, or DTLS_ERR_STATE if a callback has ended the association. */
static dtls_error_t flush(batch_t *batch)
{
    conn_t *conn = batch->conn;
    order_t *order = batch->order;
    if (batch->count == 0)
        return DTLS_ERR_NONE;
    if (conn->output_ended) { /* a callback has ended the association */
        begin(batch);
        return DTLS_ERR_STATE;
    }
    session_t to = conn_session(conn);
    if (tracing(conn->ctx))
        trace_datagrams(batch, &to);
    size_t taken = transmit(batch, &to);
    bool all = taken == batch->filled;
    size_t count = all ? batch->count : taken / batch->segment;
    size_t records = at_most(count, batch->records);
    size_t data = at_most(records * order->piece, batch->data);
    stats_datagrams_out(conn->ctx, conn, count, all ? taken : count * batch->segment);
    stats_write_failed(conn->ctx, conn, batch->count - count);
    stats_data_out(conn, records, data);
    order->sent += data;
    begin(batch);
    return all ? DTLS_ERR_NONE : DTLS_ERR_WRITE;
}

/* ---- sealing ---- */

/* Returns how many datagrams the callback accepts in one call. */
static size_t most_datagrams(const batch_t *batch)
{
    return batch->conn->ctx->handler.write_batch ? BATCH_DATAGRAMS : 1;
}

/* Seals the plaintext of `length` bytes at space(), and adds the record to the batch. Stores the
 * length of the record in *size. */
static dtls_error_t seal(batch_t *batch, uint8_t type, size_t length, size_t *size)
{
    epoch_t *epoch = batch->epoch;
    *size = record_seal(epoch, type, batch->buffer + batch->filled, length);
    if (*size == 0)
        return epoch->sequence > SEQUENCE_MAX ? DTLS_ERR_KEY_LIMIT : DTLS_ERR_CRYPTO;
    batch->filled += *size;
    return DTLS_ERR_NONE;
}

static uint8_t *space(const batch_t *batch)
{
    return batch->buffer + batch->filled + batch->epoch->form->prefix(batch->epoch);
}

/* Seals the next piece of the data in a datagram of its own. */
static dtls_error_t add_piece(batch_t *batch)
{
    const order_t *order = batch->order;
    size_t done = order->sent + batch->data, size;
    size_t length = at_most(order->length - done, order->piece);
    memcpy(space(batch), order->data + done, length);
    dtls_error_t error = seal(batch, CONTENT_APPLICATION_DATA, length, &size);
    if (error)
        return error;
    if (batch->count == 0)
        batch->segment = size;
    batch->count++;
    batch->records++;
    batch->data += length;
    return DTLS_ERR_NONE;
}

/* Returns true if another datagram must not join the batch: it is full, or its last datagram is
 * shorter than the others. */
static bool is_full(const batch_t *batch)
{
    return batch->count == most_datagrams(batch) || batch->filled + batch->segment > BATCH_BYTES ||
           batch->filled < batch->count * batch->segment;
}

/* If the keys must be updated now, sends the sealed records, and then a KeyUpdate. */
static dtls_error_t renew_keys(batch_t *batch)
{
    if (!write_keys_are_old(batch->conn) || batch->conn->v13->post[POST_KEY_UPDATE])
        return DTLS_ERR_NONE;
    dtls_error_t error = flush(batch);
    write_renew_keys(batch->conn);
    begin(batch);
    return error;
}

static dtls_error_t write_pieces(batch_t *batch)
{
    const order_t *order = batch->order;
    dtls_error_t error = DTLS_ERR_NONE;
    while (!error && order->sent + batch->data < order->length) {
        if (is_full(batch))
            error = flush(batch);
        if (!error && batch->conn->phase != PHASE_CONNECTED)
            error = DTLS_ERR_STATE;
        if (!error && record_exhausted(batch->epoch))
            error = DTLS_ERR_KEY_LIMIT;
        if (!error)
            error = add_piece(batch);
        if (!error)
            error = renew_keys(batch);
    }
    return error;
}

/* Returns the length of the record with the HeartbeatRequest. */
static size_t request_size(const batch_t *batch)
{
    return heartbeat_ping_size(batch->order->ping_length) +
           batch->epoch->form->overhead(batch->epoch);
}

/* Returns true if the HeartbeatRequest may be in the last datagram, as a second record, and fits. */
static bool may_share(const batch_t *batch)
{
    if (batch->conn->ctx->config.record_per_datagram)
        return false;
    size_t before = batch->count > 0 ? (batch->count - 1) * batch->segment : 0;
    size_t longest = batch->count > 1 ? batch->segment : output_mtu(batch->conn);
    return batch->count > 0 && batch->filled - before + request_size(batch) <= longest;
}

/* Returns true if the HeartbeatRequest can be added to the batch as a datagram of its own. */
static bool may_follow(const batch_t *batch)
{
    return batch->count == 0 || (!is_full(batch) && request_size(batch) <= batch->segment);
}

static dtls_error_t add_request(batch_t *batch)
{
    const order_t *order = batch->order;
    size_t size, length;
    bool shares = may_share(batch);
    dtls_error_t error = shares || may_follow(batch) ? DTLS_ERR_NONE : flush(batch);
    if (error)
        return error;
    if (!conn_is_established(batch->conn))
        return DTLS_ERR_STATE;
    length = heartbeat_put(batch->conn, space(batch), order->ping, order->ping_length);
    error = length > 0 ? seal(batch, CONTENT_HEARTBEAT, length, &size) : DTLS_ERR_CRYPTO;
    if (error)
        return error;
    batch->request = size;
    batch->request_text = length;
    if (!shares)
        batch->count++;
    if (batch->count == 1)
        batch->segment = batch->filled;
    return DTLS_ERR_NONE;
}

/* ---- the call ---- */

static dtls_error_t run(batch_t *batch)
{
    batch->buffer = datagram_get_buffer(batch->conn->ctx);
    if (!batch->buffer)
        return DTLS_ERR_MEMORY;
    begin(batch);
    dtls_error_t error = write_pieces(batch);
    if (!error && batch->order->ping)
        error = add_request(batch);
    dtls_error_t flushed = flush(batch);
    datagram_release_buffer(batch->conn->ctx, batch->buffer);
    return error ? error : flushed;
}

static dtls_error_t check(const conn_t *conn, const order_t *order)
{
    size_t longest = at_most(order->piece, order->length);
    if (longest > output_max_payload(conn, conn_write_epoch(conn, conn->send_epoch)))
        return DTLS_ERR_TOO_LONG;
    return order->ping ? heartbeat_may_send(conn, order->ping_length) : DTLS_ERR_NONE;
}

static int send_order(conn_t *conn, order_t *order)
{
    batch_t batch = {.conn = conn, .order = order};
    dtls_error_t error = check(conn, order);
    if (!error)
        error = run(&batch);
    if (!error || order->sent > 0)
        return (int)order->sent;
    if (error == DTLS_ERR_KEY_LIMIT)
        conn_fail(conn, error);
    return -(int)error;
}

int dtls_peer_write_batch(dtls_peer_t *peer, const uint8 *data, size_t length, size_t piece,
                          const uint8 *ping, size_t ping_length)
{
    if (!peer || !data || length == 0 || length > INT_MAX || piece == 0 ||
        ping_length > HEARTBEAT_MAX)
        return -DTLS_ERR_ARGUMENT;
    warm_for_sealing(peer);
    conn_t *conn = peer->conn;
    if (!conn || (conn->phase != PHASE_HANDSHAKE && conn->phase != PHASE_CONNECTED))
        return -DTLS_ERR_STATE;
    order_t order = {
        .data = data, .length = length, .piece = piece, .ping = ping, .ping_length = ping_length};
    dtls_context_t *ctx = conn->ctx;
    enter(ctx);
    int result = conn->phase == PHASE_CONNECTED ? send_order(conn, &order) : 0;
    leave_for(ctx, peer);
    return result;
}
