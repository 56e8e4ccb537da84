/*
 * epochs.h - the keys of an association, by epoch (RFC 9147 section 6.1), and the records that arrived
 * before their keys.
 */
#ifndef EPOCHS_H
#define EPOCHS_H

#include "conn/state.h"

/* Makes `plaintext` the write epoch 0 of a new association. The association frees it. */
void epochs_start(conn_t *conn, epoch_t *plaintext);
/* Return an empty epoch with this number, and end the epoch that had its slot. NULL: no memory. */
epoch_t *epochs_new_read(conn_t *conn, uint64_t number);
epoch_t *epochs_new_write(conn_t *conn, uint64_t number);
/* End this epoch, if it exists: its keys are wiped. */
void epochs_end_read(conn_t *conn, uint64_t number);
void epochs_end_write(conn_t *conn, uint64_t number);
/* Ends all epochs and wipes the held records. */
void epochs_end(conn_t *conn);
/* From now on, alerts, ACKs and application data are sent in this epoch. */
void epochs_send_in(conn_t *conn, uint64_t number);

/* ---- DTLS 1.3: old read keys ---- */

/* From now on, this epoch is the newest one in which the peer sends application data. Until its first
 * record arrives, the peer still uses the epoch before it. */
void epochs_advance_read(conn_t *conn, uint64_t number);
/* Call this for each authenticated record: a record of the newest epoch shows that the peer has changed
 * its keys. */
void epochs_read_in(conn_t *conn, uint64_t number);
/* Keeps the older read keys for twice the maximum segment lifetime from now: for late
 * records, and for a peer that has missed our ACK (RFC 9147 section 5.8.1). */
void epochs_retain(conn_t *conn);
/* Wipes the read keys that epochs_retain() has kept: all but the newest, and those that the peer still
 * uses. */
void epochs_retire(conn_t *conn);

/* Returns true if there are keys for the record and they may be used. In DTLS 1.2 they may be used after
 * the ChangeCipherSpec. */
bool epochs_may_read(const conn_t *conn, const record_t *record);

/* ---- records that arrived before their keys or their ChangeCipherSpec ---- */

/* Stores a copy of a record. Returns false if there is no room or no memory. */
bool held_add(conn_t *conn, const record_t *record);
/* Call this when keys or the ChangeCipherSpec have arrived: the next held_take() returns the records. */
void held_retry(conn_t *conn);
/* Returns the held records, and their length in bytes in *length. The caller frees them with alloc_wipe();
 * their size is HELD_MAX. NULL: none is held, or held_retry() was not called since. */
uint8_t *held_take(conn_t *conn, size_t *length);

#endif
