/*
 * hs12_resume.h - the resumption of DTLS 1.2 sessions, by ticket (RFC 5077) or by session ID (RFC 5246
 * section 7.3). Only sessions with extended master secret are resumed (RFC 7627 section 5.3).
 */
#ifndef HS12_RESUME_H
#define HS12_RESUME_H

#include "handshake/hs.h"
#include "message/hello.h"
#include "message/ticket.h"

/* ---- server ---- */

/* True if the ClientHello has a ticket, or the ID of a session in the cache. It may turn out to be
 * unusable. */
bool hs12_may_resume(const dtls_context_t *ctx, const client_hello_t *hello);
/* Finds the session that the ClientHello refers to. If it can be resumed, sets conn->negotiated.resumed. Returns
 * DTLS_ERR_NONE without a session, too. */
dtls_error_t hs12_find_session(conn_t *conn, const client_hello_t *hello);
/* Decides how the client may resume this session later: with a ticket if the client supports tickets,
 * else by a session ID. */
dtls_error_t hs12_offer_session(conn_t *conn, const client_hello_t *hello);
/* Call this when the client's Finished has verified: redeems the ticket that was used, and adds the
 * session to the cache if the client is to find it by its ID. */
dtls_error_t hs12_cache_session(conn_t *conn);
#define HS12_TICKET_ROOM (MESSAGE_HEADER + 4 + 2 + TICKET_MAX)
/* Adds a NewSessionTicket to the flight. If no ticket can be made, it is empty: RFC 5077 section 3.3. */
dtls_error_t hs12_put_ticket(conn_t *conn);

/* ---- client ---- */

/* Checks what a ServerHello says of the offered session. Returns the error to report to the server. */
dtls_error_t hs12_check_resumption(const conn_t *conn, const server_hello_t *hello);
/* Resumes the offered session if the ServerHello does, else starts a new one. */
dtls_error_t hs12_choose_session(conn_t *conn, const server_hello_t *hello);
dtls_error_t hs12_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);
/* Gives the application the state of the session, to resume it later. Call this when the server's
 * Finished has verified. */
dtls_error_t hs12_export_session(conn_t *conn);

#endif
