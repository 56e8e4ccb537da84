#include "api/protected.h"

#include "base/iana.h"
#include "conn/cids.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/datagram.h"
#include "conn/epochs.h"
#include "conn/heartbeat.h"
#include "conn/liveness.h"
#include "conn/receive.h"
#include "conn/rules.h"
#include "conn/stats.h"
#include "conn/suspect.h"
#include "conn/trace.h"
#include "conn/warm.h"
#include "handshake/acked.h"
#include "handshake/hs.h"
#include "handshake/post_handshake.h"
#include "handshake/rrc.h"

#include <string.h>

/* Returns true if the record repeats the last flight of a handshake. A peer that sends such a
 * record lacks our last flight, so it cannot receive our data, and the record does not count as a
 * sign that it is alive. */
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
    default: source_drop(from, conn, record, DTLS_DROP_UNEXPECTED_TYPE);
    }
    rrc_received(conn, from->session, record);
    if (record->type != CONTENT_HANDSHAKE)
        /* A protected record other than a handshake message shows that the peer has our Finished:
         * otherwise the peer would resend its own Finished. */
        closing_confirmed(conn);
}

/* Returns true for DTLS 1.2 application data before the peer's Finished, which must not be
 * delivered. Call this after decryption: with a connection ID, the content type is encrypted. */
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

/* Returns true if the peer may have left this epoch by a KeyUpdate, so that the association can do without its keys. */
static bool is_replaced(const conn_t *conn, const epoch_t *epoch)
{
    return rules_of(conn)->acks && !conn->hs && epoch->number < conn->v13->read_epoch;
}

/* Counts to the limit of records that fail to decrypt (RFC 9147 section 4.5.3). At half of the limit, requests new keys
 * of the peer, once per epoch. So an attacker has to send half of the limit for each KeyUpdate, and can cause at most
 * one for each epoch that is left. At the limit, ends the keys if newer ones are in use, else the association. */
static void limit_failures(conn_t *conn, epoch_t *epoch, dtls_drop_t reason)
{
    bool connected = conn->phase == PHASE_CONNECTED;
    if (reason == DTLS_DROP_LIMIT && is_replaced(conn, epoch)) {
        epochs_end_read(conn, epoch->number);
    } else if (reason == DTLS_DROP_LIMIT && conn->phase != PHASE_ENDED) {
        conn_fail(conn, DTLS_ERR_KEY_LIMIT);
    } else if (reason == DTLS_DROP_BAD_MAC && connected && rules_of(conn)->acks &&
               epoch->number == conn->v13->read_epoch &&
               epoch->open_failures == epoch->suite->open_limit / 2 && post13_has_epochs(conn)) {
        dtls_error_t error = post13_update_keys(conn, true);
        if (error)
            conn_fail(conn, error);
    }
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
    if (record->authentic)
        note_authentic(conn, epoch, record, reason, record->sequence < next);
    else
        limit_failures(conn, epoch, reason);
    if (reason != DTLS_DROP_COUNT) {
        source_drop(from, conn, record, reason);
        return reason != DTLS_DROP_BAD_MAC;
    }
    warm_note(conn, &conn->peer->in, epoch);
    epochs_read_in(conn, epoch->number);
    if (is_early_data12(conn, record)) {
        source_drop(from, conn, record, DTLS_DROP_TOO_EARLY);
        return true;
    }
    bool from_new_address = record->cid && record->sequence >= next &&
                            !dtls_session_equals(from->session, &conn->peer->session);
    dispatch(from, conn, record);
    if (from_new_address && cids_agreed(conn))
        rrc_new_address(conn, from->session, record);
    return true;
}

/* Returns true if the record must wait for keys, or for the end of the handshake. If the record has
 * a unified header, only the epoch decides: the keys of application data are installed only when
 * data may be delivered. */
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
    /* The association has just ended: the application passed in this datagram from inside the
     * callback for the end event. */
    if (conn->phase == PHASE_ENDED) {
        source_drop(from, conn, record, DTLS_DROP_EPOCH);
        return false;
    }
    if (too_early(conn, record)) {
        source_hold(from, conn, record);
        return false;
    }
    if (!epochs_may_read(conn, record)) {
        source_drop(from, conn, record, DTLS_DROP_EPOCH);
        return false;
    }
    if (!record->cid && cids_expected(conn) && !is_epoch_early(conn, record)) {
        source_drop(from, conn, record, DTLS_DROP_CID);
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
        source_drop(from, NULL, record, DTLS_DROP_LIMIT);
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
        source_drop(from, NULL, record, DTLS_DROP_CID);
        return;
    }
    from->by_cid = conn;
    protected_for(from, conn, record);
}

void receive_protected(source_t *from, record_t *record)
{
    if (!record->unified && record->epoch != 1)
        source_drop(from, NULL, record, DTLS_DROP_EPOCH);
    else if (record->cid)
        receive_by_cid(from, record);
    else if (from->peer)
        receive_by_address(from, record);
    else
        source_drop(from, NULL, record, DTLS_DROP_NO_PEER);
}
