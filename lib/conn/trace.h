/* trace.h - calls of the trace hook. Without a hook no trace is prepared. */
#ifndef TRACE_H
#define TRACE_H

#include "conn/state.h"

/* Returns true if there is a trace hook. */
static inline bool tracing(const dtls_context_t *ctx)
{
    return ctx->config.trace != NULL;
}

/* Calls the trace hook, if there is one. */
void trace_emit(const dtls_context_t *ctx, const dtls_trace_t *trace);
/* Counts a discarded record, and traces it. If conn is NULL, counts it for the context. */
void trace_drop(dtls_context_t *ctx, conn_t *conn, const session_t *session, const record_t *record,
                dtls_drop_t drop);
/* Traces a received record that is accepted. */
void trace_record(const dtls_context_t *ctx, const session_t *session, const record_t *record);
/* Returns the type of the message in a record that has heartbeat or return_routability_check;
 * otherwise 0. */
uint8_t trace_msg_type(uint8_t content_type, const uint8_t *content, size_t length);
/* Traces that the keys of an epoch exist from now on, or are deleted. outgoing: the keys that we
 * write with. Epoch 0 has no keys. */
void trace_keys(const conn_t *conn, bool outgoing, uint64_t epoch, bool deleted);
/* What a received fragment is: a new one, one that was processed before, or all fragments of a
 * message, put together. */
typedef enum { FRAGMENT_NEW, FRAGMENT_DUPLICATE, FRAGMENT_REASSEMBLED } fragment_state_t;

/* Traces a received handshake fragment. */
void trace_fragment(const conn_t *conn, const record_t *record, const fragment_t *fragment,
                    fragment_state_t state);
/* Traces a fragment of a ClientHello for which there is no association yet. */
void trace_hello_fragment(const dtls_context_t *ctx, const session_t *session,
                          const record_t *record, const fragment_t *fragment,
                          fragment_state_t state);
/* Traces a message whose fragments are complete. */
void trace_reassembled(const conn_t *conn, const message_t *message);
/* Fills in the members for a part of a message that we send. conn: may be NULL. */
void trace_part(dtls_trace_t *trace, const conn_t *conn, const uint8_t *message, uint32_t offset,
                uint32_t length);
/* Returns a trace of this kind with the members that describe a record. record: may be NULL. */
dtls_trace_t trace_of_record(dtls_trace_kind_t kind, const session_t *session,
                             const record_t *record);

#endif
