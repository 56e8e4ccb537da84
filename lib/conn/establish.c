#include "conn/establish.h"

#include "conn/rules.h"

#include "conn/conn.h"
#include "conn/evict.h"
#include "conn/held.h"
#include "conn/liveness.h"
#include "conn/pending.h"

void establish(conn_t *conn)
{
    dtls_peer_t *peer = conn->peer;
    if (conn->phase != PHASE_HANDSHAKE)
        return; /* a callback has ended it */
    pending_remove(conn);
    conn->phase = PHASE_CONNECTED;
    conn->ctx->connected++;
    liveness_start(conn);
    conn->handshake_ms = (uint32_t)(conn->last_heard - conn->started);
    held_retry(conn);
    bool awaits_ack = conn->flight.timer_at != NEVER;
    conn->limit = awaits_ack ? conn->started + conn->ctx->config.handshake_ms : NEVER;
    conn_end_handshake(conn);
    if (rules_of(conn)->acks)
        reassembly_drop_plaintext(&conn->reassembly, &conn->ctx->alloc);
    else
        reassembly_end(&conn->reassembly, &conn->ctx->alloc);
    if (peer->conn == conn) {
        evict_for(conn);
        if (conn->phase == PHASE_CONNECTED)
            conn_event(conn, 0, DTLS_EVENT_CONNECTED);
    } else {
        /* Only now is the old association certainly abandoned: RFC 6347 section 4.2.8. */
        conn_end_for(peer->conn, DTLS_ERR_REPLACED, DTLS_EVENT_FAILED);
    }
}
