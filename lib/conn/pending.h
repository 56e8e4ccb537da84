/*
 * pending.h - the handshakes of a context that are under way: those of its clients from the oldest, and its own.
 */
#ifndef PENDING_H
#define PENDING_H

#include "conn/state.h"

void pending_add(conn_t *conn);
/* Before its phase changes; without effect after the handshake. */
void pending_remove(conn_t *conn);
/* Whether this is the random of one of our own client handshakes, so that the hello was reflected to us. */
bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random);

#endif
