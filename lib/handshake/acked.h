/*
 * acked.h - the ACKs of DTLS 1.3 that the peer sends: RFC 9147 section 7.2.
 */
#ifndef ACKED_H
#define ACKED_H

#include "conn/state.h"

/* Handles an ACK record: marks the records that it names as received, and resends at once what is left
 * of a flight. A plaintext ACK is dropped. */
void acked_record(conn_t *conn, const record_t *record);

#endif
