/* client_offer.h - client: which versions and suites the ClientHello offers, and to which of our
 * ClientHellos the server has responded. The ClientHello is assembled in hs_client.c, and written
 * in message/hello.c (put_client_hello()). */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "conn/state.h"

/* Decides which versions the ClientHello offers: those to which the suites in the terms belong. */
void client_offer_start(conn_t *conn);
/* Removes DTLS 1.3 from the offered versions. */
void client_offer_drop13(conn_t *conn);
/* Puts this cookie of a HelloVerifyRequest into the next ClientHello. length: at most 255 bytes. */
void client_offer_cookie(conn_t *conn, const uint8_t *cookie, size_t length);
/* Leaves the cookie of a HelloVerifyRequest out of the next ClientHello. Call it if the server uses
 * DTLS 1.3, which has no such cookie (RFC 9147 section 5.3). */
void client_offer_drop_cookie(conn_t *conn);

/* Returns the suite with this version and number, if the ClientHello offers it, else NULL. */
const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id);
/* client_offer_has_kx() returns true if the ClientHello offers a suite with this key exchange.
 * client_offer_has_cbc() returns true if it offers a CBC suite. */
bool client_offer_has_kx(const conn_t *conn, kx_t kx);
bool client_offer_has_cbc(const conn_t *conn);
/* DTLS 1.2: returns true if the application stores sessions, and extended_master_secret, which they
 * need, is offered. */
bool client_offer_takes_sessions(const conn_t *conn);

/* Saves the first ClientHello, which has no cookie, if DTLS 1.3 is offered: the server may still
 * respond to it. Call it before the ClientHello that responds to a HelloVerifyRequest is
 * written. */
void client_offer_save_first(conn_t *conn);
/* Continues the handshake from the saved first ClientHello (first) or from the latest one, to which
 * the server has responded. Frees the other one. */
void client_offer_finalize(conn_t *conn, bool first);

#endif
