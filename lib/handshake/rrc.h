/* rrc.h - the check whether a peer receives at a new address: the basic return routability check
 * (RFC 9853 section 5.1). If the peer does not support this check, a heartbeat or a message that
 * needs an ACK is used instead. */
#ifndef RRC_H
#define RRC_H

#include "conn/state.h"

/* Starts to check whether the peer receives at this address, unless a check is under way. Call this
 * when an authentic record with the highest number so far has arrived from an address that is not
 * the peer's, and has been processed. */
void rrc_new_address(conn_t *conn, const session_t *session, const record_t *record);
/* Moves the peer to this address if the record passes the check. Call this when a record from this
 * address has been processed. */
void rrc_received(conn_t *conn, const session_t *session, const record_t *record);
/* Handles a return_routability_check record from this address. */
void rrc_record(conn_t *conn, const session_t *session, const record_t *record);

#endif
