/* establish.h - the successful end of a handshake, and the limit of connected peers
 * (config.max_peers). */
#ifndef ESTABLISH_H
#define ESTABLISH_H

#include "conn/state.h"

/* Makes the association connected. If the association is a candidate (a new handshake of a
 * connected peer), it replaces the peer's old association, which ends. If too many clients are
 * connected, ends the association of one of them. */
void establish(conn_t *conn);

#endif
