/*
 * cookie.h - the stateless cookie of HelloVerifyRequest (RFC 6347 section 4.2.1) and of
 * HelloRetryRequest (RFC 9147 section 5.1). It proves that a client receives at the address it
 * sends from. The server stores nothing about the client to check it.
 */
#ifndef COOKIE_H
#define COOKIE_H

#include "crypto/crypto.h"
#include "dtls.h"

/* 79 bits of HMAC-SHA256 and 1 bit that names the secret. Short, since each handshake sends the
 * cookie twice. Long enough, since an attacker can only guess by sending, and the secret
 * changes. */
#define COOKIE_LENGTH 10
#define COOKIE13_LENGTH 16 /* the cookie of DTLS 1.3, which also authenticates a transcript hash */

typedef struct {
    mac_t *mac[2];         /* HMAC contexts that hold the current and the previous secret */
    bool valid[2];         /* mac[i] holds a secret that may be used */
    unsigned generation;   /* index of the current secret */
    dtls_tick_t rotate_at; /* time of the next change */
} cookies_t;

/* The input of a cookie: the client's address and the fields of its ClientHello. Extensions are not
 * included, since some implementations change them in the second ClientHello. */
typedef struct {
    const session_t *session;
    uint16_t version;
    const uint8_t *random;
    const uint8_t *session_id, *suites, *compressions;
    size_t session_id_length, suites_length, compressions_length;
} cookie_subject_t;

/* Allocates the HMAC contexts. Returns false if libcrypto fails. No secret is set yet. */
bool cookies_start(cookies_t *cookies, const crypto_t *crypto);
void cookies_end(cookies_t *cookies);
/* Changes the secret if config->cookie_ms have passed since the last change. Cookies made with the
 * previous secret stay valid until the next change, unless that secret is older than 2 * cookie_ms.
 * Call this before each use. Returns false if there are no random bytes or libcrypto fails. */
bool cookies_rotate(cookies_t *cookies, const dtls_config_t *config, dtls_tick_t now);
/* Makes a cookie of length bytes with the current secret. Returns false if libcrypto fails. */
bool cookie_make(cookies_t *cookies, const cookie_subject_t *subject, uint8_t *out, size_t length);
/* Makes the cookie that the client should have offered, with the secret that offered names. If that
 * secret is no longer valid, uses the current one. offered has length bytes. */
bool cookie_remake(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *offered,
                   uint8_t *out, size_t length);
/* True if cookie is valid for subject. */
bool cookie_check(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *cookie,
                  size_t length);

#endif
