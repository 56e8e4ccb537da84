/*
 * suite.h - one row per cipher suite; whatever differs between suites stands here.
 */
#ifndef SUITE_H
#define SUITE_H

#include "crypto/crypto.h"

/* How DTLS 1.2 exchanges keys; in 1.3 no suite says that. */
typedef enum { KX_PSK, KX_ECDHE_PSK, KX_DHE_PSK, KX_1_3 } kx_t;

typedef struct {
    uint16_t id;
    uint16_t version;
    kx_t kx;
    const char *name; /* as the openssl tool spells it, or would */
    const char *iana_name;
    aead_alg_t aead;
    hash_alg_t hash;        /* of the PRF and the transcript */
    uint8_t fixed_iv;       /* bytes of the nonce that come from the key block */
    uint8_t explicit_nonce; /* bytes of the nonce that travel in the record */
    bool on_request;        /* not in the default list */
    uint64_t seal_limit;    /* records sealed per key, RFC 8446 section 5.5, RFC 9147 4.5.3 */
    uint64_t open_limit;    /* records that failed to open */
} suite_t;

const suite_t *suite_at(size_t n); /* in default order; NULL past the end */
const suite_t *suite_by_id(uint16_t id);

/* Is it any suite of DTLS 1.2 that authenticates by a PSK, whether or not it is ours? */
bool suite_is_psk(uint16_t id);
/* May it be used with a PSK bound to that hash? In DTLS 1.2 keys are bound to none. */
bool suite_takes(const suite_t *suite, hash_alg_t psk_hash);

size_t suite_tag(const suite_t *suite);
size_t suite_key(const suite_t *suite);
size_t suite_mac_key(const suite_t *suite); /* with CBC, which needs encrypt_then_mac; else 0 */

#endif
