/*
 * epochs.h - the keys of an association, by epoch: RFC 9147 section 6.1.
 */
#ifndef EPOCHS_H
#define EPOCHS_H

#include "conn/state.h"

/* An empty epoch with this number; the epoch that had its slot is ended. NULL: no memory. */
epoch_t *epochs_new_read(conn_t *conn, uint64_t number);
epoch_t *epochs_new_write(conn_t *conn, uint64_t number);
void epochs_end_read(conn_t *conn, uint64_t number);
void epochs_end_write(conn_t *conn, uint64_t number);
void epochs_end(conn_t *conn); /* all */
/* Alerts, data and ACKs go out in this epoch from now on. */
void epochs_send_in(conn_t *conn, uint64_t number);
/* Keeps the older read keys for twice the maximum segment lifetime from now: for late
 * records, and for a peer that has missed our ACK (RFC 9147 section 5.8.1). */
void epochs_retain(conn_t *conn);
/* Call this for each record. A record of the newest epoch shows that the peer has changed its keys. */
void epochs_read_in(conn_t *conn, uint64_t number);
/* Wipes all read keys but the newest: those that were kept for late or repeated records. */
void epochs_retire(conn_t *conn);

/* Whether there are keys for a record, and they may be used yet: in DTLS 1.2 after ChangeCipherSpec. */
bool epochs_may_read(const conn_t *conn, const record_t *record);

#endif
