/*
 * rrc.h - the check whether a peer receives at an address from which its records now arrive:
 * the basic return routability check of RFC 9853 section 5.1. If the peer does not support it,
 * a heartbeat or a message that needs an ACK is used instead.
 */
#ifndef RRC_H
#define RRC_H

#include "conn/state.h"

/* Call this when an authentic record with the highest number so far has arrived from another
 * address than that of the peer. Starts a check, unless one is under way. size: bytes of the record
 * on the wire. */
void rrc_new_address(conn_t *conn, const session_t *session, size_t size);
/* Call this when a record from this address has been processed. If the record passes the check, the
 * peer moves to the address. */
void rrc_received(conn_t *conn, const session_t *session, const record_t *record);
/* Handles a return_routability_check record from this address. */
void rrc_record(conn_t *conn, const session_t *session, const record_t *record);

#endif
