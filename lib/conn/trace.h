/*
 * trace.h - telling the trace hook; nothing here costs anything when there is none.
 */
#ifndef TRACE_H
#define TRACE_H

#include "conn/state.h"

static inline bool tracing(const dtls_context_t *ctx)
{
    return ctx->config.trace != NULL;
}

void trace_emit(const dtls_context_t *ctx, const dtls_trace_t *trace);
/* Counts a discarded record for the association, or for the context if conn is NULL, and traces it. */
void trace_drop(dtls_context_t *ctx, conn_t *conn, const session_t *session, const record_t *record,
                dtls_drop_t drop);
void trace_record(const dtls_context_t *ctx, const session_t *session, const record_t *record);
/* One incoming handshake fragment. */
void trace_fragment(const dtls_context_t *ctx, const session_t *session, const record_t *record,
                    const fragment_t *fragment, bool duplicate);
dtls_trace_t trace_of_record(dtls_trace_kind_t kind, const session_t *session,
                             const record_t *record);

#endif
