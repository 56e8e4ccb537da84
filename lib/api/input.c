#include "api/input.h"

#include "api/accept.h"
#include "api/protected.h"
#include "api/timers.h"
#include "base/iana.h"
#include "conn/ack.h"
#include "conn/cids.h"
#include "conn/epochs.h"
#include "conn/liveness.h"
#include "conn/peers.h"
#include "conn/receive.h"
#include "conn/rules.h"
#include "conn/stats.h"
#include "conn/trace.h"
#include "conn/validation.h"
#include "conn/warm.h"
#include "handshake/acked.h"
#include "handshake/hs.h"
#include "handshake/hs_server.h"

/* Counts a record for one handshake only, the newest of its sender's address. A ClientHello is
 * counted for the handshake that it starts or repeats. */
static void count_record(const source_t *from, const record_t *record)
{
    const dtls_peer_t *peer = from->peer;
    if (peer && !from->held)
        validation_received(peer->candidate ? peer->candidate : peer->conn, record->size);
}

/* ---- plaintext records ---- */

static bool has_received_protected(const conn_t *conn)
{
    const epoch_t *epoch = conn_read_epoch(conn, EPOCH_HANDSHAKE);
    return epoch && epoch->window.next > 0;
}

static void plaintext_for(const source_t *from, conn_t *conn, const record_t *record)
{
    if (conn->client && conn->flight.sends == 0) {
        source_drop(from, conn, record,
                    DTLS_DROP_UNAUTHENTICATED); /* our ClientHello was not sent yet */
        return;
    }
    if (ack_agreed(conn) && has_received_protected(conn)) {
        /* The peer already sends protected records, so a plaintext one may be forged. */
        source_drop(from, conn, record, DTLS_DROP_UNAUTHENTICATED);
        return;
    }
    if (!from->held) /* otherwise it was reported when it arrived */
        trace_record(conn->ctx, &conn->peer->session, record);
    liveness_received(conn);
    switch (record->type) {
    case CONTENT_HANDSHAKE: hs_record(conn, record); break;
    case CONTENT_ALERT: receive_alert(conn, record); break;
    case CONTENT_ACK: acked_record(conn, record); break;
    case CONTENT_CHANGE_CIPHER_SPEC:
        if (record->length != 1 || record->payload[0] != 1)
            source_drop(from, conn, record, DTLS_DROP_LENGTH);
        else if (conn->hs->keys)
            receive_change_cipher_spec(conn, record);
        else
            source_hold(from, conn, record);
        break;
    default: source_drop(from, conn, record, DTLS_DROP_UNEXPECTED_TYPE);
    }
}

static bool is_client_hello(const record_t *record)
{
    return record->type == CONTENT_HANDSHAKE && record->length > 0 &&
           record->payload[0] == HANDSHAKE_CLIENT_HELLO;
}

static void receive_plaintext(source_t *from, const record_t *record)
{
    dtls_peer_t *peer = from->peer;
    if (is_client_hello(record)) {
        if (from->hello_handled) /* at most one response per datagram */
            source_drop(from, NULL, record, DTLS_DROP_LIMIT);
        else
            from->hello_handled = accept_hello(from->ctx, from->session, peer, record);
        return;
    }
    if (!peer) {
        source_drop(from, NULL, record, DTLS_DROP_NO_PEER);
        return;
    }
    count_record(from, record);
    /* Pass a plaintext record to both handshakes of a peer: the record does not tell to which
     * handshake it belongs. */
    conn_t *conns[] = {peer->candidate, peer->conn};
    bool taken = false;
    for (size_t i = 0; i < 2; i++) {
        if (conns[i] && conns[i]->hs && conns[i]->phase != PHASE_ENDED) {
            plaintext_for(from, conns[i], record);
            taken = true;
        }
    }
    if (!taken)
        source_drop(from, NULL, record, DTLS_DROP_UNAUTHENTICATED);
}

/* ---- records ---- */

static void receive_record(source_t *from, record_t *record)
{
    dtls_drop_t reason = record_check(record);
    if (reason != DTLS_DROP_COUNT) {
        source_drop(from, NULL, record, reason);
    } else if (record->epoch == 0 && !record->unified) {
        receive_plaintext(from, record);
    } else {
        count_record(from, record);
        receive_protected(from, record);
    }
}

/* Returns true if a record from this address may have the unified header of DTLS 1.3. */
static bool may_be_13(const source_t *from)
{
    const dtls_peer_t *peer = from->peer;
    bool is_12 = peer && peer->conn->negotiated.version && !rules_of(peer->conn)->short_headers &&
                 !peer->candidate;
    return !is_12 && hs_supports_version(from->ctx, VERSION_DTLS13);
}

/* Splits the next record off the datagram. In DTLS 1.2, the first byte of a unified header is an
 * unknown content type: drops only this record, and keeps the rest of the datagram. */
static dtls_drop_t split(const source_t *from, uint8_t *bytes, size_t length, record_t *record)
{
    const dtls_config_t *config = &from->ctx->config;
    size_t own_cid = config->use_cid ? config->cid_length : 0;
    if (record_header_is_ambiguous(bytes, length) && !may_be_13(from))
        return record_split_long(bytes, length, own_cid, record);
    return record_split(bytes, length, own_cid, record);
}

static void receive_records(source_t *from, uint8_t *bytes, size_t length)
{
    record_t record;
    for (size_t at = 0; at < length; at += record.size) {
        source_look_up(from);
        dtls_drop_t reason = split(from, bytes + at, length - at, &record);
        if (reason != DTLS_DROP_COUNT) {
            source_drop(from, NULL, &record, reason);
            return;
        }
        receive_record(from, &record);
    }
}

/* Processes the handshake messages that are complete, then the held records. A held record arrived
 * before the keys for it were installed, and these messages may have installed the keys. */
static void process_waiting(source_t *from, conn_t *conn)
{
    hs_run_waiting(conn);
    uint8_t *held;
    size_t length;
    while (conn->phase != PHASE_ENDED && (held = held_take(conn, &length))) {
        from->held = true;
        receive_records(from, held, length);
        from->held = false;
        alloc_wipe(&from->ctx->alloc, held, HELD_MAX);
        hs_run_waiting(conn);
    }
    ack_flush(conn);
}

static void trace_datagram(const source_t *from, const uint8_t *datagram, size_t length)
{
    const dtls_trace_t trace = {
        .kind = DTLS_TRACE_DATAGRAM, .session = from->session, .data = datagram, .length = length};
    trace_emit(from->ctx, &trace);
}

/* Returns the association of a datagram: the one of its sender's address. Without a connected peer
 * at that address, the one of its first connection ID, if it has one. NULL: there is none. */
static conn_t *owner_of(const source_t *from, uint8_t *datagram, size_t length)
{
    record_t record;
    conn_t *conn = from->peer ? from->peer->conn : NULL;
    if ((conn && !conn->hs) || length == 0 ||
        split(from, datagram, length, &record) != DTLS_DROP_COUNT || !record.cid)
        return conn;
    conn_t *by_cid = cids_find(from->ctx, record.cid);
    return by_cid ? by_cid : conn;
}

/* Processes one datagram. */
static void receive_datagram(source_t *from, uint8_t *datagram, size_t length)
{
    source_look_up(from);
    from->hello_handled = false;
    from->by_cid = NULL;
    stats_datagram_in(from->ctx, owner_of(from, datagram, length), length);
    if (tracing(from->ctx))
        trace_datagram(from, datagram, length);
    receive_records(from, datagram, length);
    source_look_up(from);
    if (from->peer && from->peer->candidate)
        process_waiting(from, from->peer->candidate);
    source_look_up(from);
    if (from->peer)
        process_waiting(from, from->peer->conn);
    if (from->by_cid && !(from->peer && from->by_cid == from->peer->conn))
        process_waiting(from, from->by_cid);
    timers_plan(from->by_cid ? from->by_cid->peer : NULL);
}

void input_datagrams(dtls_context_t *ctx, session_t *session, uint8_t *datagrams, size_t length,
                     size_t segment)
{
    source_t from = {.ctx = ctx,
                     .session = session,
                     .peer = peers_find(ctx, session),
                     .changes = ctx->peers.changes};
    if (from.peer)
        warm_for_opening(from.peer);
    const terms_t *outer = ctx->terms;
    ctx->terms = &ctx->own_terms;
    size_t at = 0;
    do {
        size_t left = length - at;
        receive_datagram(&from, datagrams + at, left < segment ? left : segment);
        at += segment;
    } while (at < length);
    source_look_up(&from);
    timers_plan(from.peer);
    ctx->terms = outer;
}
