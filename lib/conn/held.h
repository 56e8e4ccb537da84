/*
 * held.h - records that came before the keys or the ChangeCipherSpec that they need.
 */
#ifndef HELD_H
#define HELD_H

#include "conn/state.h"

/* Stores a copy of a record. Returns false if there is no room. */
bool held_add(conn_t *conn, const record_t *record);
/* Call this when keys have arrived: held_take() returns the records. */
void held_retry(conn_t *conn);
/* The held records, HELD_MAX bytes allocated, once held_retry() was called; their length. NULL: nothing to do. The
 * caller wipes them. */
uint8_t *held_take(conn_t *conn, size_t *length);
void held_end(conn_t *conn);

#endif
