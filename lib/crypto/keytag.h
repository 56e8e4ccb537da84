/*
 * keytag.h - the tag of a PSK, by which a ticket, a cached session and an association remember the
 * key that they came from, without containing it. The tag is an HMAC under the PSK of a salt and of
 * the identity. Any server that has the key can check it.
 */
#ifndef KEYTAG_H
#define KEYTAG_H

#include "base/bytes.h"
#include "crypto/crypto.h"

/* 64 bits each: a tag tells whether the application has changed a key. An attacker cannot choose
 * the new key, so cannot look for one that fits the tag. */
#define KEYTAG_SALT 8
#define KEYTAG_MAC 8
#define KEYTAG_LENGTH (KEYTAG_SALT + KEYTAG_MAC) /* length in bytes of a serialized tag */

typedef struct {
    bool known; /* false: no key was tagged yet */
    uint8_t salt[KEYTAG_SALT], mac[KEYTAG_MAC];
} keytag_t;

/* Makes the tag of this key of this identity. Returns false, and leaves *tag unknown, if libcrypto
 * fails. */
bool keytag_make(const crypto_t *crypto, const uint8_t salt[KEYTAG_SALT], reader_t identity,
                 const uint8_t *key, size_t length, keytag_t *tag);
/* Returns true if the tag was made from this key of this identity. Compares in constant time. */
bool keytag_fits(const crypto_t *crypto, const keytag_t *tag, reader_t identity, const uint8_t *key,
                 size_t length);

void put_keytag(writer_t *w, const keytag_t *tag);
keytag_t take_keytag(reader_t *r);

#endif
