/*
 * rrc.h - the return routability check of RFC 9853, in its basic form: before a peer is believed to be
 * at another address it has to answer from there.
 */
#ifndef RRC_H
#define RRC_H

#include "state.h"

/* A record of that size on the wire, newer than all before, has come from elsewhere. */
void rrc_seen_at(conn_t *conn, const session_t *session, size_t size);
/* A return_routability_check record from there. */
void rrc_record(conn_t *conn, const session_t *session, const record_t *record);

#endif
