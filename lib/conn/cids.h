/* cids.h - connection IDs (RFC 9146, RFC 9147 section 9). The peer puts one of our IDs into its
 * records, by which we find the association of a record even if the peer's address has changed. We
 * put an ID of the peer into our records. */
#ifndef CIDS_H
#define CIDS_H

#include "conn/state.h"
#include "message/ext.h"

/* These two start and end the table of our connection IDs. cids_start() returns false if memory is
 * short or config.random fails. cids_end() needs an empty table. */
bool cids_start(dtls_context_t *ctx);
void cids_end(dtls_context_t *ctx);

/* Makes our first connection ID if config.use_cid is set. Returns DTLS_ERR_MEMORY, DTLS_ERR_CRYPTO,
 * or DTLS_ERR_PEER_LIMIT if no unused ID is found. A client calls it before it writes the
 * ClientHello, a server before it applies the ClientHello. */
dtls_error_t cids_offer(conn_t *conn);
/* Applies the connection_id and rrc extensions of the peer's hello. If the hello has no
 * connection_id, frees our connection IDs. */
void cids_agree(conn_t *conn, const extensions_t *theirs);
/* Returns true if both hellos have connection_id. */
bool cids_agreed(const conn_t *conn);
/* Returns the peer's connection ID to put into our records. NULL: our records have no connection
 * ID. */
const cid_t *cids_to_send(const conn_t *conn);
/* Returns true if the peer must put one of our IDs into its records. */
bool cids_expected(const conn_t *conn);
/* Writes the connection_id and rrc extensions of our hello. */
void put_cid_extensions(writer_t *w, const conn_t *conn);

/* Makes another connection ID of ours. If we already have OWN_CIDS of them: replaces the oldest one
 * if in_place is true, else returns DTLS_ERR_PEER_LIMIT. Also returns DTLS_ERR_PEER_LIMIT if no
 * unused ID is found. Other errors: DTLS_ERR_MEMORY, DTLS_ERR_CRYPTO. */
dtls_error_t cids_add(conn_t *conn, bool in_place);
/* Frees the connection IDs of an association. */
void cids_free(conn_t *conn);

/* ---- DTLS 1.3: NewConnectionId and RequestConnectionId ---- */

/* Makes the next NewConnectionId contain one connection ID that the peer must use from then on
 * (usage cid_immediate). */
void cids_issue_immediate(conn_t *conn);
/* Makes the next NewConnectionId contain `count` spare connection IDs (usage cid_spare), as the
 * peer has requested. */
void cids_issue_spare(conn_t *conn, uint8_t count);
/* Clears what cids_issue_immediate() and cids_issue_spare() have set. Call this when the
 * NewConnectionId has been written. */
void cids_issued(conn_t *conn);
/* Makes the next RequestConnectionId request `count` connection IDs. */
void cids_request(conn_t *conn, uint8_t count);
/* Stores new connection IDs that the peer has issued. immediate: the ID to use from now on, in
 * place of all earlier ones; NULL: the current ID stays in use. Stores at most PEER_SPARES spare
 * IDs (unused ones, for later), and ignores the rest. */
void cids_accept(conn_t *conn, const cid_t *immediate, const cid_t *spare, size_t count);
/* If the peer has issued a spare connection ID (one for later use), puts that ID into our records
 * from now on. An observer of both paths then cannot see that they belong to the same association
 * (RFC 9147 section 9). Call this when the peer has moved. */
void cids_use_spare(conn_t *conn);

/* ---- the check of the peer's new address ---- */

/* Starts to check whether the peer receives at this address. The check ends at the time `until`.
 * Returns false if config.random failed. */
bool cids_start_check(conn_t *conn, check_t kind, const session_t *address, dtls_tick_t until);
/* For CHECK_FLIGHT: stores the first unused record number, and the time at which the check ends. */
void cids_track_check(conn_t *conn, record_number_t first, dtls_tick_t until);
/* Returns true if this transmission goes to the new address of the peer. During a check by
 * CHECK_FLIGHT, the first CHECK_SENDS transmissions do. The next one goes to the old address and
 * ends the check, because an ACK of that transmission would prove nothing about the new address. */
bool cids_begin_check_send(conn_t *conn);
/* Stores the numbers of the records of that transmission. */
void cids_note_check_send(conn_t *conn, uint64_t from, uint64_t end);
/* Leaves out a random number of record numbers. Returns false if config.random fails. */
bool cids_skip_numbers(conn_t *conn);
/* Ends the check of a new address, whether the address has passed it or not. */
void cids_end_check(conn_t *conn);
/* Returns the check of a new address, if one of this kind is under way. NULL: no such check is
 * under way. */
const path_check_t *cids_check(const conn_t *conn, check_t kind);

/* Returns the association to which we have issued this connection ID of config.cid_length bytes.
 * NULL: there is none. */
conn_t *cids_find(const dtls_context_t *ctx, const uint8_t *cid);

#endif
