/* acked.h - handling of the ACKs that the peer sends in DTLS 1.3 (RFC 9147 section 7.2). */
#ifndef ACKED_H
#define ACKED_H

#include "conn/state.h"

/* Handles an ACK: marks the listed records as received, and resends the rest of their flight at
 * once. Drops a plaintext ACK. Ends the association if the ACK lists a record that cannot have been
 * sent. */
void acked_record(conn_t *conn, const record_t *record);

#endif
