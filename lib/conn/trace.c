#include "conn/trace.h"

#include "base/iana.h"
#include "conn/stats.h"
#include "message/hello.h"

void trace_emit(const dtls_context_t *ctx, const dtls_trace_t *trace)
{
    if (tracing(ctx))
        ctx->config.trace(ctx->config.hook, trace);
}

dtls_trace_t trace_of_record(dtls_trace_kind_t kind, const session_t *session,
                             const record_t *record)
{
    dtls_trace_t trace = {.kind = kind, .session = session};
    if (record) {
        trace.content_type = record->type;
        trace.epoch = record->epoch;
        trace.sequence = record->sequence;
        trace.length = record->length;
    }
    return trace;
}

void trace_drop(dtls_context_t *ctx, conn_t *conn, const session_t *session, const record_t *record,
                dtls_drop_t drop)
{
    stats_dropped(ctx, conn, drop);
    if (!tracing(ctx))
        return;
    dtls_trace_t trace = trace_of_record(DTLS_TRACE_DROP, session, record);
    trace.drop = drop;
    trace_emit(ctx, &trace);
}

void trace_record(const dtls_context_t *ctx, const session_t *session, const record_t *record)
{
    if (!tracing(ctx))
        return;
    dtls_trace_t trace = trace_of_record(DTLS_TRACE_RECORD, session, record);
    trace.msg_type = trace_msg_type(record->type, record->payload, record->length);
    trace_emit(ctx, &trace);
}

uint8_t trace_msg_type(uint8_t content_type, const uint8_t *content, size_t length)
{
    bool typed =
        content_type == CONTENT_HEARTBEAT || content_type == CONTENT_RETURN_ROUTABILITY_CHECK;
    return typed && length > 0 ? content[0] : 0;
}

void trace_keys(const conn_t *conn, bool outgoing, uint64_t epoch, bool deleted)
{
    if (epoch == 0 || !tracing(conn->ctx))
        return;
    const dtls_trace_t trace = {.kind = DTLS_TRACE_KEYS,
                                .session = &conn->peer->session,
                                .outgoing = outgoing,
                                .epoch = epoch,
                                .deleted = deleted};
    trace_emit(conn->ctx, &trace);
}

/* Adds what dtls_decode_message() needs. conn: may be NULL. */
static void add_message(dtls_trace_t *trace, const conn_t *conn, const uint8_t *body)
{
    trace->message = body;
    if (!conn)
        return;
    trace->version = conn->negotiated.version;
    trace->suite = conn->negotiated.suite ? conn->negotiated.suite->id : 0;
}

static void emit_fragment(const dtls_context_t *ctx, const conn_t *conn, const session_t *session,
                          const record_t *record, const fragment_t *fragment,
                          fragment_state_t state)
{
    if (!tracing(ctx))
        return;
    dtls_trace_kind_t kind =
        state == FRAGMENT_REASSEMBLED ? DTLS_TRACE_REASSEMBLED : DTLS_TRACE_MESSAGE;
    dtls_trace_t trace = trace_of_record(kind, session, record);
    trace.data = fragment->body;
    trace.length = fragment->frag_length;
    size_t length = fragment->offset == 0 ? fragment->frag_length : 0;
    trace.msg_type = message_kind(fragment->type, fragment->body, length);
    trace.msg_seq = fragment->seq;
    trace.msg_length = fragment->length;
    trace.frag_offset = fragment->offset;
    trace.frag_length = fragment->frag_length;
    trace.duplicate = state == FRAGMENT_DUPLICATE;
    add_message(&trace, conn, fragment_is_whole(fragment) ? fragment->body : NULL);
    trace_emit(ctx, &trace);
}

void trace_fragment(const conn_t *conn, const record_t *record, const fragment_t *fragment,
                    fragment_state_t state)
{
    emit_fragment(conn->ctx, conn, &conn->peer->session, record, fragment, state);
}

void trace_hello_fragment(const dtls_context_t *ctx, const session_t *session,
                          const record_t *record, const fragment_t *fragment,
                          fragment_state_t state)
{
    emit_fragment(ctx, NULL, session, record, fragment, state);
}

/* Fills in the fields of the handshake header from the bytes of a message. */
static void add_header(dtls_trace_t *trace, const uint8_t *message)
{
    reader_t r = reader(message, MESSAGE_HEADER);
    trace->msg_type = take_u8(&r);
    trace->msg_length = take_u24(&r);
    trace->msg_seq = take_u16(&r);
    trace->msg_type = message_kind(trace->msg_type, message + MESSAGE_HEADER, trace->msg_length);
}

void trace_reassembled(const conn_t *conn, const message_t *message)
{
    if (!tracing(conn->ctx))
        return;
    dtls_trace_t trace = {.kind = DTLS_TRACE_REASSEMBLED,
                          .session = &conn->peer->session,
                          .content_type = CONTENT_HANDSHAKE,
                          .epoch = message->epoch,
                          .sequence = message->sequence};
    add_header(&trace, message->bytes);
    trace.data = message->bytes + MESSAGE_HEADER;
    trace.length = trace.frag_length = trace.msg_length;
    add_message(&trace, conn, trace.data);
    trace_emit(conn->ctx, &trace);
}

void trace_part(dtls_trace_t *trace, const conn_t *conn, const uint8_t *message, uint32_t offset,
                uint32_t length)
{
    trace->kind = DTLS_TRACE_MESSAGE;
    add_header(trace, message);
    trace->frag_offset = offset;
    trace->frag_length = length;
    trace->data = message + MESSAGE_HEADER + offset;
    trace->length = length;
    bool last = offset + length == trace->msg_length;
    add_message(trace, conn, last ? message + MESSAGE_HEADER : NULL);
}
