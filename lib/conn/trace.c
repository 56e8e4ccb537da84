#include "conn/trace.h"

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
    const dtls_trace_t trace = trace_of_record(DTLS_TRACE_RECORD, session, record);
    trace_emit(ctx, &trace);
}

void trace_fragment(const dtls_context_t *ctx, const session_t *session, const record_t *record,
                    const fragment_t *fragment, bool duplicate)
{
    if (!tracing(ctx))
        return;
    dtls_trace_t trace = trace_of_record(DTLS_TRACE_MESSAGE, session, record);
    trace.data = fragment->body;
    trace.length = fragment->frag_length;
    size_t length = fragment->offset == 0 ? fragment->frag_length : 0;
    trace.msg_type = message_kind(fragment->type, fragment->body, length);
    trace.msg_seq = fragment->seq;
    trace.msg_length = fragment->length;
    trace.frag_offset = fragment->offset;
    trace.frag_length = fragment->frag_length;
    trace.duplicate = duplicate;
    trace_emit(ctx, &trace);
}
