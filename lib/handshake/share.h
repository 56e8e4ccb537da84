/*
 * share.h - the (EC)DHE of a handshake: our key pair, the peer's share, the secret of both.
 */
#ifndef SHARE_H
#define SHARE_H

#include "base/bytes.h"
#include "conn/state.h"

bool share_group_is_ours(const dtls_context_t *ctx, uint16_t group);
/* A fresh key pair of that group; or in the field that the peer has chosen, if that is safe. */
dtls_error_t share_make(conn_t *conn, const group_t *group);
dtls_error_t share_make_in_field(conn_t *conn, reader_t prime, reader_t generator);
/* The secret, and with it the group is agreed on. */
dtls_error_t share_derive(conn_t *conn, reader_t peer);
/* Neither is needed any more. */
void share_end(conn_t *conn);

#endif
