/*
 * hs12_resume.h - sessions of DTLS 1.2, by ticket (RFC 5077) or by ID (RFC 5246 section 7.3).
 */
#ifndef HS12_RESUME_H
#define HS12_RESUME_H

#include "handshake/hs.h"
#include "message/hello.h"
#include "message/ticket.h"

/* Server: whether a hello has something to resume, which may turn out to be of no use. */
bool hs12_may_resume(const dtls_context_t *ctx, const client_hello_t *hello);
/* The session that this hello has a ticket or the ID of, if it may be resumed, then conn->resumed. */
dtls_error_t hs12_find_session(conn_t *conn, const client_hello_t *hello);
/* How the client may come back: with a ticket if it knows those, else by an ID. */
dtls_error_t hs12_offer_session(conn_t *conn, const client_hello_t *hello);
/* The client has shown that the session is its own: spends its ticket, keeps what is to be found by its ID. */
dtls_error_t hs12_keep_session(conn_t *conn);
#define HS12_TICKET_ROOM (MESSAGE_HEADER + 4 + 2 + TICKET_MAX)
/* Adds a NewSessionTicket to the flight; an empty one where none can be made (RFC 5077 section 3.3). */
dtls_error_t hs12_put_ticket(conn_t *conn);

/* Client: a ServerHello that is fit for the session that was offered resumes it, or there is a new one. */
dtls_error_t hs12_check_resumption(const conn_t *conn, const server_hello_t *hello);
dtls_error_t hs12_choose_session(conn_t *conn, const server_hello_t *hello);
dtls_error_t hs12_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);
/* Tells the application of what it may resume, now that it is known to be the server's. */
dtls_error_t hs12_give_session(conn_t *conn);

#endif
