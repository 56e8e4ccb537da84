/*
 * closing.h - the end of an association by close_notify, one direction after the other.
 */
#ifndef CLOSING_H
#define CLOSING_H

#include "conn/state.h"

/* Sends close_notify, and repeats it until the peer answers or is given up; ends a handshake at once. */
void closing_start(conn_t *conn);

/* Call this when closing_t.at is due. */
void closing_run(conn_t *conn);

/* Processes an authenticated close_notify. */
void closing_receive(conn_t *conn, const record_t *record);

/* Whether the record follows the peer's close_notify, so that its data has to be ignored: RFC 9147 section
 * 5.10. */
bool closing_is_after(const conn_t *conn, const record_t *record);

/* Call this when a record shows that the peer has our last flight. */
void closing_confirmed(conn_t *conn);

#endif
