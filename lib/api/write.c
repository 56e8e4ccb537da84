/*
 * The calls of dtls.h that send application data or update keys.
 */
#include "api/write.h"

#include "api/enter.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/rules.h"
#include "conn/stats.h"
#include "conn/warm.h"
#include "handshake/post_handshake.h"

/* Returns what dtls_update_keys() returns. */
static int update_keys(conn_t *conn, bool request)
{
    bool waits = conn->v13->post[POST_KEY_UPDATE] != NULL;
    dtls_error_t error = post13_update_keys(conn, request);
    if (error) {
        conn_fail(conn, error);
        return -(int)error;
    }
    return waits || !conn->v13->post[POST_KEY_UPDATE];
}

bool write_keys_are_old(const conn_t *conn)
{
    uint64_t limit = conn->ctx->config.rekey_after;
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    return rules_of(conn)->acks &&
           epoch->sequence >= (limit ? limit : epoch->suite->seal_limit / 2);
}

void write_renew_keys(conn_t *conn)
{
    if (conn->phase == PHASE_CONNECTED && write_keys_are_old(conn))
        update_keys(conn, false);
}

static int write_data(conn_t *conn, uint8 *const data[], const size_t length[], size_t count)
{
    size_t total = 0, room = output_max_payload(conn, conn_write_epoch(conn, conn->send_epoch));
    for (size_t i = 0; i < count; i++) {
        if (length[i] > room - total)
            return -DTLS_ERR_TOO_LONG;
        total += length[i];
    }
    if (record_exhausted(conn_write_epoch(conn, conn->send_epoch))) {
        conn_fail(conn, DTLS_ERR_KEY_LIMIT);
        return -DTLS_ERR_KEY_LIMIT;
    }
    dtls_error_t error =
        output_data(conn, conn_write_epoch(conn, conn->send_epoch), data, length, count, total);
    if (error)
        return -(int)error;
    stats_data_out(conn, 1, total);
    write_renew_keys(conn);
    return (int)total;
}

static bool are_buffers(uint8 *const data[], const size_t length[], size_t count)
{
    bool good = (data && length) || count == 0;
    for (size_t i = 0; good && i < count; i++)
        good = data[i] || length[i] == 0;
    return good;
}

static int write_to(dtls_peer_t *peer, uint8 *const data[], const size_t length[], size_t count)
{
    warm_for_sealing(peer);
    dtls_context_t *ctx = peer->ctx;
    conn_t *conn = peer->conn;
    if (!conn || (conn->phase != PHASE_HANDSHAKE && conn->phase != PHASE_CONNECTED))
        return -DTLS_ERR_STATE;
    enter(ctx);
    /* During a handshake, write nothing, but call leave_for() all the same: it processes queued
     * datagrams and timers, which may complete the handshake. */
    int result = conn->phase == PHASE_CONNECTED ? write_data(conn, data, length, count) : 0;
    leave_for(ctx, peer);
    return result;
}

int dtls_writev(dtls_context_t *ctx, session_t *session, uint8 *const data[], const size_t length[],
                size_t count)
{
    dtls_peer_t *peer = dtls_get_peer(ctx, session);
    if (!are_buffers(data, length, count))
        return -DTLS_ERR_ARGUMENT;
    if (peer)
        return write_to(peer, data, length, count);
    int started = dtls_connect(ctx, session);
    return started < 0 ? started : 0;
}

int dtls_peer_write(dtls_peer_t *peer, const uint8 *data, size_t length)
{
    /* The library does not change the data. */
    uint8 *bytes = (uint8 *)(uintptr_t)data;
    if (!peer || !are_buffers(&bytes, &length, 1))
        return -DTLS_ERR_ARGUMENT;
    return write_to(peer, &bytes, &length, 1);
}

int dtls_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    return dtls_writev(ctx, session, &data, &length, 1);
}

/* ---- early data ---- */

static bool may_write_early(const conn_t *conn)
{
    return conn->client && conn->hs && conn->phase == PHASE_HANDSHAKE &&
           conn->early.status == DTLS_EARLY_OFFERED && conn_write_epoch(conn, EPOCH_EARLY);
}

static size_t early_left(const conn_t *conn)
{
    return may_write_early(conn) ? conn->early.left : 0;
}

static int write_early(conn_t *conn, uint8_t *data, size_t length)
{
    epoch_t *epoch = conn_write_epoch(conn, EPOCH_EARLY);
    if (length > output_max_payload(conn, epoch))
        return -DTLS_ERR_TOO_LONG;
    if (!early_consume(conn, length))
        return 0;
    dtls_error_t error = output_data(conn, epoch, &data, &length, 1, length);
    if (error)
        return -(int)error;
    stats_data_out(conn, 1, length);
    return (int)length;
}

int dtls_write_early(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    conn_t *conn = peers_conn(ctx, session);
    if (!ctx || !session || (!data && length > 0))
        return -DTLS_ERR_ARGUMENT;
    if (!conn)
        return -DTLS_ERR_STATE;
    if (!may_write_early(conn))
        return 0;
    enter(ctx);
    int result = write_early(conn, data, length);
    leave_for(ctx, conn->peer);
    return result;
}

/* ---- sizes ---- */

static size_t max_payload(const conn_t *conn)
{
    if (conn->phase == PHASE_CONNECTED)
        return output_max_payload(conn, conn_write_epoch(conn, conn->send_epoch));
    size_t room =
        may_write_early(conn) ? output_max_payload(conn, conn_write_epoch(conn, EPOCH_EARLY)) : 0;
    return room < early_left(conn) ? room : early_left(conn);
}

size_t dtls_max_payload(dtls_context_t *ctx, const session_t *session)
{
    const conn_t *conn = peers_conn(ctx, session);
    return conn ? max_payload(conn) : 0;
}

size_t dtls_peer_max_payload(const dtls_peer_t *peer)
{
    return peer && peer->conn ? max_payload(peer->conn) : 0;
}

/* ---- new keys ---- */

int dtls_update_keys(dtls_context_t *ctx, const session_t *session, bool request)
{
    if (!ctx || !session)
        return -DTLS_ERR_ARGUMENT;
    conn_t *conn = peers_conn(ctx, session);
    if (!conn || !rules_of(conn)->acks || conn->phase != PHASE_CONNECTED)
        return -DTLS_ERR_STATE;
    if (!post13_has_epochs(conn))
        return -DTLS_ERR_KEY_LIMIT;
    enter(ctx);
    int result = update_keys(conn, request);
    leave_for(ctx, conn->peer);
    return result;
}
