/*
 * client_offer.h - client: what the ClientHello offers, and to which of our ClientHellos the
 * server has responded.
 */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "conn/state.h"

/* Decides which versions the ClientHello offers: those of the suites in the terms. */
void client_offer_start(conn_t *conn);
/* Removes DTLS 1.3 from the offered versions. */
void client_offer_drop13(conn_t *conn);
/* The next ClientHello contains this cookie of a HelloVerifyRequest. length: at most 255 bytes. */
void client_offer_cookie(conn_t *conn, const uint8_t *cookie, size_t length);
/* The next ClientHello does not contain a cookie of a HelloVerifyRequest, which DTLS 1.3 does not
 * use: RFC 9147 section 5.3. */
void client_offer_drop_cookie(conn_t *conn);

/* Returns the suite with this version and number. NULL: it is not offered. */
const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id);
/* Return true if the ClientHello offers a suite with this key exchange, or a CBC suite. */
bool client_offer_has_kx(const conn_t *conn, kx_t kx);
bool client_offer_has_cbc(const conn_t *conn);
/* DTLS 1.2: returns true if we can store a session to resume later. */
bool client_offer_takes_sessions(const conn_t *conn);

/* Call this before the ClientHello that responds to a HelloVerifyRequest is written. If DTLS 1.3 is
 * offered, saves the first ClientHello, which has no cookie, because the server may still respond
 * to it. */
void client_offer_save_first(conn_t *conn);
/* The server has responded to the saved first ClientHello (first) or to the latest one. The
 * handshake continues from that ClientHello, and the other one is freed. */
void client_offer_finalize(conn_t *conn, bool first);

#endif
