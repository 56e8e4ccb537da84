#include "conn/establish.h"

#include "conn/rules.h"

#include "conn/conn.h"
#include "conn/evict.h"
#include "conn/pending.h"

void establish(conn_t *conn)
{
    dtls_peer_t *peer = conn->peer;
    if (conn->phase != PHASE_HANDSHAKE)
        return; /* a callback has ended it */
    pending_remove(conn);
    conn->phase = PHASE_CONNECTED;
    conn->ctx->connected++;
    conn->last_heard = conn->last_answer = now_of(conn->ctx);
    conn->handshake_ms = (uint32_t)(conn->last_heard - conn->started);
    conn->held_ripe = true;
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
    } else if (conn_begin_end(peer->conn)) {
        /* Only now is the old association certainly abandoned: RFC 6347 section 4.2.8. */
        peer->conn->failure = (failure_t){.error = DTLS_ERR_REPLACED};
        conn_finish_end(peer->conn, DTLS_EVENT_FAILED);
    }
}
