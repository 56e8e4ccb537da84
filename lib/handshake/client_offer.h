/* client_offer.h - client: which versions and suites the ClientHello offers, and to which of our
 * ClientHellos the server has responded. The ClientHello is assembled in hs_client.c, and written
 * in message/hello.c (put_client_hello()). */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "conn/state.h"

/* Decides which versions the ClientHello offers: each version of which the terms (the suites and
 * extensions allowed with this server) have a suite. With config.grease, draws the seeds of the
 * GREASE values. Returns false if config.random fails. */
bool client_offer_start(conn_t *conn);
/* Chooses the padding of the ClientHellos. length: the length of the body of the first one without
 * padding. Returns false if none is needed. */
bool client_offer_pad(conn_t *conn, size_t length);
/* Removes DTLS 1.3 from the offered versions. */
void client_offer_drop13(conn_t *conn);
/* Puts this cookie of a HelloVerifyRequest into the next ClientHello. length: at most 255 bytes. */
void client_offer_cookie(conn_t *conn, const uint8_t *cookie, size_t length);
/* Leaves the cookie of a HelloVerifyRequest out of the next ClientHello. Call this if the server
 * uses DTLS 1.3, which has no such cookie (RFC 9147 section 5.3). */
void client_offer_drop_cookie(conn_t *conn);

/* Returns the suite with this version and number if the ClientHello offers it. NULL: it does
 * not. */
const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id);
/* client_offer_has_kx() returns true if the ClientHello offers a suite with this key exchange.
 * client_offer_has_cbc() returns true if it offers a CBC suite. */
bool client_offer_has_kx(const conn_t *conn, kx_t kx);
bool client_offer_has_cbc(const conn_t *conn);
/* DTLS 1.2: returns true if the application stores sessions and the ClientHello offers
 * extended_master_secret, without which sessions are not resumed. */
bool client_offer_takes_sessions(const conn_t *conn);

/* If DTLS 1.3 is offered, saves the first ClientHello, which has no cookie: if the
 * HelloVerifyRequest is forged, the server responds to the first ClientHello. Call this in response
 * to a HelloVerifyRequest, before the next ClientHello is written. */
void client_offer_save_first(conn_t *conn);
/* Continues the handshake from the ClientHello to which the server has responded: the saved first
 * ClientHello if `first` is true, else the latest one. Frees the other one. */
void client_offer_finalize(conn_t *conn, bool first);

#endif
