/*
 * client_offer.h - what a client's hello offers, and which of its hellos counts.
 */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "conn/state.h"

bool client_offer_has_version(const dtls_context_t *ctx, uint16_t version);
/* The suite of this version with this number that is offered; NULL: it is not. */
const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id);
bool client_offer_has_kx(const conn_t *conn, kx_t kx);
bool client_offer_has_cbc(const conn_t *conn);
/* DTLS 1.2: whether the server may give a session to resume. */
bool client_offer_takes_sessions(const conn_t *conn);

/* Before the hello with the cookie of a HelloVerifyRequest: keeps the hello without it. */
void client_offer_keep_first(conn_t *conn);
/* A server has answered the first hello, or the last: that one counts, the other is forgotten. */
void client_offer_finalize(conn_t *conn, bool first);

#endif
