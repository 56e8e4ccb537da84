/*
 * liveness.h - when the peer was last heard, and what it has not answered.
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "conn/state.h"

/* A record of the peer has come. */
void liveness_received(conn_t *conn);
/* An authenticated record that is not a repeat of a flight has arrived: the peer is alive now. */
void liveness_alive(conn_t *conn);
/* The association is established: both clocks start. */
void liveness_start(conn_t *conn);
/* A HeartbeatRequest, or a message that wants an ACK, has been sent; the peer has answered one. */
void liveness_asked(conn_t *conn);
void liveness_answered(conn_t *conn);

#endif
