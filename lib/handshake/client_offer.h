/*
 * client_offer.h - what the ClientHello of this client offers, and which of its ClientHellos the
 * handshake continues from.
 */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "conn/state.h"

/* Offers the versions of the suites that the terms allow. */
void client_offer_start(conn_t *conn);
/* DTLS 1.3 is not offered after all. */
void client_offer_drop13(conn_t *conn);
/* The next ClientHello has this cookie of a HelloVerifyRequest: at most 255 bytes. */
void client_offer_cookie(conn_t *conn, const uint8_t *cookie, size_t length);
/* The next ClientHello has no cookie of a HelloVerifyRequest: RFC 9147 section 5.3. */
void client_offer_drop_cookie(conn_t *conn);

/* Returns the suite of this version with this number. NULL: it is not offered. */
const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id);
bool client_offer_has_kx(const conn_t *conn, kx_t kx);
bool client_offer_has_cbc(const conn_t *conn);
/* DTLS 1.2: true if the server may issue a session that can be resumed. */
bool client_offer_takes_sessions(const conn_t *conn);

/* Call this before the ClientHello with the cookie of a HelloVerifyRequest is written. If DTLS 1.3 is
 * offered, saves the ClientHello without a cookie, since a server may still respond to it. */
void client_offer_save_first(conn_t *conn);
/* Continues from the ClientHello that the server has responded to, and frees the other one. first:
 * true for the saved one without a cookie, false for the latest one. */
void client_offer_finalize(conn_t *conn, bool first);

#endif
