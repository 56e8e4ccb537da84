/*
 * resume.h - the state of a session that a client can resume: config.ticket() gives it to the
 * application, dtls_resume() gets it back. Its suite determines the version.
 */
#ifndef RESUME_H
#define RESUME_H

#include "conn/state.h"

/* Server: seals a ticket for the session of this association. The caller sets issued, age_add and psk; the
 * function sets the other members. If tickets are not available, *length is 0. Returns DTLS_ERR_MEMORY or
 * DTLS_ERR_CRYPTO if the ticket cannot be made. */
dtls_error_t resume_issue_ticket(conn_t *conn, ticket_t *ticket, uint8_t out[TICKET_MAX],
                                 size_t *length);

/* Gives the application the state of a session. If there is not enough memory, does nothing: the session
 * cannot be resumed then. */
void resume_export(const conn_t *conn, const resumption_t *session);
/* Offers the session in the client's handshake: DTLS 1.3, as the first PSK; DTLS 1.2, as the session.
 * If the state cannot be used, does nothing. age_ms: the age of the state. Returns false if there is not
 * enough memory, or no randomness. */
bool resume_import(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms);
/* DTLS 1.2: forgets the session, which is not offered or which the server does not resume. */
void resume_drop(conn_t *conn);

#endif
