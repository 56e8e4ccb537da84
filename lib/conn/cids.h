/*
 * cids.h - connection IDs (RFC 9146, RFC 9147 section 9): the ones that we give out, by which records
 * find their association wherever they come from, and the ones that the peer has given us.
 */
#ifndef CIDS_H
#define CIDS_H

#include "conn/state.h"
#include "message/ext.h"

bool cids_start(dtls_context_t *ctx);
void cids_end(dtls_context_t *ctx);

/* Before a hello that offers or takes them: the first of ours, if we want any. */
dtls_error_t cids_offer(conn_t *conn);
/* The peer's hello has them, or not. */
void cids_agree(conn_t *conn, const extensions_t *theirs);
bool cids_agreed(const conn_t *conn);
/* What the peer wants in our records; NULL: nothing. */
const cid_t *cids_to_send(const conn_t *conn);
/* The peer must put one of ours into its records. */
bool cids_expected(const conn_t *conn);
/* Writes what our hello says of them. */
void put_cid_extensions(writer_t *w, const conn_t *conn);

/* One more of ours, behind those that there are; if these are enough, in place of the oldest or not at all.
 * DTLS_ERR_PEER_LIMIT: that, or none is free. */
dtls_error_t cids_add(conn_t *conn, bool in_place);
void cids_free(conn_t *conn);

/* Returns the association that owns this ID of config.cid_length bytes; NULL: none. */
conn_t *cids_find(const dtls_context_t *ctx, const uint8_t *cid);

#endif
