/* source.h - where a datagram comes from. */
#ifndef SOURCE_H
#define SOURCE_H

#include "conn/state.h"

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;  /* the peer at the source address; NULL: none */
    uint64_t changes;   /* the value of peers.changes when `peer` was looked up */
    bool hello_handled; /* a ClientHello in this datagram has been handled */
    bool held;          /* these records were held, so they have been counted before */
    conn_t *by_cid;     /* association of the first connection ID in the datagram; NULL: none */
} source_t;

/* Looks up the peer again if the table of peers has changed: any record may cause a change. */
void source_look_up(source_t *from);
/* Discards a record for this reason. conn: its association; NULL: not known. */
void source_drop(const source_t *from, conn_t *conn, const record_t *record, dtls_drop_t reason);
/* Stores a record until the keys for it are installed. If it cannot be stored, discards it. */
void source_hold(const source_t *from, conn_t *conn, const record_t *record);

#endif
