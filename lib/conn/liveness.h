/*
 * liveness.h - when the peer last showed that it is alive, and which of our requests have no response.
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "conn/state.h"

/* A record of the peer has arrived. It may be forged. */
static inline void liveness_received(conn_t *conn)
{
    conn->liveness.received_any = true;
}

/* An authenticated record has arrived that is not a repeat of a flight: the peer is alive now. */
static inline void liveness_alive(conn_t *conn)
{
    conn->liveness.last_received = now_of(conn->ctx);
}

/* The association is established: both clocks start. */
static inline void liveness_start(conn_t *conn)
{
    conn->liveness.last_received = conn->liveness.last_response = now_of(conn->ctx);
}

/* We have sent a HeartbeatRequest, or a message that needs an ACK. */
static inline void liveness_requested(conn_t *conn)
{
    conn->liveness.unanswered++;
}

/* The peer has sent a HeartbeatResponse or an ACK. */
static inline void liveness_responded(conn_t *conn)
{
    conn->liveness.last_response = now_of(conn->ctx);
    conn->liveness.unanswered = 0;
}

#endif
