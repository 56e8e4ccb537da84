/*
 * hs12_resume.h - resumption in DTLS 1.2, by ticket (RFC 5077) or by session ID (RFC 5246
 * section 7.3). Only sessions with extended master secret are resumed (RFC 7627 section 5.3).
 */
#ifndef HS12_RESUME_H
#define HS12_RESUME_H

#include "handshake/hs.h"
#include "message/hello.h"
#include "message/ticket.h"

/* ---- server ---- */

/* Returns true if the ClientHello has a ticket, or the ID of a cached session. Does not verify the
 * ticket. */
bool hs12_may_resume(const dtls_context_t *ctx, const client_hello_t *hello);
/* Looks for the session that the ClientHello offers, and sets negotiated.resumed if the session can
 * be resumed. Otherwise a full handshake follows, which is not an error. Returns the error to
 * report to the client. */
dtls_error_t hs12_find_session(conn_t *conn, const client_hello_t *hello);
/* Decides how the client may resume this session later: by a ticket if the client supports tickets,
 * else by session ID. Returns DTLS_ERR_CRYPTO if config.random fails. */
dtls_error_t hs12_offer_session(conn_t *conn, const client_hello_t *hello);
/* Redeems the ticket that the client has used. Stores the session in the cache if the client may
 * resume it by its ID. Call this when the client's Finished has been verified. Returns
 * DTLS_ERR_MEMORY or DTLS_ERR_CRYPTO. */
dtls_error_t hs12_cache_session(conn_t *conn);
#define HS12_TICKET_ROOM (MESSAGE_HEADER + 4 + 2 + TICKET_MAX)
/* Adds a NewSessionTicket to the flight, with an empty ticket if none can be issued (RFC 5077
 * section 3.3). */
dtls_error_t hs12_put_ticket(conn_t *conn);

/* ---- client ---- */

/* Checks a ServerHello that resumes the offered session. Returns the error to report to the
 * server. */
dtls_error_t hs12_check_resumption(const conn_t *conn, const server_hello_t *hello);
/* Resumes the offered session if the ServerHello has its ID, else prepares for a new session.
 * Returns DTLS_ERR_MEMORY if the identity cannot be stored. */
dtls_error_t hs12_choose_session(conn_t *conn, const server_hello_t *hello);
/* The `receive` function of the row for NewSessionTicket (see hs_row_t): stores the ticket. */
dtls_error_t hs12_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);
/* Passes the session to config.ticket(), for the application to resume it later. Call this when the
 * server's Finished has been verified. Returns DTLS_ERR_STATE if the callback has ended the
 * association. */
dtls_error_t hs12_export_session(conn_t *conn);

#endif
