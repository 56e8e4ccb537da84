/*
 * acked.h - what the peer's ACKs release, RFC 9147 section 7.2.
 */
#ifndef ACKED_H
#define ACKED_H

#include "conn/state.h"

/* An ACK record. */
void acked_record(conn_t *conn, const record_t *record);

#endif
