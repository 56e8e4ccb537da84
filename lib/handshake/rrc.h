/*
 * rrc.h - the check that a peer that seems to have moved receives at its new address: the basic return
 * routability check of RFC 9853 section 5.1. For a peer without it, another message that the peer must
 * respond to takes its place.
 */
#ifndef RRC_H
#define RRC_H

#include "conn/state.h"

/* Call this when an authentic record, newer than all before, has arrived from another address. Starts a
 * check if none is under way. size: bytes of the record on the wire. */
void rrc_new_address(conn_t *conn, const session_t *session, size_t size);
/* Call this when a record from this address has been processed. If the record completes the check, the
 * peer moves to the address. */
void rrc_received(conn_t *conn, const session_t *session, const record_t *record);
/* Handles a return_routability_check record from this address. */
void rrc_record(conn_t *conn, const session_t *session, const record_t *record);

#endif
