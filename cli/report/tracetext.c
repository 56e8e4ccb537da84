#include "report/tracetext.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/hex.h"
#include "common/report.h"
#include "net/address.h"
#include "report/contents.h"

#define HEX_LINE 32 /* bytes of a message on a line */
#define INDENT 8    /* columns before the contents of a message */

/* ---- the text of an event ------------------------------------------------------------------- */

struct text {
    char bytes[400];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length =
        vsnprintf(text->bytes + text->used, sizeof text->bytes - text->used, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->used += (size_t)length;
    if (text->used >= sizeof text->bytes)
        text->used = sizeof text->bytes - 1;
}

static void add_message(struct text *text, const dtls_trace_t *event)
{
    static const char *const reasons[] = {
        [DTLS_REPEAT_NONE] = "",
        [DTLS_REPEAT_PEER] = " (after the peer repeated its flight)",
        [DTLS_REPEAT_SUSPECT] = " (after an unauthenticated alert or error, perhaps forged)",
        [DTLS_REPEAT_ACK] = " (after an ACK of some records)",
        [DTLS_REPEAT_TEST] = " (--repeat-flight)",
    };

    add(text, "%s msg%u", dtls_message_name(event->msg_type), event->msg_seq);
    if (event->frag_length != event->msg_length)
        add(text, " bytes %" PRIu32 "-%" PRIu32 " of %" PRIu32, event->frag_offset,
            event->frag_offset + event->frag_length, event->msg_length);
    if (event->retransmit > 0)
        add(text, "  RETRANSMIT %u", event->retransmit);
    if (event->repeat == DTLS_REPEAT_TIMER)
        add(text, " (timer %" PRIu32 " ms)", event->timer_ms);
    else
        add(text, "%s", reasons[event->repeat]);
    if (event->duplicate)
        add(text, "  DUPLICATE");
}

static void add_alert(struct text *text, const dtls_trace_t *event)
{
    add(text, "Alert %s %s%s", event->alert_level == DTLS_ALERT_LEVEL_FATAL ? "fatal" : "warning",
        dtls_alert_name(event->alert), event->epoch == 0 ? " (plaintext)" : "");
}

static void add_drop(struct text *text, const dtls_trace_t *event)
{
    add(text, "DROPPED %s: %s", dtls_drop_name(event->drop), dtls_drop_text(event->drop));
}

static uint64_t number_at(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* Adds the record numbers that an ACK contains (RFC 9147 section 7). */
static void add_ack(struct text *text, const dtls_trace_t *event)
{
    add(text, "ACK");
    for (size_t at = 0; at < event->length; at += 16)
        add(text, " e%" PRIu64 "#%" PRIu64, number_at(event->data + at),
            number_at(event->data + at + 8));
}

static void add_record(struct text *text, const dtls_trace_t *event)
{
    const char *message = contents_record_message(event);

    add(text, "rec e%" PRIu64 "#%" PRIu64 " %s %zu", event->epoch, event->sequence,
        message != NULL ? message : dtls_content_type_name(event->content_type), event->length);
}

static void add_what(struct text *text, const dtls_trace_t *event)
{
    switch (event->kind) {
    case DTLS_TRACE_MESSAGE: add_message(text, event); break;
    case DTLS_TRACE_REASSEMBLED:
        add(text, "%s msg%u, all fragments", dtls_message_name(event->msg_type), event->msg_seq);
        break;
    case DTLS_TRACE_CHANGE_CIPHER_SPEC:
        add(text, "ChangeCipherSpec");
        if (event->retransmit > 0)
            add(text, "  RETRANSMIT %u", event->retransmit);
        break;
    case DTLS_TRACE_ALERT: add_alert(text, event); break;
    case DTLS_TRACE_ACK: add_ack(text, event); break;
    case DTLS_TRACE_DROP: add_drop(text, event); break;
    case DTLS_TRACE_RECORD:
    case DTLS_TRACE_KEYS:
    case DTLS_TRACE_DATAGRAM: add_record(text, event); break;
    }
}

static bool is_shown(const struct trace_text *trace, const dtls_trace_t *event)
{
    switch (event->kind) {
    case DTLS_TRACE_KEYS:
    case DTLS_TRACE_DATAGRAM: return false;
    case DTLS_TRACE_RECORD: return trace->records;
    default: return true;
    }
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void begin_datagram(struct trace_text *trace, const dtls_trace_t *event)
{
    trace->pending = true;
    trace->outgoing = event->outgoing;
    trace->length = event->length;
}

/* Adds the time since the start and since the last line that has a time. */
static void add_time(struct trace_text *trace, struct text *text)
{
    int64_t now = clock_us();

    add(text, "+%.4f (+%.4f) ", (double)(now - trace->started_us) / 1e6,
        (double)(now - trace->shown_us) / 1e6);
    trace->shown_us = now;
}

/* Adds the start of the line: time and length before the first line of a datagram, blanks before
 * the others. */
static void add_start(struct trace_text *trace, struct text *text, const dtls_trace_t *event)
{
    char way = event->outgoing ? '>' : '<';

    if (!trace->pending && trace->outgoing == event->outgoing) {
        add(text, "%*s%c%*s", trace->way_column, "", way,
            trace->text_column - trace->way_column - 1, "");
        return;
    }
    add_time(trace, text);
    trace->way_column = (int)text->used;
    /* Without `pending`, the datagram has a line already, and we have sent something since. */
    if (trace->pending)
        add(text, "%c %4zu B  ", way, trace->length);
    else
        add(text, "%c         ", way);
    trace->text_column = (int)text->used;
    trace->outgoing = event->outgoing;
}

/* Shows what a message contains, unless it was shown before. */
static void show_contents(const struct trace_text *trace, const dtls_trace_t *event)
{
    char hex[2 * HEX_LINE + 1];
    bool message = event->kind == DTLS_TRACE_MESSAGE || event->kind == DTLS_TRACE_REASSEMBLED;

    if (!message || event->message == NULL || event->retransmit > 0 || event->duplicate)
        return;
    contents_show(event, INDENT, trace->records);
    for (size_t at = 0; trace->records && at < event->msg_length; at += HEX_LINE) {
        size_t left = event->msg_length - at;
        hex_encode(hex, event->message + at, left < HEX_LINE ? left : HEX_LINE);
        report_colored(REPORT_DIM, "%*s%s", INDENT, "", hex);
    }
}

/* What does not happen in a handshake without faults has a color of its own. */
static enum report_color color_of(const dtls_trace_t *event)
{
    bool fatal = event->kind == DTLS_TRACE_ALERT && event->alert_level == DTLS_ALERT_LEVEL_FATAL;

    if (fatal || event->retransmit > 0 || event->duplicate || event->kind == DTLS_TRACE_DROP)
        return REPORT_ALARM;
    return event->outgoing ? REPORT_OUT : REPORT_IN;
}

/* Keys belong to no datagram. */
static void show_keys(const struct trace_text *trace, const dtls_trace_t *event)
{
    if (trace->records)
        report_colored(REPORT_DIM, "%*s%s keys of epoch %" PRIu64 " %s", INDENT, "",
                       event->outgoing ? "write" : "read", event->epoch,
                       event->deleted ? "deleted" : "made");
}

void trace_text_show(struct trace_text *trace, const dtls_trace_t *event)
{
    struct text text = {.used = 0};
    char name[NET_NAME_MAX];

    if (event->kind == DTLS_TRACE_DATAGRAM)
        begin_datagram(trace, event);
    if (event->kind == DTLS_TRACE_KEYS)
        show_keys(trace, event);
    if (!is_shown(trace, event))
        return;
    bool first = trace->pending;
    add_start(trace, &text, event);
    trace->pending = false;
    if (trace->records && event->kind != DTLS_TRACE_RECORD)
        add(&text, "  "); /* below its record */
    add_what(&text, event);
    if (trace->name_peers && first)
        add(&text, "  [%s]", net_name(name, event->session));
    report_colored(color_of(event), "%s", text.bytes);
    show_contents(trace, event);
}

void trace_text_impaired(struct trace_text *trace, enum impair_direction direction, uint64_t number,
                         size_t length, const struct impair_decision *decision)
{
    static const char *const drops[IMPAIR_DROP_COUNT] = {
        [IMPAIR_DROP_NONE] = "",
        [IMPAIR_DROP_EVENT] = " dropped (drop)",
        [IMPAIR_DROP_LOSS] = " dropped (loss)",
        [IMPAIR_DROP_MTU] = " dropped (mtu)",
        [IMPAIR_DROP_QUEUE] = " dropped (the queue is full)",
    };
    bool passed = decision->drop == IMPAIR_DROP_NONE;
    struct text text = {.used = 0};

    if (passed && !decision->duplicate && !decision->reorder && !decision->corrupt)
        return;
    add_time(trace, &text);
    add(&text, "%c %4zu B  --sim #%" PRIu64 "%s", direction == IMPAIR_OUT ? '>' : '<', length,
        number, drops[decision->drop]);
    if (passed)
        add(&text, "%s%s", decision->duplicate ? " duplicated" : "",
            decision->reorder ? " reordered" : "");
    if (passed && decision->corrupt)
        add(&text, " corrupted (byte %zu, xor %02x)", decision->offset, decision->mask);
    report_colored(REPORT_ALARM, "%s", text.bytes);
}
