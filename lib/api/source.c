#include "api/source.h"

#include "conn/epochs.h"
#include "conn/peers.h"
#include "conn/trace.h"

void source_look_up(source_t *from)
{
    if (from->changes == from->ctx->peers.changes)
        return;
    from->changes = from->ctx->peers.changes;
    from->peer = peers_find(from->ctx, from->session);
}

void source_drop(const source_t *from, conn_t *conn, const record_t *record, dtls_drop_t reason)
{
    if (!conn && from->peer)
        conn = from->peer->conn;
    trace_drop(from->ctx, conn, from->session, record, reason);
}

void source_hold(const source_t *from, conn_t *conn, const record_t *record)
{
    if (!held_add(conn, record))
        source_drop(from, conn, record, DTLS_DROP_TOO_EARLY);
}
