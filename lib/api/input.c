#include "api/input.h"

#include "api/accept.h"
#include "api/timers.h"
#include "base/iana.h"
#include "conn/ack.h"
#include "conn/cids.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/heartbeat.h"
#include "conn/liveness.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/receive.h"
#include "conn/rules.h"
#include "conn/stats.h"
#include "conn/suspect.h"
#include "conn/trace.h"
#include "handshake/acked.h"
#include "handshake/hs.h"
#include "handshake/hs_server.h"
#include "handshake/rrc.h"

#include <string.h>

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;  /* the peer at the source address; NULL: none */
    uint64_t changes;   /* the value of peers.changes when `peer` was looked up */
    bool hello_handled; /* a ClientHello in this datagram has been handled */
    conn_t *by_cid;     /* association of the first connection ID in the datagram; NULL: none */
} source_t;

/* Looks up the peer again if the table of peers has changed: any record may cause a change. */
static void look_up_peer(source_t *from)
{
    if (from->changes == from->ctx->peers.changes)
        return;
    from->changes = from->ctx->peers.changes;
    from->peer = peers_find(from->ctx, from->session);
}

static void drop(const source_t *from, conn_t *conn, const record_t *record, dtls_drop_t reason)
{
    if (!conn && from->peer)
        conn = from->peer->conn;
    trace_drop(from->ctx, conn, from->session, record, reason);
}

/* ---- records that arrive too early ---- */

static void hold(const source_t *from, conn_t *conn, const record_t *record)
{
    if (!held_add(conn, record))
        drop(from, conn, record, DTLS_DROP_TOO_EARLY);
}

/* ---- protected records ---- */

/* Returns true if the record repeats the last flight of a handshake. Such a peer lacks our last
 * flight, cannot receive our data, and does not count as alive. */
static bool is_repeated_flight(const conn_t *conn, const record_t *record)
{
    return !conn->hs && record->type == CONTENT_HANDSHAKE && record->epoch < EPOCH_TRAFFIC;
}

static void count_number(conn_t *conn, epoch_t *epoch, const record_t *record, bool late)
{
    liveness_received(conn);
    if (!is_repeated_flight(conn, record))
        liveness_alive(conn);
    if (record->sequence >= epoch->first_data) {
        epoch->unique++;
        stats_arrived(conn, late);
    }
}

static void dispatch(const source_t *from, conn_t *conn, const record_t *record)
{
    trace_record(conn->ctx, &conn->peer->session, record);
    switch (record->type) {
    case CONTENT_HANDSHAKE: hs_record(conn, record); break;
    case CONTENT_ALERT: receive_alert(conn, record); break;
    case CONTENT_APPLICATION_DATA: receive_data(conn, record); break;
    case CONTENT_ACK: acked_record(conn, record); break;
    case CONTENT_HEARTBEAT: heartbeat_record(conn, record); break;
    case CONTENT_RETURN_ROUTABILITY_CHECK: rrc_record(conn, from->session, record); break;
    default: drop(from, conn, record, DTLS_DROP_UNEXPECTED_TYPE);
    }
    rrc_received(conn, from->session, record);
    if (record->type != CONTENT_HANDSHAKE)
        /* Such a record shows that the peer has our Finished: otherwise it would resend its own. */
        closing_confirmed(conn);
}

/* Returns true for DTLS 1.2 application data before the peer's Finished, which must not be
 * delivered. Call it after decryption: with a connection ID, the content type is encrypted. */
static bool is_early_data12(const conn_t *conn, const record_t *record)
{
    return !record->unified && record->type == CONTENT_APPLICATION_DATA && conn->hs;
}

/* Counts an authentic record. Ends the association if it is a DTLS 1.3 record that is too long, or
 * has no content although its type demands some (RFC 8446 sections 5.2 and 5.4). */
static void note_authentic(conn_t *conn, epoch_t *epoch, const record_t *record, dtls_drop_t reason,
                           bool late)
{
    count_number(conn, epoch, record, late);
    if (record->length > epoch->limit)
        stats_too_long(conn);
    if (reason == DTLS_DROP_LENGTH && record->unified && record->type != 0)
        conn_fail(conn,
                  record->length > 0 ? DTLS_ERR_RECORD_OVERFLOW : DTLS_ERR_UNEXPECTED_MESSAGE);
}

/* Decrypts and handles a record. Returns false if it does not decrypt with the keys of this
 * association. */
static bool open_for(const source_t *from, conn_t *conn, record_t *record)
{
    epoch_t *epoch = conn_read_epoch(conn, record->epoch);
    uint64_t next = epoch->window.next;
    dtls_drop_t reason = record_open(epoch, record);
    bool perhaps_handshake = record->type == CONTENT_HANDSHAKE || record->type == CONTENT_TLS12_CID;
    if (reason == DTLS_DROP_BAD_MAC && conn->hs && perhaps_handshake)
        suspect_wrong_key(conn);
    if (reason == DTLS_DROP_LIMIT && conn->phase != PHASE_ENDED)
        conn_fail(conn, DTLS_ERR_KEY_LIMIT);
    if (record->authentic)
        note_authentic(conn, epoch, record, reason, record->sequence < next);
    if (reason != DTLS_DROP_COUNT) {
        drop(from, conn, record, reason);
        return reason != DTLS_DROP_BAD_MAC;
    }
    epochs_read_in(conn, epoch->number);
    if (is_early_data12(conn, record)) {
        drop(from, conn, record, DTLS_DROP_TOO_EARLY);
        return true;
    }
    bool from_new_address = record->cid && record->sequence >= next &&
                            !dtls_session_equals(from->session, &conn->peer->session);
    dispatch(from, conn, record);
    if (from_new_address && cids_agreed(conn))
        rrc_new_address(conn, from->session, record->size);
    return true;
}

/* Returns true if the record must wait for keys, or for the end of the handshake. If it has a
 * unified header, only the epoch decides: the keys of application data are installed only when data
 * may be delivered. */
static bool too_early(const conn_t *conn, const record_t *record)
{
    bool data = !record->unified && record->type == CONTENT_APPLICATION_DATA;
    if (record->unified && record->epoch == EPOCH_EARLY &&
        conn->early.status == DTLS_EARLY_REJECTED)
        return false;
    return conn->hs && (!epochs_may_read(conn, record) || data);
}

/* Returns true for a record of early data. Such a record has no connection ID, because the client
 * sends it before it knows the ID of the server. */
static bool is_epoch_early(const conn_t *conn, const record_t *record)
{
    return conn->hs && record->unified && record->epoch == EPOCH_EARLY;
}

static bool protected_for(const source_t *from, conn_t *conn, record_t *record)
{
    /* The application passed in this datagram from inside the end event. */
    if (conn->phase == PHASE_ENDED) {
        drop(from, conn, record, DTLS_DROP_EPOCH);
        return false;
    }
    if (too_early(conn, record)) {
        hold(from, conn, record);
        return false;
    }
    if (!epochs_may_read(conn, record)) {
        drop(from, conn, record, DTLS_DROP_EPOCH);
        return false;
    }
    if (!record->cid && cids_expected(conn) && !is_epoch_early(conn, record)) {
        drop(from, conn, record, DTLS_DROP_CID);
        return false;
    }
    return open_for(from, conn, record);
}

/* Opens a record of a peer that may have two associations: conn, and a new handshake (candidate).
 * Tries the keys of the candidate first, then those of conn. Decryption is in place, so the second
 * attempt needs a copy. */
static void receive_by_address(const source_t *from, record_t *record)
{
    dtls_peer_t *peer = from->peer;
    if (!peer->candidate) {
        protected_for(from, peer->conn, record);
        return;
    }
    uint8_t *copy = datagram_get_buffer(from->ctx);
    if (!copy) {
        drop(from, NULL, record, DTLS_DROP_LIMIT);
        return;
    }
    memcpy(copy, record->bytes, record->size);
    record_t again = *record;
    again.bytes = copy;
    again.payload = copy + (record->payload - record->bytes);
    conn_t *old = peer->conn;
    if (!protected_for(from, peer->candidate, record) && old->phase != PHASE_ENDED)
        protected_for(from, old, &again);
    datagram_release_buffer(from->ctx, copy);
}

/* Finds the association of a record by its connection ID. All records of a datagram must belong to
 * one association (RFC 9147 section 4). */
static void receive_by_cid(source_t *from, record_t *record)
{
    conn_t *conn = cids_find(from->ctx, record->cid);
    if (!conn || (from->by_cid && conn != from->by_cid)) {
        drop(from, NULL, record, DTLS_DROP_CID);
        return;
    }
    from->by_cid = conn;
    protected_for(from, conn, record);
}

static void receive_protected(source_t *from, record_t *record)
{
    if (!record->unified && record->epoch != 1)
        drop(from, NULL, record, DTLS_DROP_EPOCH);
    else if (record->cid)
        receive_by_cid(from, record);
    else if (from->peer)
        receive_by_address(from, record);
    else
        drop(from, NULL, record, DTLS_DROP_NO_PEER);
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
        drop(from, conn, record, DTLS_DROP_UNAUTHENTICATED); /* our ClientHello was not sent yet */
        return;
    }
    if (ack_agreed(conn) && has_received_protected(conn)) {
        /* The peer already sends protected records. */
        drop(from, conn, record, DTLS_DROP_UNAUTHENTICATED);
        return;
    }
    trace_record(conn->ctx, &conn->peer->session, record);
    liveness_received(conn);
    switch (record->type) {
    case CONTENT_HANDSHAKE: hs_record(conn, record); break;
    case CONTENT_ALERT: receive_alert(conn, record); break;
    case CONTENT_ACK: acked_record(conn, record); break;
    case CONTENT_CHANGE_CIPHER_SPEC:
        if (record->length != 1 || record->payload[0] != 1)
            drop(from, conn, record, DTLS_DROP_LENGTH);
        else if (conn->hs->keys)
            receive_change_cipher_spec(conn, record);
        else
            hold(from, conn, record);
        break;
    default: drop(from, conn, record, DTLS_DROP_UNEXPECTED_TYPE);
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
            drop(from, NULL, record, DTLS_DROP_LIMIT);
        else
            from->hello_handled = accept_hello(from->ctx, from->session, peer, record);
        return;
    }
    if (!peer) {
        drop(from, NULL, record, DTLS_DROP_NO_PEER);
        return;
    }
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
        drop(from, NULL, record, DTLS_DROP_UNAUTHENTICATED);
}

/* ---- records ---- */

static void receive_record(source_t *from, record_t *record)
{
    dtls_drop_t reason = record_check(record);
    if (reason != DTLS_DROP_COUNT)
        drop(from, NULL, record, reason);
    else if (record->epoch == 0 && !record->unified)
        receive_plaintext(from, record);
    else
        receive_protected(from, record);
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
        look_up_peer(from);
        dtls_drop_t reason = split(from, bytes + at, length - at, &record);
        if (reason != DTLS_DROP_COUNT) {
            drop(from, NULL, &record, reason);
            return;
        }
        receive_record(from, &record);
    }
}

/* Processes the handshake messages that are complete, then the held records whose keys may have
 * arrived. */
static void process_waiting(source_t *from, conn_t *conn)
{
    hs_run_waiting(conn);
    uint8_t *held;
    size_t length;
    while (conn->phase != PHASE_ENDED && (held = held_take(conn, &length))) {
        receive_records(from, held, length);
        alloc_wipe(&from->ctx->alloc, held, HELD_MAX);
        hs_run_waiting(conn);
    }
    ack_flush(conn);
}

void input_datagram(dtls_context_t *ctx, session_t *session, uint8_t *datagram, size_t length)
{
    source_t from = {.ctx = ctx,
                     .session = session,
                     .peer = peers_find(ctx, session),
                     .changes = ctx->peers.changes};
    stats_datagram_in(ctx, from.peer ? from.peer->conn : NULL, length);
    if (tracing(ctx)) {
        const dtls_trace_t trace = {
            .kind = DTLS_TRACE_DATAGRAM, .session = session, .data = datagram, .length = length};
        trace_emit(ctx, &trace);
    }
    const terms_t *outer = ctx->terms;
    ctx->terms = &ctx->own_terms;
    receive_records(&from, datagram, length);
    look_up_peer(&from);
    if (from.peer && from.peer->candidate)
        process_waiting(&from, from.peer->candidate);
    look_up_peer(&from);
    if (from.peer)
        process_waiting(&from, from.peer->conn);
    if (from.by_cid && !(from.peer && from.by_cid == from.peer->conn))
        process_waiting(&from, from.by_cid);
    look_up_peer(&from);
    timers_plan(from.peer);
    timers_plan(from.by_cid ? from.by_cid->peer : NULL);
    ctx->terms = outer;
}
