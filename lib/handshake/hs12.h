/*
 * hs12.h - the rows of DTLS 1.2 (RFC 6347 section 4.2.4, RFC 5246 section 7.3), and what its client
 * and its server do alike.
 */
#ifndef HS12_H
#define HS12_H

#include "handshake/hs.h"
#include "handshake/kx12.h"
#include "message/hello.h"

extern const hs_row_t hs12_server_rows[];

/* Client: a ServerHello that chooses this version. */
dtls_error_t hs12_client_accept(conn_t *conn, const server_hello_t *hello);
/* Then, if it resumes a session. */
dtls_error_t hs12_client_resume(conn_t *conn);

/* Server: about how long its first flight would be, on the wire. */
size_t hs12_server_flight_length(dtls_context_t *ctx, const session_t *session,
                                 const client_hello_t *hello);

/* The bodies of ServerKeyExchange and ClientKeyExchange, at most. */
#define HS12_KEY_EXCHANGE_MAX (2 + DTLS_MAX_IDENTITY + KX12_MAX)

/* The PSK of an identity, by the callback; its length, 0 if there is none. */
size_t hs12_get_psk(conn_t *conn, uint8_t psk[DTLS_MAX_PSK]);
/* Master secret from the transcript up to ClientKeyExchange, then epoch 1 in both directions. */
dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length);

/* Epoch 1 in both directions, from the master secret. */
dtls_error_t hs12_start_keys(conn_t *conn);

#define HS12_FINISHED_ROOM (1 + MESSAGE_HEADER + VERIFY_LENGTH)
/* Adds ChangeCipherSpec and Finished to the flight. */
dtls_error_t hs12_put_finished(conn_t *conn);
/* The same to the last flight of the handshake, which is sent: nobody answers it, so there is no timer, but
 * the peer may ask for it again. */
dtls_error_t hs12_send_last(conn_t *conn);
/* The peer's Finished was the last flight. */
dtls_error_t hs12_finish(conn_t *conn);
/* Checks the peer's Finished against the transcript so far. */
dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message);

/* ---- sessions that are resumed: hs12_resume.c ---- */

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

/* ---- hellos ---- */

/* ServerHello or ClientHello: RFC 5746 sections 3.4 and 3.6, first handshake. */
dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions);
/* The same: RFC 8422 section 5.1.2. */
dtls_error_t hs12_check_point_formats(const extensions_t *extensions);

#endif
