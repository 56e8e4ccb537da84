/* epochs.h - the keys of an association, by epoch (RFC 9147 section 6.1), and the records that are
 * held because they arrived before their keys. */
#ifndef EPOCHS_H
#define EPOCHS_H

#include "conn/state.h"

/* Makes `plaintext` the write epoch 0 of a new association. The association frees `plaintext`
 * later. */
void epochs_start(conn_t *conn, epoch_t *plaintext);
/* These two return an empty epoch for the keys with this number. If an epoch whose number has the
 * same two lowest bits exists, they end it. NULL: no memory. */
epoch_t *epochs_new_read(conn_t *conn, uint64_t number);
epoch_t *epochs_new_write(conn_t *conn, uint64_t number);
/* These two end the epoch with this number, if it exists, and wipe its keys. */
void epochs_end_read(conn_t *conn, uint64_t number);
void epochs_end_write(conn_t *conn, uint64_t number);
/* Ends all epochs, and wipes the held records (those that arrived before their keys). */
void epochs_end(conn_t *conn);
/* Makes the epoch with this number the one in which alerts, ACKs and application data are sent. */
void epochs_send_in(conn_t *conn, uint64_t number);

/* ---- DTLS 1.3: old read keys ---- */

/* Makes `number` the newest epoch in which the peer sends application data. Until the first
 * record of that epoch arrives, we assume that the peer still uses the epoch before. */
void epochs_advance_read(conn_t *conn, uint64_t number);
/* Call this for each authenticated record, with the epoch of the record as number. If this epoch is
 * the newest one, stores that the peer no longer uses its old keys. */
void epochs_read_in(conn_t *conn, uint64_t number);
/* Makes the older read keys expire in four minutes, twice the maximum segment lifetime. Until then,
 * two kinds of records need these keys: records that arrive late, and records that the peer resends
 * because our ACK was lost (RFC 9147 section 5.8.1). Frees what libcrypto has allocated for them, which
 * such a record makes again. */
void epochs_retain(conn_t *conn);
/* Wipes the older read keys, except those that the peer still uses. Call this at the time
 * v13.retire_at. */
void epochs_retire(conn_t *conn);

/* Returns true if we have the keys for the record and may use them. In DTLS 1.2 they may be used
 * only after the ChangeCipherSpec. */
bool epochs_may_read(const conn_t *conn, const record_t *record);

/* ---- records that arrived before their keys or their ChangeCipherSpec ---- */

/* Stores a copy of a record that arrived before its keys. Returns false if the HELD_MAX bytes for
 * such records are full or memory is short. */
bool held_add(conn_t *conn, const record_t *record);
/* Makes the next held_take() return the held records (those that arrived before their keys). Call
 * this when keys or the ChangeCipherSpec have arrived. */
void held_retry(conn_t *conn);
/* Returns the held records (those that arrived before their keys), and sets *length to their total
 * length. The caller owns the block of HELD_MAX bytes, and frees it with alloc_wipe(). NULL: no
 * record is held, or held_retry() was not called. */
uint8_t *held_take(conn_t *conn, size_t *length);

#endif
