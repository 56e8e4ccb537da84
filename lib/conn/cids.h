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
/* Applies the extensions of the peer's hello. */
void cids_agree(conn_t *conn, const extensions_t *theirs);
bool cids_agreed(const conn_t *conn);
/* Returns the connection ID for our records; NULL: none. */
const cid_t *cids_to_send(const conn_t *conn);
/* The peer must put one of ours into its records. */
bool cids_expected(const conn_t *conn);
/* Writes the connection_id and rrc extensions of our hello. */
void put_cid_extensions(writer_t *w, const conn_t *conn);

/* Adds one of our IDs. If there are OWN_CIDS already: replaces the oldest if in_place, else returns
 * DTLS_ERR_PEER_LIMIT. Also returns DTLS_ERR_PEER_LIMIT if no unused ID is found. */
dtls_error_t cids_add(conn_t *conn, bool in_place);
void cids_free(conn_t *conn);

/* Returns the association that owns this ID of config.cid_length bytes; NULL: none. */
conn_t *cids_find(const dtls_context_t *ctx, const uint8_t *cid);

#endif
