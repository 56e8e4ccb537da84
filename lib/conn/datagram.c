#include "conn/datagram.h"

#include "conn/callback.h"
#include "conn/stats.h"
#include "conn/trace.h"
#include "conn/validation.h"
#include "conn/warm.h"

#include <string.h>

uint8_t *datagram_get_buffer(dtls_context_t *ctx)
{
    uint8_t *buffer = ctx->spare;
    ctx->spare = NULL;
    return buffer ? buffer : ctx->alloc.allocate(ctx->alloc.hook, DTLS_MAX_BUF);
}

void datagram_release_buffer(dtls_context_t *ctx, uint8_t *buffer)
{
    if (!ctx->spare)
        ctx->spare = buffer;
    else
        alloc_wipe(&ctx->alloc, buffer, DTLS_MAX_BUF);
}

bool datagram_transmit(dtls_context_t *ctx, conn_t *conn, session_t *session, uint8_t *bytes,
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
    dtls_peer_t *outer = callback_begin(ctx, conn ? conn->peer : NULL);
    ctx->writing++;
    bool sent = ctx->handler.write && ctx->handler.write(ctx, session, bytes, length) >= 0;
    ctx->writing--;
    callback_end(ctx, outer);
    if (sent)
        stats_datagrams_out(ctx, conn, 1, length);
    else
        stats_write_failed(ctx, conn, 1);
    return sent;
}

dtls_error_t datagram_start(datagram_t *datagram, conn_t *conn, size_t limit)
{
    datagram->conn = conn;
    datagram->to = conn_session(conn);
    datagram->length = 0;
    datagram->limit = limit;
    datagram->trace_count = 0;
    datagram->count = 0;
    datagram->longest = 0;
    datagram->failed = false;
    datagram->buffer = datagram_get_buffer(conn->ctx);
    return datagram->buffer ? DTLS_ERR_NONE : DTLS_ERR_MEMORY;
}

static void empty(datagram_t *datagram)
{
    datagram->length = 0;
    datagram->trace_count = 0;
}

/* Returns false if a write callback has ended the association, or if an address that is not
 * validated would get too much. */
static bool may_send(const datagram_t *datagram)
{
    return !datagram->conn->output_ended && validation_permits(datagram->conn, datagram->length);
}

void datagram_send(datagram_t *datagram)
{
    conn_t *conn = datagram->conn;
    if (datagram->length == 0)
        return;
    if (!may_send(datagram)) {
        empty(datagram);
        return;
    }
    validation_sending(conn, datagram->length);
    datagram->failed |=
        !datagram_transmit(conn->ctx, conn, &datagram->to, datagram->buffer, datagram->length);
    for (size_t i = 0; i < datagram->trace_count; i++)
        trace_emit(conn->ctx, &datagram->traces[i]);
    datagram->count++;
    if (datagram->length > datagram->longest)
        datagram->longest = datagram->length;
    empty(datagram);
}

void datagram_end(datagram_t *datagram)
{
    datagram_release_buffer(datagram->conn->ctx, datagram->buffer);
}

size_t datagram_room(const datagram_t *datagram, const epoch_t *epoch)
{
    size_t used = datagram->length + epoch->form->overhead(epoch);
    size_t room = used < datagram->limit ? datagram->limit - used : 0;
    return room < epoch->limit ? room : epoch->limit;
}

uint8_t *datagram_space(const datagram_t *datagram, const epoch_t *epoch)
{
    return datagram->buffer + datagram->length + epoch->form->prefix(epoch);
}

static void add_trace(datagram_t *datagram, const dtls_trace_t *what, dtls_trace_kind_t kind,
                      const dtls_trace_t *record)
{
    if (datagram->trace_count == TRACES_MAX)
        return;
    dtls_trace_t *trace = &datagram->traces[datagram->trace_count++];
    *trace = *what;
    trace->kind = kind;
    trace->outgoing = true;
    trace->session = &datagram->to;
    trace->content_type = record->content_type;
    trace->epoch = record->epoch;
    trace->sequence = record->sequence;
}

dtls_error_t datagram_seal(datagram_t *datagram, epoch_t *epoch, uint8_t type, size_t length,
                           const dtls_trace_t *what, size_t count)
{
    const dtls_trace_t place = {
        .content_type = type, .epoch = epoch->number, .sequence = epoch->sequence};
    size_t size = record_seal(epoch, type, datagram->buffer + datagram->length, length);
    if (size == 0)
        return epoch->sequence > SEQUENCE_MAX ? DTLS_ERR_KEY_LIMIT : DTLS_ERR_CRYPTO;
    datagram->length += size;
    warm_note(datagram->conn, &datagram->conn->peer->out, epoch);
    if (!tracing(datagram->conn->ctx))
        return DTLS_ERR_NONE;
    dtls_trace_t record = count > 0 ? what[0] : (dtls_trace_t){.data = NULL};
    record.data = NULL;
    record.length = length;
    add_trace(datagram, &record, DTLS_TRACE_RECORD, &place);
    for (size_t i = 0; i < count; i++)
        if (what[i].kind != DTLS_TRACE_RECORD)
            add_trace(datagram, &what[i], what[i].kind, &place);
    return DTLS_ERR_NONE;
}

#define STATELESS_MAX 256

void datagram_stateless(dtls_context_t *ctx, session_t *session, uint8_t type, uint64_t sequence,
                        const uint8_t *payload, size_t length, dtls_trace_t *what)
{
    uint8_t bytes[RECORD_HEADER + STATELESS_MAX];
    epoch_t epoch;
    epoch_plaintext(&epoch);
    epoch.sequence = sequence;
    memcpy(bytes + RECORD_HEADER, payload, length);
    size_t size = record_seal(&epoch, type, bytes, length);
    datagram_transmit(ctx, NULL, session, bytes, size);

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
