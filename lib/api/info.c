#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/peers.h"

#include <string.h>

const dtls_message_t *dtls_callback_hello(const dtls_context_t *ctx)
{
    return ctx ? ctx->hello : NULL;
}

int dtls_get_info(const dtls_context_t *ctx, const session_t *session, dtls_info_t *info)
{
    const conn_t *conn = peers_conn(ctx, session);
    if (!ctx || !session || !info)
        return -DTLS_ERR_ARGUMENT;
    if (!conn)
        return -DTLS_ERR_STATE;
    bool moving = conn->cids && conn->cids->new_address;
    *info = (dtls_info_t){
        .client = conn->client,
        .connected = conn->phase == PHASE_CONNECTED || conn->phase == PHASE_CLOSING,
        .ems = conn->negotiated.ems,
        .cookie = conn->negotiated.cookie,
        .address = *(moving ? conn->cids->new_address : &conn->peer->session),
        .resumed = conn->negotiated.resumed,
        .early_data = conn->early.status,
        .heartbeat = conn->heartbeat.allowed,
        .mtu = conn->sizes.mtu,
        .alert_received = conn->failure.alert_received,
        .alert_authenticated = conn->failure.alert_authenticated,
        .received_any = conn->liveness.received_any,
        .proof = conn_proof(conn),
        .cid_in = cids_expected(conn),
        .cid_out = cids_to_send(conn) != NULL,
        .version = conn->negotiated.version,
        .group = conn->negotiated.group,
        .suite = conn->negotiated.suite ? conn->negotiated.suite->id : 0,
        .suite_name = conn->negotiated.suite ? conn->negotiated.suite->name : NULL,
        .identity = conn->identity,
        .identity_length = conn->identity_length,
        .hint = conn->hs ? conn->hs->hint : NULL,
        .hint_length = conn->hs ? conn->hs->hint_length : 0,
        .handshake_ms = conn->handshake_ms,
        .silent_ms = conn->liveness.last_received ? now_of(ctx) - conn->liveness.last_received : 0,
        .unanswered_ms =
            conn->liveness.last_response ? now_of(ctx) - conn->liveness.last_response : 0,
        .heartbeat_seen = conn->heartbeat.received_any,
        .unanswered = conn->liveness.unanswered,
        .error = conn->failure.error,
        .alert = conn->failure.alert,
    };
    return 0;
}

static dtls_stats_t stats_of(const counts_t *counts)
{
    return (dtls_stats_t){.records_in = counts->records_in,
                          .bytes_in = counts->bytes_in,
                          .records_out = counts->records_out,
                          .bytes_out = counts->bytes_out,
                          .datagrams_in = counts->datagrams_in,
                          .datagrams_out = counts->datagrams_out,
                          .octets_in = counts->octets_in,
                          .octets_out = counts->octets_out,
                          .lost = counts->lost,
                          .arrived = counts->arrived,
                          .late = counts->late,
                          .too_long = counts->too_long,
                          .timeouts = counts->timeouts,
                          .resent = counts->resent,
                          .write_failed = counts->write_failed};
}

int dtls_get_stats(const dtls_context_t *ctx, const session_t *session, dtls_stats_t *stats)
{
    if (!ctx || !stats)
        return -DTLS_ERR_ARGUMENT;
    if (!session) {
        *stats = stats_of(&ctx->counts);
        memcpy(stats->dropped, ctx->dropped, sizeof stats->dropped);
        stats->replayed = stats->dropped[DTLS_DROP_REPLAYED];
        return 0;
    }
    const conn_t *conn = peers_conn(ctx, session);
    if (!conn)
        return -DTLS_ERR_STATE;
    *stats = stats_of(&conn->counts); /* stats.lost has only the losses of epochs that have ended */
    if (conn->dropped)
        memcpy(stats->dropped, conn->dropped, sizeof stats->dropped);
    stats->replayed = stats->dropped[DTLS_DROP_REPLAYED];
    for (size_t i = 0; i < EPOCH_SLOTS; i++)
        if (conn->read[i])
            stats->lost += epoch_lost(conn->read[i]);
    return 0;
}
