/* liveness.h - when the peer last showed that it is alive, and how many of our requests have no
 * response. */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "conn/state.h"

/* Stores that a record of the peer has arrived. Call this for each record, authentic or not. */
static inline void liveness_received(conn_t *conn)
{
    conn->liveness.received_any = true;
}

/* Stores the time at which the peer was last alive. Call this for each authenticated record, unless
 * the peer only repeats its last flight. */
static inline void liveness_alive(conn_t *conn)
{
    conn->liveness.last_received = now_of(conn->ctx);
}

/* Starts to measure how long the peer is silent. Call this when the handshake is complete. */
static inline void liveness_start(conn_t *conn)
{
    conn->liveness.last_received = conn->liveness.last_response = now_of(conn->ctx);
}

/* Counts a request without a response. Call this when we have sent a HeartbeatRequest, or a message
 * that needs an ACK. */
static inline void liveness_requested(conn_t *conn)
{
    conn->liveness.unanswered++;
}

/* Stores the time of the peer's last response, and sets the count of requests without a response to
 * 0. Call this for each HeartbeatResponse and each ACK of the peer. */
static inline void liveness_responded(conn_t *conn)
{
    conn->liveness.last_response = now_of(conn->ctx);
    conn->liveness.unanswered = 0;
}

#endif
