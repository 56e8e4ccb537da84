/* resume.h - the sessions that a client can resume, and the tickets of a server. config.ticket()
 * passes a serialized session to the application, and dtls_resume() passes it back. */
#ifndef RESUME_H
#define RESUME_H

#include "conn/state.h"

/* Server: makes a ticket for the session of this association, and sets *length to the length of the
 * ticket; 0: tickets are not enabled. The caller has set ticket->issued, age_add and psk. Returns
 * DTLS_ERR_MEMORY or DTLS_ERR_CRYPTO if the ticket cannot be made. */
dtls_error_t resume_issue_ticket(conn_t *conn, ticket_t *ticket, uint8_t out[TICKET_MAX],
                                 size_t *length);

/* Serializes a session, and passes it to config.ticket(). If memory is short, does nothing: the
 * session then cannot be resumed. */
void resume_export(const conn_t *conn, const resumption_t *session);
/* Offers a session in the ClientHello: a DTLS 1.3 session as the first PSK, a DTLS 1.2 session by
 * its ticket or ID. Does nothing if the state (the serialized session) cannot be used. age_ms: the
 * age of the state. Returns false if memory is short or config.random fails. */
bool resume_import(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms);
/* DTLS 1.2: removes the session to resume from the association. Call this if we do not offer the
 * session or the server does not resume it. */
void resume_drop(conn_t *conn);
/* DTLS 1.3: removes the PSK of the ticket, which is the first of two. */
void resume_drop_ticket(conn_t *conn);
/* DTLS 1.3: does what resume_drop_ticket() does if the ticket comes from another key or identity
 * than our external PSK, which was added after the ticket. */
void resume_check_key(conn_t *conn);

#endif
