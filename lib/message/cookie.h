/*
 * cookie.h - the stateless cookie of HelloVerifyRequest (RFC 6347 section 4.2.1): proof that a
 * client receives at the address it sends from, checked without having kept anything about it.
 */
#ifndef COOKIE_H
#define COOKIE_H

#include "crypto/crypto.h"
#include "dtls.h"

/* 79 bits of HMAC-SHA256 and one that says which secret: short, for it travels twice in every
 * handshake; long enough, for it can only be guessed on line and the secret soon changes. */
#define COOKIE_LENGTH 10
#define COOKIE13_LENGTH 16 /* there the cookie also vouches for a transcript */

typedef struct {
    mac_t *mac[2]; /* the secrets live in here; [generation] is the one in use */
    bool valid[2];
    unsigned generation;
    dtls_tick_t rotate_at;
} cookies_t;

/* What a cookie vouches for. Extensions are left out: stacks change them in the second hello. */
typedef struct {
    const session_t *session;
    uint16_t version;
    const uint8_t *random;
    const uint8_t *session_id, *suites, *compressions;
    size_t session_id_length, suites_length, compressions_length;
} cookie_subject_t;

bool cookies_start(cookies_t *cookies, const crypto_t *crypto);
void cookies_end(cookies_t *cookies);
/* Changes the secret when it is due; the last one stays valid for as long again. */
bool cookies_rotate(cookies_t *cookies, const dtls_config_t *config, dtls_tick_t now);
bool cookie_make(cookies_t *cookies, const cookie_subject_t *subject, uint8_t *out, size_t length);
/* Makes the one that an offered cookie of that length should have been: under the secret that it names, if
 * that is still valid. */
bool cookie_remake(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *offered,
                   uint8_t *out, size_t length);
bool cookie_check(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *cookie,
                  size_t length);

#endif
