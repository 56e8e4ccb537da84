/*
 * sizes.h - how large records may be: record_size_limit (RFC 8449), and max_fragment_length (RFC 6066
 * section 4) for clients without record_size_limit.
 */
#ifndef SIZES_H
#define SIZES_H

#include "conn/state.h"

#define MTU_MIN 256
#define MTU_MAX 65507
#define RECORD_LIMIT_MIN 64 /* RFC 8449 section 4 */
#include "message/ext.h"

/* The peer's hello has a limit, or not; ours is the answer of a server, or what it answers. */
dtls_error_t sizes_agree(conn_t *conn, const extensions_t *theirs);
/* Server: whether its hello has an extension for the size; writes it. */
bool sizes_agreed(const conn_t *conn);
void put_sizes_extension(writer_t *w, const conn_t *conn);
/* Applies the limits to all epochs. Call this after an epoch or a limit is added. */
void sizes_apply(conn_t *conn);
/* Sets the longest datagram to the peer, in bytes. */
void sizes_set_mtu(conn_t *conn, size_t mtu);

#endif
