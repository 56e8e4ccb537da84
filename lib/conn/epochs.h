/*
 * epochs.h - the keys of an association, by epoch (RFC 9147 section 6.1), and the records that arrived
 * before their keys.
 */
#ifndef EPOCHS_H
#define EPOCHS_H

#include "conn/state.h"

/* Makes `plaintext` the write epoch 0 of a new association. The association frees it. */
void epochs_start(conn_t *conn, epoch_t *plaintext);
/* Return an empty epoch for the keys with this number. The epoch whose number has the same two
 * lowest bits ends. NULL: no memory. */
epoch_t *epochs_new_read(conn_t *conn, uint64_t number);
epoch_t *epochs_new_write(conn_t *conn, uint64_t number);
/* End this epoch, if it exists, and wipe its keys. */
void epochs_end_read(conn_t *conn, uint64_t number);
void epochs_end_write(conn_t *conn, uint64_t number);
/* Ends all epochs and wipes the held records. */
void epochs_end(conn_t *conn);
/* From now on, alerts, ACKs and application data are sent in this epoch. */
void epochs_send_in(conn_t *conn, uint64_t number);

/* ---- DTLS 1.3: old read keys ---- */

/* From now on, `number` is the newest epoch in which the peer sends application data. Until its
 * first record arrives, the peer still uses the epoch before it. */
void epochs_advance_read(conn_t *conn, uint64_t number);
/* Call this for each authenticated record: a record of the newest epoch shows that the peer has changed
 * its keys. */
void epochs_read_in(conn_t *conn, uint64_t number);
/* Keeps the older read keys for another four minutes, twice the maximum segment lifetime: they are
 * needed for late records, and for a peer that resends because our ACK was lost (RFC 9147 section
 * 5.8.1). */
void epochs_retain(conn_t *conn);
/* Call this at the time v13.retire_at: wipes the older read keys, except keys that the peer still
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
/* Returns the held records, and their total length in *length. The caller frees the HELD_MAX bytes
 * with alloc_wipe(). NULL: no record is held, or held_retry() has not been called. */
uint8_t *held_take(conn_t *conn, size_t *length);

#endif
