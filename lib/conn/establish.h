/*
 * establish.h - the end of a handshake.
 */
#ifndef ESTABLISH_H
#define ESTABLISH_H

#include "conn/state.h"

/* The handshake is complete: the association takes its place, or that of the one before it. */
void establish(conn_t *conn);

#endif
