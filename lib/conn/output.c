#include "conn/output.h"

#include "base/iana.h"
#include "conn/cids.h"
#include "conn/datagram.h"
#include "conn/sizes.h"
#include "conn/trace.h"
#include "conn/validation.h"

#include <string.h>

/* The maximum length of a flight's datagrams after a number of transmissions without a response:
 * longer datagrams may not fit the path (RFC 6347 section 4.1.1.1). A datagram of 508 bytes fits an
 * IPv4 packet of 576 bytes with the longest headers. 256 is our smallest MTU. */
static const struct {
    unsigned sends;
    size_t mtu;
} back_off[] = {{3, 508}, {6, 256}};

/* ---- flights ---- */

/* If our records have a connection ID, the MTU is at least the length of the ID plus this number of
 * bytes: a datagram of 256 bytes, our smallest MTU, would be too short for an ID of 255 bytes. */
#define LEAST_WITH_CID 128

static size_t at_least(const conn_t *conn, size_t mtu)
{
    const cid_t *cid = cids_to_send(conn);
    size_t least = cid ? cid->length + LEAST_WITH_CID : 0;
    return mtu > least ? mtu : least;
}

static size_t flight_mtu(const conn_t *conn, const flight_t *flight)
{
    size_t mtu = conn->sizes.mtu;
    for (size_t i = 0; !flight->whole && i < sizeof back_off / sizeof *back_off; i++)
        if (flight->sends > back_off[i].sends && mtu > back_off[i].mtu)
            mtu = back_off[i].mtu;
    return at_least(conn, mtu);
}

void output_flight_arrived(conn_t *conn, const flight_t *flight)
{
    size_t mtu = flight_mtu(conn, flight);
    if (flight->longest > mtu)
        sizes_set_mtu(conn, mtu);
}

/* A flight that is being written into datagrams. In a protected epoch the messages share records,
 * which are filled to the last byte: RFC 9147 section 5.5 leaves this choice to the sender. In
 * plaintext each message has its own record, because some implementations expect one message per
 * record. */
typedef struct {
    datagram_t *datagram;
    flight_t *flight;
    epoch_t *epoch; /* the epoch of the record that is being filled */
    size_t filled;  /* how many bytes of plaintext the record has so far */
    struct {
        size_t item;
        uint32_t offset, length;
    } parts[FLIGHT_ITEMS];
    dtls_trace_t shown[FLIGHT_ITEMS];
    size_t part_count;
    size_t records; /* how many records the datagram has so far */
    dtls_repeat_t repeat;
    uint32_t timer_ms;
} sending_t;

static const dtls_config_t *config_of(const sending_t *s)
{
    return &s->datagram->conn->ctx->config;
}

static dtls_error_t seal(sending_t *s, uint8_t type, size_t length, const dtls_trace_t *what,
                         size_t count)
{
    s->records = s->datagram->length > 0 ? s->records + 1 : 1;
    return datagram_seal(s->datagram, s->epoch, type, length, what, count);
}

static dtls_error_t close_record(sending_t *s)
{
    if (s->part_count == 0)
        return DTLS_ERR_NONE;
    const record_number_t number = {s->epoch->number, s->epoch->sequence};
    dtls_error_t error = seal(s, CONTENT_HANDSHAKE, s->filled, s->shown, s->part_count);
    for (size_t i = 0; i < s->part_count && !error; i++)
        flight_sent(s->flight, s->parts[i].item, s->parts[i].offset, s->parts[i].length, number,
                    s->flight->sent_at);
    s->part_count = 0;
    s->filled = 0;
    return error;
}

/* Returns how many bytes of content one more record in this datagram can carry. With config.fragment
 * a datagram has at most as many records as its traces can describe. */
static size_t record_room(const sending_t *s)
{
    const dtls_config_t *config = config_of(s);
    size_t most = config->record_per_datagram ? 1
                  : config->fragment > 0      ? TRACES_MAX / 2
                                              : SIZE_MAX;
    bool full = s->datagram->length > 0 && s->records >= most;
    return full ? 0 : datagram_room(s->datagram, s->epoch);
}

static size_t room_left(const sending_t *s)
{
    size_t room = record_room(s), used = s->filled + MESSAGE_HEADER;
    return room > used ? room - used : 0;
}

static bool fits(const sending_t *s, size_t length)
{
    return record_room(s) >= s->filled + MESSAGE_HEADER + length;
}

/* Makes room for `length` more bytes of a message: ends the record, and sends the datagram if these
 * bytes do not fit a further record in it. They do fit if the record was ended by the record size
 * limit of the peer, and not by the end of the datagram. */
static dtls_error_t make_datagram_room(sending_t *s, size_t length)
{
    dtls_error_t error = close_record(s);
    if (!error && !fits(s, length))
        datagram_send(s->datagram);
    return error;
}

static unsigned repeats(const flight_t *flight)
{
    return flight->sends - 1 + flight->repeats;
}

static void add_part(sending_t *s, size_t item, const uint8_t *message, uint32_t offset,
                     uint32_t length)
{
    dtls_trace_t *shown = &s->shown[s->part_count];
    *shown = (dtls_trace_t){
        .retransmit = repeats(s->flight), .repeat = s->repeat, .timer_ms = s->timer_ms};
    trace_part(shown, s->datagram->conn, message, offset, length);
    put_fragment(datagram_space(s->datagram, s->epoch) + s->filled, message, offset, length);
    s->parts[s->part_count].item = item;
    s->parts[s->part_count].offset = offset;
    s->parts[s->part_count].length = length;
    s->part_count++;
    s->filled += MESSAGE_HEADER + length;
}

static uint32_t least_of(uint32_t a, size_t b)
{
    return a < b ? a : (uint32_t)b;
}

/* Sends a part of a message. A plaintext message that does not fit the rest of this datagram begins
 * in the next datagram. A message is fragmented only if it does not fit a whole datagram, because
 * some peers cannot reassemble fragments. With config.fragment each fragment is a record. */
static dtls_error_t send_run(sending_t *s, size_t item, const uint8_t *message, uint32_t offset,
                             uint32_t length)
{
    size_t limit = config_of(s)->fragment, most = limit > 0 ? limit : SIZE_MAX;
    bool shared = s->epoch->number > 0 && limit == 0;
    uint32_t end = offset + length, least = least_of(length, shared ? 1 : most);
    dtls_error_t error = !fits(s, least) || s->part_count == FLIGHT_ITEMS
                             ? make_datagram_room(s, least)
                             : DTLS_ERR_NONE;
    while (!error) {
        uint32_t some = least_of(least_of(end - offset, room_left(s)), most);
        add_part(s, item, message, offset, some);
        offset += some;
        if (offset >= end)
            break;
        error = make_datagram_room(s, 1);
    }
    return error || shared ? error : close_record(s);
}

/* Sends the unacknowledged parts of a message. */
static dtls_error_t send_message(sending_t *s, size_t item, const uint8_t *message, size_t body)
{
    uint32_t offset = 0, length;
    if (body == 0)
        return send_run(s, item, message, 0, 0);
    while (flight_unacked(s->flight, item, &offset, &length)) {
        dtls_error_t error = send_run(s, item, message, offset, length);
        if (error)
            return error;
        offset += length;
    }
    return DTLS_ERR_NONE;
}

static dtls_error_t send_ccs(sending_t *s, const uint8_t *bytes)
{
    const dtls_trace_t what = {.kind = DTLS_TRACE_CHANGE_CIPHER_SPEC,
                               .retransmit = repeats(s->flight),
                               .repeat = s->repeat,
                               .timer_ms = s->timer_ms};
    if (record_room(s) < 1)
        datagram_send(s->datagram);
    *datagram_space(s->datagram, s->epoch) = *bytes;
    return seal(s, CONTENT_CHANGE_CIPHER_SPEC, 1, &what, 1);
}

static dtls_error_t send_item(sending_t *s, size_t item)
{
    size_t length;
    const uint8_t *bytes = flight_bytes(s->flight, item, &length);
    epoch_t *epoch = conn_write_epoch(s->datagram->conn, s->flight->items[item].epoch);
    dtls_error_t error = epoch == s->epoch ? DTLS_ERR_NONE : close_record(s);
    s->epoch = epoch;
    if (error)
        return error;
    return s->flight->items[item].content_type == CONTENT_CHANGE_CIPHER_SPEC
               ? send_ccs(s, bytes)
               : send_message(s, item, bytes, length - MESSAGE_HEADER);
}

static dtls_error_t send_items(sending_t *s)
{
    dtls_error_t error = DTLS_ERR_NONE;
    for (size_t item = 0; item < s->flight->count && !error; item++)
        error = send_item(s, item);
    if (!error)
        error = close_record(s);
    if (!error)
        datagram_send(s->datagram);
    return error;
}

/* Sends a flight to the new address. Only a peer that receives it there knows the numbers of its
 * records: the numbers of the records before and after it, which the old address may have, do not
 * show them. */
static dtls_error_t send_unpredictably(conn_t *conn, sending_t *sending)
{
    if (!cids_skip_numbers(conn))
        return DTLS_ERR_CRYPTO;
    uint64_t from = conn_write_epoch(conn, conn->send_epoch)->sequence;
    dtls_error_t error = send_items(sending);
    if (error || conn->phase == PHASE_ENDED)
        return error;
    cids_note_check_send(conn, from, conn_write_epoch(conn, conn->send_epoch)->sequence);
    return cids_skip_numbers(conn) ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

dtls_error_t output_flight(conn_t *conn, flight_t *flight, dtls_repeat_t repeat, uint32_t timer_ms)
{
    datagram_t datagram;
    sending_t sending = {
        .datagram = &datagram, .flight = flight, .repeat = repeat, .timer_ms = timer_ms};
    dtls_error_t error = datagram_start(&datagram, conn, flight_mtu(conn, flight));
    if (error)
        return error;
    bool moved = flight != &conn->flight && cids_begin_check_send(conn);
    datagram.to = moved ? conn->cids->check.address : conn_session(conn);
    flight_begin_sending(flight, now_of(conn->ctx));
    error = moved ? send_unpredictably(conn, &sending) : send_items(&sending);
    flight_end_sending(flight, datagram.count, datagram.longest);
    if (!error && !moved && conn->ctx->config.repeat_flight &&
        validation_permits_flight(conn, flight)) {
        flight_count_repeat(flight);
        sending.repeat = DTLS_REPEAT_TEST;
        error = send_items(&sending);
    }
    datagram_end(&datagram);
    return error;
}

/* ---- one record alone in its datagram ---- */

/* Sends a record with this content in a datagram of its own. what: the trace of the content; NULL:
 * only the record is traced. */
static void send_single_record(conn_t *conn, const session_t *to, epoch_t *epoch, uint8_t type,
                               const uint8_t *content, size_t length, const dtls_trace_t *what)
{
    datagram_t datagram;
    if (datagram_start(&datagram, conn, output_mtu(conn)) != DTLS_ERR_NONE)
        return;
    datagram.to = *to;
    memcpy(datagram_space(&datagram, epoch), content, length);
    if (datagram_seal(&datagram, epoch, type, length, what, what ? 1 : 0) == DTLS_ERR_NONE)
        datagram_send(&datagram);
    datagram_end(&datagram);
}

void output_to(conn_t *conn, const session_t *to, uint8_t content_type, const uint8_t *content,
               size_t length)
{
    epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    const dtls_trace_t what = {.kind = DTLS_TRACE_RECORD,
                               .msg_type = trace_msg_type(content_type, content, length)};
    send_single_record(conn, to, epoch, content_type, content, length, &what);
}

static void send_alert(conn_t *conn, epoch_t *epoch, dtls_alert_level_t level, dtls_alert_t alert)
{
    const uint8_t content[] = {(uint8_t)level, (uint8_t)alert};
    const dtls_trace_t what = {
        .kind = DTLS_TRACE_ALERT, .alert_level = (uint8_t)level, .alert = (uint8_t)alert};
    const session_t to = conn_session(conn);
    send_single_record(conn, &to, epoch, CONTENT_ALERT, content, sizeof content, &what);
}

void output_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert)
{
    send_alert(conn, conn_write_epoch(conn, conn->send_epoch), level, alert);
}

void output_plain_alert(conn_t *conn, dtls_alert_level_t level, dtls_alert_t alert)
{
    send_alert(conn, conn_write_epoch(conn, 0), level, alert);
}

/* ---- ACK, RFC 9147 section 7 ---- */

/* A client that has offered record_size_limit may send an ACK before the limit of the server has
 * arrived in EncryptedExtensions. The limit is at least RECORD_LIMIT_MIN, with the content type. */
size_t output_ack_room(const conn_t *conn)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    bool unknown = conn->client && conn->hs && conn->ctx->config.record_size_limit > 0;
    size_t room = output_max_payload(conn, epoch);
    return ((unknown && room > RECORD_LIMIT_MIN - 1 ? RECORD_LIMIT_MIN - 1 : room) - 2) / 16;
}

void output_ack(conn_t *conn, const record_number_t *numbers, size_t count)
{
    uint8_t content[2 + 16 * ACKS_MAX];
    writer_t w = writer(content, sizeof content);
    block_t list = open_block(&w, 2);
    for (size_t i = 0; i < count; i++) {
        put_uint(&w, numbers[i].epoch, 8);
        put_uint(&w, numbers[i].sequence, 8);
    }
    close_block(&w, list);
    const dtls_trace_t what = {.kind = DTLS_TRACE_ACK, .data = content + 2, .length = 16 * count};
    const session_t to = conn_session(conn);
    send_single_record(conn, &to, conn_write_epoch(conn, conn->send_epoch), CONTENT_ACK, content,
                       writer_length(&w), &what);
}

/* ---- application data ---- */

size_t output_room(const conn_t *conn, const epoch_t *epoch, size_t mtu)
{
    size_t room = at_least(conn, mtu) - epoch->form->overhead(epoch);
    return room < epoch->limit ? room : epoch->limit;
}

size_t output_mtu(const conn_t *conn)
{
    return at_least(conn, conn->sizes.mtu);
}

size_t output_max_payload(const conn_t *conn, const epoch_t *epoch)
{
    return output_room(conn, epoch, conn->sizes.mtu);
}

dtls_error_t output_data(conn_t *conn, epoch_t *epoch, uint8_t *const data[], const size_t length[],
                         size_t count, size_t total)
{
    datagram_t datagram;
    dtls_error_t error = datagram_start(&datagram, conn, output_mtu(conn));
    if (error)
        return error;
    writer_t w = writer(datagram_space(&datagram, epoch), total);
    for (size_t i = 0; i < count; i++)
        put_bytes(&w, data[i], length[i]);
    error = datagram_seal(&datagram, epoch, CONTENT_APPLICATION_DATA, total, NULL, 0);
    if (!error)
        datagram_send(&datagram);
    if (!error && datagram.failed)
        error = DTLS_ERR_WRITE;
    datagram_end(&datagram);
    return error;
}

/* ---- to an address without an association ---- */

void output_stateless(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                      const uint8_t *message, size_t length)
{
    dtls_trace_t what = {.kind = DTLS_TRACE_MESSAGE};
    trace_part(&what, NULL, message, 0, (uint32_t)length - MESSAGE_HEADER);
    datagram_stateless(ctx, session, CONTENT_HANDSHAKE, sequence, message, length, &what);
}

void output_stateless_alert(dtls_context_t *ctx, session_t *session, uint64_t sequence,
                            dtls_alert_t alert)
{
    const uint8_t payload[] = {DTLS_ALERT_LEVEL_FATAL, (uint8_t)alert};
    dtls_trace_t what = {
        .kind = DTLS_TRACE_ALERT, .alert_level = DTLS_ALERT_LEVEL_FATAL, .alert = (uint8_t)alert};
    datagram_stateless(ctx, session, CONTENT_ALERT, sequence, payload, sizeof payload, &what);
}
