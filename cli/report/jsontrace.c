#include "report/jsontrace.h"

#include "common/eventlog.h"
#include "report/contents.h"
#include "report/jsonmessage.h"
#include "report/jsonpeer.h"

/* Types of handshake messages (RFC 8446). A HelloRetryRequest is a ServerHello on the wire. */
enum { SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, HELLO_RETRY_REQUEST = 6, KEY_UPDATE = 24 };

static struct {
    struct json_writer line;  /* the event "datagram", which is not complete */
    struct json_writer after; /* the events that follow it */
    bool open;                /* `line` has begun */
    bool outgoing;
    session_t session;
    bool in_record, in_contents; /* a record is open, and its list of contents */
    uint64_t epoch, sequence;    /* of the open record */
    uint8_t content_type;
    bool retransmits; /* the event "retransmit" of the datagram is in `after` */
} datagram;

/* ---- lines ---------------------------------------------------------------------------------- */

static void end_record(void)
{
    if (datagram.in_contents)
        json_end_array(&datagram.line);
    if (datagram.in_record)
        json_end_object(&datagram.line);
    datagram.in_contents = datagram.in_record = false;
}

void jsontrace_end_datagram(void)
{
    if (!datagram.open)
        return;
    end_record();
    json_end_array(&datagram.line);
    eventlog_end_in(&datagram.line);
    datagram.open = false;
    eventlog_put(&datagram.line);
    eventlog_put(&datagram.after);
}

void jsontrace_start(void)
{
    eventlog_before(jsontrace_end_datagram);
}

static void put_peer(struct json_writer *writer, const dtls_trace_t *event)
{
    jsonpeer_put(writer, "peer", event->session);
    json_string(writer, "direction", event->outgoing ? "out" : "in");
}

static void begin_datagram(const dtls_trace_t *event)
{
    jsontrace_end_datagram();
    eventlog_begin_in(&datagram.line, "datagram");
    put_peer(&datagram.line, event);
    if (event->kind == DTLS_TRACE_DATAGRAM)
        json_number(&datagram.line, "length", event->length);
    else
        json_bool(&datagram.line, "continued", true);
    json_begin_array(&datagram.line, "records");
    datagram.open = true;
    datagram.outgoing = event->outgoing;
    datagram.session = *event->session;
    datagram.retransmits = false;
}

/* Returns true if the event is about the datagram that is not complete. */
static bool is_current(const dtls_trace_t *event)
{
    return datagram.open && datagram.outgoing == event->outgoing &&
           dtls_session_equals(&datagram.session, event->session);
}

static void begin_record(const dtls_trace_t *event)
{
    struct json_writer *line = &datagram.line;

    end_record();
    json_begin_object(line, NULL);
    datagram.in_record = true;
    datagram.epoch = event->epoch;
    datagram.sequence = event->sequence;
    datagram.content_type = event->content_type;
    if (event->content_type == 0)
        return; /* dropped before the header of a record was read */
    json_number(line, "epoch", event->epoch);
    json_number(line, "sequence", event->sequence);
    json_string(line, "type", dtls_content_type_name(event->content_type));
    if (event->kind == DTLS_TRACE_RECORD)
        json_number(line, "length", event->length);
    if (event->kind == DTLS_TRACE_RECORD && contents_record_message(event) != NULL)
        json_string(line, "message", contents_record_message(event));
}

/* Begins an entry of the contents of the record that the event is about. */
static struct json_writer *begin_content(const dtls_trace_t *event, const char *kind)
{
    if (!datagram.in_record || datagram.epoch != event->epoch ||
        datagram.sequence != event->sequence || datagram.content_type != event->content_type)
        begin_record(event);
    if (!datagram.in_contents)
        json_begin_array(&datagram.line, "contents");
    datagram.in_contents = true;
    json_begin_object(&datagram.line, NULL);
    json_string(&datagram.line, "kind", kind);
    return &datagram.line;
}

/* Begins an event that follows the datagram. */
static struct json_writer *begin_after(const dtls_trace_t *event, const char *name)
{
    eventlog_begin_in(&datagram.after, name);
    put_peer(&datagram.after, event);
    return &datagram.after;
}

/* ---- contents of records -------------------------------------------------------------------- */

static const char *const reasons[] = {
    [DTLS_REPEAT_NONE] = "none",
    [DTLS_REPEAT_TIMER] = "timer",
    [DTLS_REPEAT_PEER] = "peer_repeated",
    [DTLS_REPEAT_SUSPECT] = "suspect",
    [DTLS_REPEAT_ACK] = "ack",
    [DTLS_REPEAT_TEST] = "test",
};

static void put_repeat(struct json_writer *writer, const dtls_trace_t *event)
{
    json_number(writer, "retransmit", event->retransmit);
    json_string(writer, "reason", reasons[event->repeat]);
    if (event->repeat == DTLS_REPEAT_TIMER)
        json_number(writer, "timer_ms", event->timer_ms);
}

static void note_retransmission(const dtls_trace_t *event)
{
    if (event->retransmit == 0 || datagram.retransmits)
        return;
    datagram.retransmits = true;
    put_repeat(begin_after(event, "retransmit"), event);
    eventlog_end_in(&datagram.after);
}

/* Both versions begin a NewSessionTicket with the lifetime in seconds. */
static void note_post_handshake(const dtls_trace_t *event)
{
    const uint8_t *body = event->message;

    if (body == NULL || event->retransmit > 0 || event->duplicate)
        return;
    if (event->msg_type == KEY_UPDATE)
        begin_after(event, "rekey");
    else if (event->msg_type == NEW_SESSION_TICKET && event->msg_length >= 4)
        json_number(begin_after(event, "ticket"), "lifetime",
                    (uint64_t)body[0] << 24 | (uint64_t)body[1] << 16 | (uint64_t)body[2] << 8 |
                        body[3]);
    else
        return;
    eventlog_end_in(&datagram.after);
}

static void put_message(const dtls_trace_t *event)
{
    struct json_writer *line = begin_content(event, "message");

    json_string(line, "message", dtls_message_name(event->msg_type));
    json_number(line, "msg_type",
                event->msg_type == HELLO_RETRY_REQUEST ? SERVER_HELLO : event->msg_type);
    json_number(line, "msg_seq", event->msg_seq);
    json_number(line, "length", event->msg_length);
    if (event->frag_length != event->msg_length) {
        json_number(line, "fragment_offset", event->frag_offset);
        json_number(line, "fragment_length", event->frag_length);
    }
    if (event->kind == DTLS_TRACE_REASSEMBLED)
        json_bool(line, "reassembled", true);
    if (event->retransmit > 0)
        put_repeat(line, event);
    if (event->duplicate)
        json_bool(line, "duplicate", true);
    if (event->message != NULL && event->retransmit == 0 && !event->duplicate)
        jsonmessage_fields(line, event);
    json_end_object(line);
    note_retransmission(event);
    note_post_handshake(event);
}

static void put_alert_members(struct json_writer *writer, const dtls_trace_t *event)
{
    json_string(writer, "level",
                event->alert_level == DTLS_ALERT_LEVEL_FATAL ? "fatal" : "warning");
    json_string(writer, "alert", dtls_alert_name(event->alert));
    json_number(writer, "number", event->alert);
    json_bool(writer, "protected", event->epoch > 0);
}

static void put_alert(const dtls_trace_t *event)
{
    put_alert_members(begin_content(event, "alert"), event);
    json_end_object(&datagram.line);
    put_alert_members(begin_after(event, "alert"), event);
    eventlog_end_in(&datagram.after);
}

static void put_drop_members(struct json_writer *writer, const dtls_trace_t *event)
{
    json_string(writer, "reason", dtls_drop_name(event->drop));
    json_string(writer, "text", dtls_drop_text(event->drop));
}

static void put_drop(const dtls_trace_t *event)
{
    put_drop_members(begin_content(event, "drop"), event);
    json_end_object(&datagram.line);
    put_drop_members(begin_after(event, "drop"), event);
    eventlog_end_in(&datagram.after);
}

static uint64_t number_at(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* Each record number is 8 bytes of epoch and 8 bytes of sequence number (RFC 9147 section 7). */
static void put_ack(const dtls_trace_t *event)
{
    struct json_writer *line = begin_content(event, "ack");

    json_begin_array(line, "records");
    for (size_t at = 0; at + 16 <= event->length; at += 16) {
        json_begin_object(line, NULL);
        json_number(line, "epoch", number_at(event->data + at));
        json_number(line, "sequence", number_at(event->data + at + 8));
        json_end_object(line);
    }
    json_end_array(line);
    json_end_object(line);
}

static void put_change_cipher_spec(const dtls_trace_t *event)
{
    struct json_writer *line = begin_content(event, "change_cipher_spec");

    if (event->retransmit > 0)
        put_repeat(line, event);
    json_end_object(line);
    note_retransmission(event);
}

void jsontrace_show(const dtls_trace_t *event)
{
    if (event->kind == DTLS_TRACE_KEYS) /* belongs to no datagram */
        return;
    if (event->kind == DTLS_TRACE_DATAGRAM || !is_current(event))
        begin_datagram(event);
    switch (event->kind) {
    case DTLS_TRACE_KEYS:
    case DTLS_TRACE_DATAGRAM: break;
    case DTLS_TRACE_RECORD: begin_record(event); break;
    case DTLS_TRACE_MESSAGE:
    case DTLS_TRACE_REASSEMBLED: put_message(event); break;
    case DTLS_TRACE_CHANGE_CIPHER_SPEC: put_change_cipher_spec(event); break;
    case DTLS_TRACE_ALERT: put_alert(event); break;
    case DTLS_TRACE_ACK: put_ack(event); break;
    case DTLS_TRACE_DROP: put_drop(event); break;
    }
}

void jsontrace_impaired(enum impair_direction direction, uint64_t number, size_t length,
                        const struct impair_decision *decision)
{
    static const char *const drops[IMPAIR_DROP_COUNT] = {
        [IMPAIR_DROP_EVENT] = "drop",
        [IMPAIR_DROP_LOSS] = "loss",
        [IMPAIR_DROP_MTU] = "mtu",
        [IMPAIR_DROP_QUEUE] = "queue",
    };
    struct json_writer *after = &datagram.after;

    if (decision->drop == IMPAIR_DROP_NONE && !decision->duplicate && !decision->reorder &&
        !decision->corrupt)
        return;
    eventlog_begin_in(after, "simulated");
    json_string(after, "direction", direction == IMPAIR_OUT ? "out" : "in");
    json_number(after, "number", number);
    json_number(after, "length", length);
    if (decision->drop != IMPAIR_DROP_NONE) {
        json_string(after, "dropped", drops[decision->drop]);
    } else {
        json_bool(after, "duplicated", decision->duplicate);
        json_bool(after, "reordered", decision->reorder);
        json_bool(after, "corrupted", decision->corrupt);
    }
    eventlog_end_in(after);
    if (!datagram.open)
        eventlog_put(after);
}
