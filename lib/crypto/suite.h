/*
 * suite.h - the cipher suites, one row each. A row holds everything that differs between suites.
 */
#ifndef SUITE_H
#define SUITE_H

#include "crypto/crypto.h"

/* The key exchange of DTLS 1.2. A DTLS 1.3 suite does not determine the key exchange. */
typedef enum { KX_PSK, KX_ECDHE_PSK, KX_DHE_PSK, KX_1_3 } kx_t;

typedef struct {
    uint16_t id;
    uint16_t version;
    kx_t kx;
    const char *name; /* as in openssl ciphers, or in its style */
    const char *iana_name;
    aead_alg_t aead;
    hash_alg_t hash;        /* of the PRF and the transcript */
    uint8_t fixed_iv;       /* bytes of the nonce that come from the key block */
    uint8_t explicit_nonce; /* bytes of the nonce that are sent in the record */
    bool on_request;        /* true: not in the default list */
    uint64_t seal_limit;    /* records sealed per key, RFC 8446 section 5.5, RFC 9147 4.5.3 */
    uint64_t open_limit;    /* records that fail to open per key, RFC 9147 4.5.3 */
} suite_t;

const suite_t *suite_at(size_t n);       /* in default order; NULL past the end */
const suite_t *suite_by_id(uint16_t id); /* NULL if not supported */

/* True if id is any PSK suite of DTLS 1.2, including those that we do not support. */
bool suite_is_psk(uint16_t id);
/* True if the suite can be used with a PSK that is bound to psk_hash. In DTLS 1.2 a PSK is not
 * bound to a hash. */
bool suite_fits_psk(const suite_t *suite, hash_alg_t psk_hash);

/* Lengths in bytes: of the tag, the encryption key and the MAC key. */
size_t suite_tag(const suite_t *suite);
size_t suite_key(const suite_t *suite);
/* 0 unless the suite is CBC. A CBC suite needs encrypt_then_mac. */
size_t suite_mac_key(const suite_t *suite);

#endif
