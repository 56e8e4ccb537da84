/*
 * rrc.h - before a peer is believed to be at another address it has to answer from there: to the return
 * routability check of RFC 9853, in its basic form, or to what else it knows.
 */
#ifndef RRC_H
#define RRC_H

#include "conn/state.h"

/* A record of that size on the wire, newer than all before, has come from elsewhere. */
void rrc_seen_at(conn_t *conn, const session_t *session, size_t size);
/* A record from there has been processed: perhaps it shows that the peer is there. */
void rrc_answered(conn_t *conn, const session_t *session, const record_t *record);
/* A return_routability_check record from there. */
void rrc_record(conn_t *conn, const session_t *session, const record_t *record);

#endif
