/*
 * closing.h - the end of an association by close_notify. In DTLS 1.3 each side closes its own
 * direction.
 */
#ifndef CLOSING_H
#define CLOSING_H

#include "conn/state.h"

/* Sends close_notify, and resends it until the peer has sent its own or no longer responds. Cancels
 * the handshake if it is not complete. */
void closing_start(conn_t *conn);

/* Resends close_notify, or ends the association. Call this at the time closing.at. */
void closing_run(conn_t *conn);

/* Processes an authenticated close_notify. */
void closing_receive(conn_t *conn, const record_t *record);

/* Returns true if the record was sent after the peer's close_notify: its data must be ignored (RFC
 * 9147 section 5.10). */
bool closing_is_after(const conn_t *conn, const record_t *record);

/* Call this when a received record shows that the peer has our last flight of the handshake. Stores
 * that the peer has it. If the association was kept only to resend that flight, ends the
 * association. */
void closing_confirmed(conn_t *conn);

#endif
