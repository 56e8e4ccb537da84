/*
 * cookie.h - the stateless cookie of HelloVerifyRequest (RFC 6347 section 4.2.1) and of
 * HelloRetryRequest (RFC 9147 section 5.1). A client that returns the cookie proves that it
 * receives at the address from which it sends. The server stores nothing about the client.
 */
#ifndef COOKIE_H
#define COOKIE_H

#include "message/secrets.h"

/* A DTLS 1.2 cookie has 79 bits of HMAC-SHA256, and 1 bit that tells which secret was used. The
 * cookie is short because each handshake sends it twice. 79 bits are enough: an attacker has to
 * send each guess to the server, and the secret changes every config.cookie_ms. */
#define COOKIE_LENGTH 10
/* Bytes of HMAC in a DTLS 1.3 cookie: more than in DTLS 1.2, because it also protects a transcript
 * hash. */
#define COOKIE13_LENGTH 16

/* The number of key slots: half for periods with an even number, half for odd. Each shared secret
 * has keys for the previous, the current and the next period, so at most two in each half. The next
 * period counts because the clocks of the servers differ: at another server it may have begun. */
#define COOKIE_KEYS (4 * DTLS_MAX_SECRETS)

typedef struct {
    /* The secrets that the application has set. NULL: the context makes secrets of its own. */
    const secrets_t *shared;
    /* HMAC contexts. A cookie names its key by one bit, which is the lowest bit of the index here.
     * Without dtls_set_secrets(), only mac[0] and mac[1] are used: one has the current secret, the
     * other one the previous secret. */
    mac_t *mac[COOKIE_KEYS];
    bool valid[COOKIE_KEYS]; /* mac[i] has a secret whose cookies are valid */
    unsigned generation;     /* mac[generation] has the key for new cookies */
    dtls_tick_t rotate_at;   /* without dtls_set_secrets(): when the secret changes next */
    uint64_t period;         /* with dtls_set_secrets(): number of the period of mac[generation] */
} cookies_t;

/* What a cookie depends on: the client's address and fields of its ClientHello. Extensions are not
 * included, because some implementations change them in the second ClientHello. */
typedef struct {
    const session_t *session;
    uint16_t version;
    const uint8_t *random;
    const uint8_t *session_id, *suites, *compressions;
    size_t session_id_length, suites_length, compressions_length;
} cookie_subject_t;

/* Allocates the HMAC contexts, still without a secret. Returns false if libcrypto fails. */
bool cookies_start(cookies_t *cookies, const crypto_t *crypto);
void cookies_end(cookies_t *cookies);
/* Derives the keys from these secrets from now on. *secrets must exist as long as *cookies. Call
 * this again when the secrets have changed. */
void cookies_share(cookies_t *cookies, const secrets_t *secrets);
/* Without dtls_set_secrets(): changes the random secret if the last change was at least
 * config->cookie_ms ago. Cookies of the previous secret stay valid until the next change, but for
 * at most 2 * cookie_ms. With shared secrets (dtls_set_secrets()): derives the keys for the current
 * period of the wall clock. A period has cookie_ms ms. Call this before each use of the cookies.
 * Returns false if config->random or libcrypto fails. */
bool cookies_rotate(cookies_t *cookies, const dtls_config_t *config, dtls_tick_t now);
/* Writes a cookie of length bytes for subject to out, with the current secret. Returns false if
 * libcrypto fails. */
bool cookie_make(cookies_t *cookies, const cookie_subject_t *subject, uint8_t *out, size_t length);
/* Writes to out the cookie that the peer should have offered for subject, for a comparison with the
 * offered cookie. Both cookies have length bytes. One bit of the offered cookie tells which key
 * made it. If that key is no longer valid, uses the key for new cookies. With shared secrets
 * (dtls_set_secrets()) the bit fits several keys: uses the one under which the offered cookie is
 * valid, or if there is none, the first of them. Returns false if libcrypto fails. */
bool cookie_remake(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *offered,
                   uint8_t *out, size_t length);
/* Returns true if the cookie of length bytes is valid for subject. */
bool cookie_check(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *cookie,
                  size_t length);

#endif
