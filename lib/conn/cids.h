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

/* ---- DTLS 1.3: NewConnectionId and RequestConnectionId ---- */

/* The next NewConnectionId replaces the ID that the peer uses. */
void cids_issue_immediate(conn_t *conn);
/* The peer has requested `count` spare IDs. */
void cids_issue_spare(conn_t *conn, uint8_t count);
/* A NewConnectionId has been written. */
void cids_issued(conn_t *conn);
/* The next RequestConnectionId requests `count` IDs. */
void cids_request(conn_t *conn, uint8_t count);
/* The peer has issued new IDs. immediate: use it from now on, and forget the spare ones; NULL: keep them.
 * Spare IDs above PEER_SPARES are ignored. */
void cids_accept(conn_t *conn, const cid_t *immediate, const cid_t *spare, size_t count);
/* The peer has moved. A spare ID keeps an observer of both paths from linking them: RFC 9147 section 9. */
void cids_use_spare(conn_t *conn);

/* ---- the check of the peer's new address ---- */

/* Starts a check of this kind. Returns false if there is no randomness for its cookie. */
bool cids_start_check(conn_t *conn, check_t kind, const session_t *address, dtls_tick_t until);
/* CHECK_FLIGHT: the record with this number is the first one sent to the new address. */
void cids_track_check(conn_t *conn, record_number_t first, dtls_tick_t until);
/* CHECK_FLIGHT: counts a transmission to the new address. Returns false if there were `most` already. */
bool cids_count_check_send(conn_t *conn, unsigned most);
void cids_end_check(conn_t *conn);
/* Returns the check under way if it is of this kind, else NULL. */
const path_check_t *cids_check(const conn_t *conn, check_t kind);

/* Returns the association that owns this ID of config.cid_length bytes; NULL: none. */
conn_t *cids_find(const dtls_context_t *ctx, const uint8_t *cid);

#endif
