#include "api/newcomer.h"

#include "base/iana.h"
#include "conn/conn.h"
#include "conn/liveness.h"
#include "conn/negotiated.h"
#include "conn/peers.h"
#include "conn/pending.h"
#include "conn/retransmit.h"
#include "conn/trace.h"
#include "conn/validation.h"
#include "handshake/hs12.h"
#include "handshake/hs12_server.h"
#include "handshake/hs13_server.h"

void newcomer_drop(const hello_in_t *in, dtls_drop_t reason)
{
    conn_t *conn = in->peer ? in->peer->conn : NULL;
    trace_drop(in->ctx, conn, in->session, in->record, reason);
}

void newcomer_warn_once(const dtls_context_t *ctx, bool *warned, const char *message)
{
    if (!*warned)
        log_of(ctx, DTLS_LOG_WARN, message);
    *warned = true;
}

/* Ends half-open handshakes until this one may begin. Returns false if it may not. */
static bool make_room(const hello_in_t *in)
{
    conn_t *evicted;
    while (!pending_has_room(in->ctx, in->session, &evicted)) {
        if (!evicted)
            return false;
        conn_end_for(evicted, DTLS_ERR_PEER_LIMIT, DTLS_EVENT_FAILED);
    }
    return true;
}

/* Makes an association for the peer. If the peer already has an association, the new association is
 * a candidate until the client's Finished has been verified (RFC 6347 section 4.2.8). */
static conn_t *attach(dtls_peer_t *peer, int ifindex)
{
    conn_t *conn = conn_new(peer, false);
    if (!conn) {
        if (!peer->conn)
            peers_remove(peer);
        return NULL;
    }
    if (!peer->conn) {
        peer->conn = conn;
        return conn;
    }
    if (peer->candidate)
        conn_end(peer->candidate, 0);
    peer->candidate = conn;
    peer->candidate_ifindex = ifindex;
    return conn;
}

/* Returns true if the ClientHello would replace a candidate that began less than config.timer_ms
 * ago, or whose handshake is complete. A candidate is a new handshake from the address of a peer
 * that is already connected. Drop such a ClientHello: otherwise a spoofer could evict a genuine
 * client with a stream of them. */
static bool would_displace(const hello_in_t *in)
{
    const conn_t *candidate = in->peer ? in->peer->candidate : NULL;
    return candidate &&
           (!candidate->hs || now_of(in->ctx) < candidate->hs->started + in->ctx->config.timer_ms);
}

/* Makes an association, and its peer if the address has none. Returns NULL if there are too many peers
 * or memory is short. */
static conn_t *add(const hello_in_t *in)
{
    dtls_context_t *ctx = in->ctx;
    dtls_peer_t *peer = peers_find(ctx, in->session);
    if (!peer && !peers_have_room(ctx))
        return NULL;
    if (!peer)
        peer = peers_add(ctx, in->session);
    conn_t *conn = peer ? attach(peer, in->session->ifindex) : NULL;
    if (!conn)
        newcomer_warn_once(ctx, &ctx->warned_of_memory,
                           "out of memory: dropping ClientHellos of new clients");
    return conn;
}

static const hs_row_t *rows_for(uint16_t version)
{
    return version == VERSION_DTLS13 ? hs13_server_rows : hs12_server_rows;
}

/* Makes an association for a ClientHello. If a limit is reached or memory is short, drops the
 * ClientHello and returns NULL. */
static conn_t *begin(const hello_in_t *in, bool proven)
{
    bool may_begin = (proven || !would_displace(in)) && make_room(in);
    conn_t *conn = may_begin ? add(in) : NULL;
    if (!conn) {
        newcomer_drop(in, DTLS_DROP_LIMIT);
        return NULL;
    }
    hs_enter(conn, SERVER_WAIT_HELLO);
    negotiated_cookie(conn, proven && !in->by_ticket);
    liveness_received(conn);
    validation_received(conn, in->record->size);
    if (proven)
        validation_passed(conn);
    /* Continue the message_seq and the record number of the ClientHello (RFC 6347 section
     * 4.2.1). */
    hs_start_seq(conn, in->fragment.seq);
    conn_write_epoch(conn, 0)->sequence = in->record->sequence;
    return conn;
}

/* Returns true if the ClientHello has been accepted, and the client has to send its next flight. */
static bool is_half_open(const conn_t *conn)
{
    return conn->phase == PHASE_HANDSHAKE && conn->messages.state != SERVER_WAIT_HELLO;
}

void newcomer_start(const hello_in_t *in, bool proven)
{
    if (pending_is_own(in->ctx, in->hello.random)) {
        /* An attacker has reflected our own ClientHello (RFC 9257 section 4.1). */
        newcomer_drop(in, DTLS_DROP_UNAUTHENTICATED);
        return;
    }
    conn_t *conn = begin(in, proven);
    if (!conn)
        return;
    retransmit_note_record(conn, in->digest);
    hs_use_rows(conn, rows_for(in->version));
    hs13_server_retried(conn, in->retried ? &in->retry : NULL);
    hs_set_client_random(conn, in->hello.random);
    conn_event(conn, 0, DTLS_EVENT_CONNECT);
    if (conn->phase != PHASE_HANDSHAKE)
        return;
    const message_t message = hs_whole_message(&in->fragment);
    hs_message(conn, &message);
    if (in->version == VERSION_DTLS13 && is_half_open(conn))
        pending_authenticated(conn); /* the binder of the ClientHello is valid */
}
