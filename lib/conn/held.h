/*
 * held.h - records that came before the keys or the ChangeCipherSpec that they need.
 */
#ifndef HELD_H
#define HELD_H

#include "conn/state.h"

/* Keeps a copy of a record. False: there is no room. */
bool held_add(conn_t *conn, const record_t *record);
/* What held records waited for may have come: they get another chance. */
void held_retry(conn_t *conn);
/* The held records, HELD_MAX bytes allocated, once held_retry() was called; their length. NULL: nothing to do. The
 * caller wipes them. */
uint8_t *held_take(conn_t *conn, size_t *length);
void held_end(conn_t *conn);

#endif
