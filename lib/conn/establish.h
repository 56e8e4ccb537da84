/*
 * establish.h - the end of a handshake.
 */
#ifndef ESTABLISH_H
#define ESTABLISH_H

#include "conn/state.h"

/* Completes the handshake. If the association is a candidate, it replaces the peer's old association. */
void establish(conn_t *conn);

#endif
