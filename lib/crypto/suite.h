/*
 * suite.h - the cipher suites, one row each. A row holds everything that differs between suites.
 */
#ifndef SUITE_H
#define SUITE_H

#include "crypto/crypto.h"

/* The key exchange of a DTLS 1.2 suite. DTLS 1.3 suites have KX_1_3, because they do not determine
 * the key exchange. */
typedef enum { KX_PSK, KX_ECDHE_PSK, KX_DHE_PSK, KX_1_3 } kx_t;

typedef struct {
    uint16_t id;
    uint16_t version;
    kx_t kx;
    const char *name; /* name in the style of the openssl ciphers command */
    const char *iana_name;
    aead_alg_t aead;
    hash_alg_t hash;        /* the hash of the PRF and of the transcript */
    uint8_t fixed_iv;       /* how many bytes of the nonce come from the key block */
    uint8_t explicit_nonce; /* how many bytes of the nonce are sent in the record */
    bool on_request;        /* used only if the application lists the suite */
    /* How many records a key may seal: RFC 8446 section 5.5, RFC 9147 section 4.5.3. */
    uint64_t seal_limit;
    /* How many records of a key may fail to open: RFC 9147 section 4.5.3. */
    uint64_t open_limit;
} suite_t;

/* Returns the nth suite in default order; NULL: n is past the end. */
const suite_t *suite_at(size_t n);
const suite_t *suite_by_id(uint16_t id); /* returns NULL if we do not support the suite */

/* Returns true if id is a PSK suite of DTLS 1.2, including suites that we do not support. */
bool suite_is_psk(uint16_t id);
/* Returns true if the suite can be used with a PSK whose hash is psk_hash. A DTLS 1.3 suite needs a
 * PSK with its own hash (RFC 8446 section 4.2.11). A DTLS 1.2 suite can be used with any PSK. */
bool suite_fits_psk(const suite_t *suite, hash_alg_t psk_hash);

/* These two return the length in bytes of the tag, and that of the encryption key. */
size_t suite_tag(const suite_t *suite);
size_t suite_key(const suite_t *suite);
/* Returns the length in bytes of the MAC key of a CBC suite, and 0 for every other suite. A CBC
 * suite needs encrypt_then_mac (RFC 7366). */
size_t suite_mac_key(const suite_t *suite);

#endif
