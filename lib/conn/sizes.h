/* sizes.h - the largest datagram and record. Each side announces the largest record that it accepts
 * by record_size_limit (RFC 8449). A client that does not send record_size_limit may send
 * max_fragment_length (RFC 6066 section 4). */
#ifndef SIZES_H
#define SIZES_H

#include "conn/state.h"

#define MTU_MIN 256
#define MTU_MAX 65507
#define RECORD_LIMIT_MIN 64 /* the smallest limit that a peer may announce (RFC 8449 section 4) */
#include "message/ext.h"

/* Stores the record size limit of the peer's hello, if it has one. Returns
 * DTLS_ERR_ILLEGAL_PARAMETER if the limit is out of range. */
dtls_error_t sizes_agree(conn_t *conn, const extensions_t *theirs);
/* Server: sizes_agreed() returns true if our ServerHello or EncryptedExtensions needs an extension
 * for the record size. put_sizes_extension() writes the extension. */
bool sizes_agreed(const conn_t *conn);
void put_sizes_extension(writer_t *w, const conn_t *conn);
/* Applies the limits to all epochs. Call this when an epoch is started or a limit changes. */
void sizes_apply(conn_t *conn);
/* Sets the length in bytes of the longest datagram that we send. */
void sizes_set_mtu(conn_t *conn, size_t mtu);

#endif
