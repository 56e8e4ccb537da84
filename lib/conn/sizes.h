/*
 * sizes.h - how large records may be: record_size_limit (RFC 8449), and max_fragment_length (RFC 6066
 * section 4) for clients that know no better.
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
/* Whether a server has something to say of it, and that. */
bool sizes_agreed(const conn_t *conn);
void put_sizes_extension(writer_t *w, const conn_t *conn);
/* To all epochs that there are: to be called when there is one more, or a limit. */
void sizes_apply(conn_t *conn);
/* Datagrams to the peer have at most this many bytes. */
void sizes_set_mtu(conn_t *conn, size_t mtu);

#endif
