#include "output.h"

#include "hello.h"
#include "iana.h"
#include "trace.h"

#include <string.h>

#define TRACES_MAX 16
/* A flight that is lost again and again may be too large for the path (RFC 6347 section 4.1.1.1):
 * 508 fits wherever IPv4's 576 fits under the longest headers, 256 is the least we can do. */
static const struct {
    unsigned sends;
    size_t mtu;
} back_off[] = {{3, 508}, {6, 256}};

/* A datagram being filled. What it carries is shown after it, hence the list of traces. */
typedef struct {
    conn_t *conn;
    session_t to;
    uint8_t *buffer;
    size_t length, limit;
    dtls_trace_t traces[TRACES_MAX];
    size_t trace_count;
    unsigned count; /* sent so far */
} datagram_t;

uint8_t *output_take_buffer(dtls_context_t *ctx)
{
    uint8_t *buffer = ctx->spare;
    ctx->spare = NULL;
    return buffer ? buffer : ctx->alloc.allocate(ctx->alloc.hook, DTLS_MAX_BUF);
}

void output_give_buffer(dtls_context_t *ctx, uint8_t *buffer)
{
    if (!ctx->spare)
        ctx->spare = buffer;
    else
        alloc_wipe(&ctx->alloc, buffer, DTLS_MAX_BUF);
}

static void transmit(dtls_context_t *ctx, dtls_stats_t *stats, session_t *session, uint8_t *bytes,
                     size_t length)
{
    if (tracing(ctx)) {
        dtls_trace_t trace = {.kind = DTLS_TRACE_DATAGRAM,
                              .outgoing = true,
                              .session = session,
                              .data = bytes,
                              .length = length};
        trace_emit(ctx, &trace);
    }
    ctx->writing++;
    bool sent = ctx->handler.write && ctx->handler.write(ctx, session, bytes, length) >= 0;
    ctx->writing--;
    if (!sent) {
        stats->write_failed++;
        return;
    }
    stats->datagrams_out++;
    stats->octets_out += length;
}

/* ---- filling a datagram ---- */

static dtls_error_t datagram_start(datagram_t *datagram, conn_t *conn, size_t limit)
{
    datagram->conn = conn;
    datagram->to = conn->peer->session;
    datagram->length = 0;
    datagram->limit = limit;
    datagram->trace_count = 0;
    datagram->count = 0;
    datagram->buffer = output_take_buffer(conn->ctx);
    return datagram->buffer ? DTLS_ERR_NONE : DTLS_ERR_MEMORY;
}

static void datagram_send(datagram_t *datagram)
{
    conn_t *conn = datagram->conn;
    if (datagram->length == 0)
        return;
    transmit(conn->ctx, &conn->stats, &datagram->to, datagram->buffer, datagram->length);
    for (size_t i = 0; i < datagram->trace_count; i++)
        trace_emit(conn->ctx, &datagram->traces[i]);
    datagram->count++;
    datagram->length = 0;
    datagram->trace_count = 0;
}

static void datagram_end(datagram_t *datagram)
{
    output_give_buffer(datagram->conn->ctx, datagram->buffer);
}

/* What one more record could carry. */
static size_t datagram_room(const datagram_t *datagram, const epoch_t *epoch)
{
    size_t used = datagram->length + epoch->form->overhead(epoch);
    size_t room = used < datagram->limit ? datagram->limit - used : 0;
    return room < RECORD_MAX_PLAINTEXT ? room : RECORD_MAX_PLAINTEXT;
}

/* Where the plaintext of the next record goes. */
static uint8_t *datagram_space(const datagram_t *datagram, const epoch_t *epoch)
{
    return datagram->buffer + datagram->length + epoch->form->prefix(epoch);
}

static dtls_error_t datagram_seal(datagram_t *datagram, epoch_t *epoch, uint8_t type, size_t length,
                                  const dtls_trace_t *what)
{
    uint64_t sequence = epoch->sequence;
    size_t size = record_seal(epoch, type, datagram->buffer + datagram->length, length);
    if (size == 0)
        return epoch->sequence > SEQUENCE_MAX ? DTLS_ERR_KEY_LIMIT : DTLS_ERR_CRYPTO;
    datagram->length += size;
    if (!tracing(datagram->conn->ctx))
        return DTLS_ERR_NONE;
    dtls_trace_t record = *what;
    record.kind = DTLS_TRACE_RECORD;
    record.data = NULL;
    record.length = length;
    const dtls_trace_t both[] = {record, *what};
    for (size_t i = 0; i < 2 && datagram->trace_count < TRACES_MAX; i++) {
        dtls_trace_t *trace = &datagram->traces[datagram->trace_count];
        *trace = both[i];
        trace->outgoing = true;
        trace->session = &datagram->conn->peer->session;
        trace->content_type = type;
        trace->epoch = (uint16_t)epoch->number;
        trace->sequence = sequence;
        datagram->trace_count += i == 0 || what->kind != DTLS_TRACE_RECORD;
    }
    return DTLS_ERR_NONE;
}

/* ---- flights ---- */

static size_t flight_mtu(const conn_t *conn, const flight_t *flight)
{
    size_t mtu = conn->mtu;
    for (size_t i = 0; !flight->whole && i < sizeof back_off / sizeof *back_off; i++)
        if (flight->sends > back_off[i].sends && mtu > back_off[i].mtu)
            mtu = back_off[i].mtu;
    return mtu;
}

static dtls_error_t send_ccs(datagram_t *datagram, epoch_t *epoch, const uint8_t *bytes,
                             dtls_trace_t *what)
{
    if (datagram_room(datagram, epoch) < 1)
        datagram_send(datagram);
    *datagram_space(datagram, epoch) = *bytes;
    what->kind = DTLS_TRACE_CHANGE_CIPHER_SPEC;
    return datagram_seal(datagram, epoch, CONTENT_CHANGE_CIPHER_SPEC, 1, what);
}

static void describe(dtls_trace_t *what, const uint8_t *message, uint32_t offset, uint32_t length)
{
    reader_t r = reader(message, MESSAGE_HEADER);
    what->kind = DTLS_TRACE_MESSAGE;
    what->msg_type = take_u8(&r);
    what->msg_length = take_u24(&r);
    what->msg_seq = take_u16(&r);
    what->frag_offset = offset;
    what->frag_length = length;
    what->data = message + MESSAGE_HEADER + offset;
    what->msg_type = message_kind(what->msg_type, message + MESSAGE_HEADER, what->msg_length);
    what->length = length;
}

static void put_fragment(uint8_t *space, const uint8_t *message, uint32_t offset, uint32_t length)
{
    writer_t w = writer(space, MESSAGE_HEADER + length);
    put_bytes(&w, message, 6); /* type, length of the message, message_seq */
    put_uint(&w, offset, 3);
    put_uint(&w, length, 3);
    put_bytes(&w, message + MESSAGE_HEADER + offset, length);
}

/* An item of a flight on its way into datagrams. */
typedef struct {
    datagram_t *datagram;
    flight_t *flight;
    size_t item;
    epoch_t *epoch;
    const uint8_t *message;
    dtls_trace_t what;
} sending_t;

static dtls_error_t send_fragment(sending_t *s, uint32_t offset, uint32_t length)
{
    const record_number_t number = {s->epoch->number, s->epoch->sequence};
    put_fragment(datagram_space(s->datagram, s->epoch), s->message, offset, length);
    describe(&s->what, s->message, offset, length);
    dtls_error_t error =
        datagram_seal(s->datagram, s->epoch, CONTENT_HANDSHAKE, MESSAGE_HEADER + length, &s->what);
    if (!error)
        flight_sent(s->flight, s->item, offset, length, number, s->flight->sent_at);
    return error;
}

/* What does not fit the rest of this datagram starts the next one: whole messages are worth more to
 * a peer than full datagrams. Fragments only where not even that helps. */
static dtls_error_t send_run(sending_t *s, uint32_t offset, uint32_t length)
{
    dtls_error_t error = DTLS_ERR_NONE;
    if (datagram_room(s->datagram, s->epoch) < MESSAGE_HEADER + length)
        datagram_send(s->datagram);
    for (uint32_t end = offset + length; !error;) {
        size_t room = datagram_room(s->datagram, s->epoch) - MESSAGE_HEADER;
        uint32_t some = end - offset < room ? end - offset : (uint32_t)room;
        error = send_fragment(s, offset, some);
        offset += some;
        if (offset >= end)
            break;
        datagram_send(s->datagram);
    }
    return error;
}

/* Whatever of the message is not acknowledged. */
static dtls_error_t send_message(sending_t *s, size_t body)
{
    uint32_t offset = 0, length;
    if (body == 0)
        return send_run(s, 0, 0);
    while (flight_unacked(s->flight, s->item, &offset, &length)) {
        dtls_error_t error = send_run(s, offset, length);
        if (error)
            return error;
        offset += length;
    }
    return DTLS_ERR_NONE;
}

static dtls_error_t send_items(datagram_t *datagram, flight_t *flight, uint32_t timer_ms)
{
    for (size_t i = 0; i < flight->count; i++) {
        size_t length;
        const uint8_t *bytes = flight_bytes(flight, i, &length);
        epoch_t *epoch = conn_write_epoch(datagram->conn, flight->items[i].epoch);
        sending_t sending = {
            datagram, flight,
            i,        epoch,
            bytes,    {.retransmit = flight->sends - 1 + flight->repeated, .timer_ms = timer_ms}};
        bool is_ccs = flight->items[i].content_type == CONTENT_CHANGE_CIPHER_SPEC;
        dtls_error_t error = is_ccs ? send_ccs(datagram, epoch, bytes, &sending.what)
                                    : send_message(&sending, length - MESSAGE_HEADER);
        if (error)
            return error;
    }
    datagram_send(datagram);
    return DTLS_ERR_NONE;
}

dtls_error_t output_flight(conn_t *conn, flight_t *flight, uint32_t timer_ms)
{
    datagram_t datagram;
    dtls_error_t error = datagram_start(&datagram, conn, flight_mtu(conn, flight));
    if (error)
        return error;
    flight->sent_at = now_of(conn->ctx);
    error = send_items(&datagram, flight, timer_ms);
    flight->datagrams = datagram.count;
    datagram_end(&datagram);
    return error;
}

/* ---- alerts ---- */

static void send_alert(conn_t *conn, epoch_t *epoch, dtls_alert_level_t level, dtls_alert_t alert)
{
    datagram_t datagram;
    if (datagram_start(&datagram, conn, conn->mtu) != DTLS_ERR_NONE)
        return;
    writer_t w = writer(datagram_space(&datagram, epoch), 2);
    put_u8(&w, level);
    put_u8(&w, alert);
    dtls_trace_t what = {
        .kind = DTLS_TRACE_ALERT, .alert_level = (uint8_t)level, .alert = (uint8_t)alert};
    if (datagram_seal(&datagram, epoch, CONTENT_ALERT, 2, &what) == DTLS_ERR_NONE)
        datagram_send(&datagram);
    datagram_end(&datagram);
}

void output_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert)
{
    send_alert(conn, conn_write_epoch(conn, conn->send_epoch), level, alert);
}

void output_plain_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert)
{
    send_alert(conn, conn_write_epoch(conn, 0), level, alert);
}

void output_to(conn_t *conn, const session_t *to, uint8_t content_type, const uint8_t *content,
               size_t length)
{
    static const dtls_trace_t what = {.kind = DTLS_TRACE_RECORD};
    epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    datagram_t datagram;
    if (datagram_start(&datagram, conn, conn->mtu) != DTLS_ERR_NONE)
        return;
    datagram.to = *to;
    memcpy(datagram_space(&datagram, epoch), content, length);
    if (datagram_seal(&datagram, epoch, content_type, length, &what) == DTLS_ERR_NONE)
        datagram_send(&datagram);
    datagram_end(&datagram);
}

/* ---- ACK, RFC 9147 section 7 ---- */

void output_ack(conn_t *conn, const record_number_t *numbers, size_t count)
{
    static const dtls_trace_t what = {.kind = DTLS_TRACE_RECORD};
    epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    datagram_t datagram;
    if (datagram_start(&datagram, conn, conn->mtu) != DTLS_ERR_NONE)
        return;
    writer_t w = writer(datagram_space(&datagram, epoch), 2 + 16 * count);
    block_t list = open_block(&w, 2);
    for (size_t i = 0; i < count; i++) {
        put_uint(&w, numbers[i].epoch, 8);
        put_uint(&w, numbers[i].sequence, 8);
    }
    close_block(&w, list);
    if (datagram_seal(&datagram, epoch, CONTENT_ACK, writer_length(&w), &what) == DTLS_ERR_NONE)
        datagram_send(&datagram);
    datagram_end(&datagram);
}

/* ---- application data ---- */

size_t output_max_payload(const conn_t *conn, const epoch_t *epoch)
{
    size_t room = conn->mtu - epoch->form->overhead(epoch);
    return room < RECORD_MAX_PLAINTEXT ? room : RECORD_MAX_PLAINTEXT;
}

dtls_error_t output_data(conn_t *conn, epoch_t *epoch, uint8_t *const data[], const size_t length[],
                         size_t count, size_t total)
{
    static const dtls_trace_t what = {.kind = DTLS_TRACE_RECORD};
    datagram_t datagram;
    dtls_error_t error = datagram_start(&datagram, conn, conn->mtu);
    if (error)
        return error;
    writer_t w = writer(datagram_space(&datagram, epoch), total);
    for (size_t i = 0; i < count; i++)
        put_bytes(&w, data[i], length[i]);
    error = datagram_seal(&datagram, epoch, CONTENT_APPLICATION_DATA, total, &what);
    if (!error) {
        uint64_t failed = conn->stats.write_failed;
        datagram_send(&datagram);
        error = conn->stats.write_failed == failed ? DTLS_ERR_NONE : DTLS_ERR_WRITE;
    }
    datagram_end(&datagram);
    return error;
}

#define STATELESS_MAX 256

static void stateless(dtls_context_t *ctx, session_t *session, uint8_t type, uint64_t sequence,
                      const uint8_t *payload, size_t length, dtls_trace_t *what)
{
    uint8_t bytes[RECORD_HEADER + STATELESS_MAX];
    epoch_t epoch;
    epoch_plaintext(&epoch);
    epoch.sequence = sequence;
    memcpy(bytes + RECORD_HEADER, payload, length);
    size_t size = record_seal(&epoch, type, bytes, length);
    transmit(ctx, &ctx->stats, session, bytes, size);

    what->outgoing = true;
    what->session = session;
    what->content_type = type;
    what->sequence = sequence;
    dtls_trace_t record = *what;
    record.kind = DTLS_TRACE_RECORD;
    record.data = NULL;
    record.length = length;
    trace_emit(ctx, &record);
    trace_emit(ctx, what);
}

void output_stateless(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                      const uint8_t *message, size_t length)
{
    dtls_trace_t what = {.kind = DTLS_TRACE_MESSAGE};
    describe(&what, message, 0, (uint32_t)length - MESSAGE_HEADER);
    stateless(ctx, session, CONTENT_HANDSHAKE, sequence, message, length, &what);
}

void output_stateless_alert(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                            dtls_alert_t alert)
{
    const uint8_t payload[] = {DTLS_ALERT_LEVEL_FATAL, (uint8_t)alert};
    dtls_trace_t what = {
        .kind = DTLS_TRACE_ALERT, .alert_level = DTLS_ALERT_LEVEL_FATAL, .alert = (uint8_t)alert};
    stateless(ctx, session, CONTENT_ALERT, sequence, payload, sizeof payload, &what);
}
