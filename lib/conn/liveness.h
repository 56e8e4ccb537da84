/*
 * liveness.h - when the peer last showed that it is alive, and how many of our requests have no
 * response. Call each function when the event happens that its comment names.
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "conn/state.h"

/* A record has arrived. It need not be authentic. */
static inline void liveness_received(conn_t *conn)
{
    conn->liveness.received_any = true;
}

/* An authenticated record has arrived, and not because the peer repeats its last flight: the peer
 * is alive. */
static inline void liveness_alive(conn_t *conn)
{
    conn->liveness.last_received = now_of(conn->ctx);
}

/* The association is established: silence is measured from now on. */
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
