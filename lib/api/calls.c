/*
 * The calls of dtls.h that concern one association. Application data is in write.c.
 */
#include "api/config.h"
#include "api/enter.h"
#include "api/timers.h"
#include "conn/cids.h"
#include "conn/closing.h"
#include "conn/conn.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/rules.h"
#include "conn/sizes.h"
#include "conn/terms.h"
#include "handshake/hs_client.h"
#include "handshake/post_handshake.h"
#include "handshake/resume.h"

static int start_client(dtls_context_t *ctx, const session_t *session, const uint8_t *state,
                        size_t length, uint64_t age_ms)
{
    if (ctx->terms->suite_count == 0)
        return -DTLS_ERR_NO_CIPHER_SUITE;
    if (ctx->peers.table.count >= ctx->config.max_peers)
        return -DTLS_ERR_PEER_LIMIT;
    if (peers_conn(ctx, session))
        /* The callback get_user_parameters() has called dtls_connect() for this peer. */
        return 0;
    dtls_peer_t *peer = peers_add(ctx, session);
    conn_t *conn = peer ? conn_new(peer, true) : NULL;
    if (!conn) {
        if (peer)
            peers_remove(peer);
        return -DTLS_ERR_MEMORY;
    }
    peer->conn = conn;
    conn_event(conn, 0, DTLS_EVENT_CONNECT);
    dtls_error_t error = DTLS_ERR_NONE;
    if (conn->phase == PHASE_HANDSHAKE && state && !resume_import(conn, state, length, age_ms))
        error = DTLS_ERR_MEMORY;
    if (conn->phase == PHASE_HANDSHAKE && !error)
        error = hs_client_start(conn);
    if (error)
        conn_fail(conn, error);
    return error ? -(int)error : 1;
}

int dtls_resume(dtls_context_t *ctx, const session_t *session, const uint8_t *state, size_t length,
                uint64_t age_ms)
{
    if (!ctx || !session || (!state && length > 0))
        return -DTLS_ERR_ARGUMENT;
    sa_family_t family = session->addr.sa.sa_family;
    if (family != AF_INET && family != AF_INET6)
        return -DTLS_ERR_ARGUMENT;
    const conn_t *conn = peers_conn(ctx, session);
    if (conn)
        return conn->phase == PHASE_ENDED ? -DTLS_ERR_STATE : 0;
    enter(ctx);
    terms_t room;
    const terms_t *outer = ctx->terms;
    ctx->terms = terms_ask(ctx, session, &room);
    int result = start_client(ctx, session, state, length, age_ms);
    ctx->terms = outer;
    leave_for(ctx, peers_find(ctx, session));
    return result;
}

int dtls_connect(dtls_context_t *ctx, const session_t *session)
{
    return dtls_resume(ctx, session, NULL, 0, 0);
}

int dtls_set_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (mtu < MTU_MIN || mtu > MTU_MAX)
        return -DTLS_ERR_ARGUMENT;
    if (!conn)
        return -DTLS_ERR_STATE;
    sizes_set_mtu(conn, mtu);
    return 0;
}

int dtls_set_limits(dtls_context_t *ctx, const session_t *session, uint32_t silent_ms,
                    uint32_t total_ms)
{
    conn_t *conn = peers_conn(ctx, session);
    if (!ctx || !session || silent_ms == 0 || total_ms == 0)
        return -DTLS_ERR_ARGUMENT;
    if (!conn || !conn->client || conn->phase != PHASE_HANDSHAKE)
        return -DTLS_ERR_STATE;
    conn_limit_handshake(conn, silent_ms, total_ms);
    timers_plan(conn->peer);
    return 0;
}

static bool is_payload(const uint8_t *payload, size_t length)
{
    return (payload || length == 0) && length <= HEARTBEAT_MAX;
}

static int request_heartbeat(conn_t *conn, const uint8_t *payload, size_t length)
{
    if (!conn || conn->phase != PHASE_CONNECTED)
        return -DTLS_ERR_STATE;
    dtls_context_t *ctx = conn->ctx;
    enter(ctx);
    dtls_error_t error = heartbeat_request(conn, payload, length);
    leave_for(ctx, conn->peer);
    return -(int)error;
}

int dtls_heartbeat(dtls_context_t *ctx, const session_t *session, const uint8_t *payload,
                   size_t length)
{
    if (!ctx || !session || !is_payload(payload, length))
        return -DTLS_ERR_ARGUMENT;
    return request_heartbeat(peers_conn(ctx, session), payload, length);
}

int dtls_peer_heartbeat(dtls_peer_t *peer, const uint8_t *payload, size_t length)
{
    if (!peer || !is_payload(payload, length))
        return -DTLS_ERR_ARGUMENT;
    return request_heartbeat(peer->conn, payload, length);
}

static int ping(conn_t *conn, const uint8_t *payload, size_t length)
{
    if (!conn || !conn_is_established(conn))
        return -DTLS_ERR_STATE;
    dtls_context_t *ctx = conn->ctx;
    enter(ctx);
    dtls_error_t error = heartbeat_send(conn, payload, length);
    leave_for(ctx, conn->peer);
    return -(int)error;
}

int dtls_ping(dtls_context_t *ctx, const session_t *session, const uint8_t *payload, size_t length)
{
    if (!ctx || !session || !is_payload(payload, length))
        return -DTLS_ERR_ARGUMENT;
    return ping(peers_conn(ctx, session), payload, length);
}

int dtls_peer_ping(dtls_peer_t *peer, const uint8_t *payload, size_t length)
{
    if (!peer || !is_payload(payload, length))
        return -DTLS_ERR_ARGUMENT;
    return ping(peer->conn, payload, length);
}

int dtls_probe_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (mtu < MTU_MIN || mtu > MTU_MAX)
        return -DTLS_ERR_ARGUMENT;
    if (!conn || conn->phase != PHASE_CONNECTED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    dtls_error_t error = heartbeat_probe(conn, mtu);
    leave_for(ctx, conn->peer);
    return -(int)error;
}

int dtls_hold_heartbeats(dtls_context_t *ctx, const session_t *session, bool hold)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (!conn || !conn_is_established(conn))
        return -DTLS_ERR_STATE;
    enter(ctx);
    dtls_error_t error = heartbeat_hold(conn, hold);
    leave_for(ctx, conn->peer);
    return -(int)error;
}

static int send_post(dtls_context_t *ctx, conn_t *conn, post_t which)
{
    if (!post13_has_numbers(conn))
        return -DTLS_ERR_KEY_LIMIT;
    enter(ctx);
    dtls_error_t error = post13_request(conn, which);
    if (error)
        conn_fail(conn, error);
    leave_for(ctx, conn->peer);
    return -(int)error;
}

int dtls_new_cid(dtls_context_t *ctx, const session_t *session)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (!conn || !rules_of(conn)->acks || conn->phase != PHASE_CONNECTED || !cids_expected(conn))
        return -DTLS_ERR_STATE;
    cids_issue_immediate(conn);
    return send_post(ctx, conn, POST_NEW_CID);
}

int dtls_request_cids(dtls_context_t *ctx, const session_t *session, unsigned count)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (count < 1 || count > UINT8_MAX)
        return -DTLS_ERR_ARGUMENT;
    if (!conn || !rules_of(conn)->acks || conn->phase != PHASE_CONNECTED || !cids_to_send(conn))
        return -DTLS_ERR_STATE;
    cids_request(conn, (uint8_t)count);
    return send_post(ctx, conn, POST_REQUEST_CID);
}

int dtls_close(dtls_context_t *ctx, const session_t *session)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (!conn || conn->phase == PHASE_ENDED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    closing_start(conn);
    leave_for(ctx, conn->peer);
    return 0;
}

int dtls_abort(dtls_context_t *ctx, const session_t *session, dtls_alert_t alert)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (!conn || conn->phase == PHASE_ENDED)
        return -DTLS_ERR_STATE;
    enter(ctx);
    conn_abort(conn, alert);
    leave(ctx);
    return 0;
}
