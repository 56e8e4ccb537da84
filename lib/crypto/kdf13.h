/*
 * kdf13.h - the key schedule of DTLS 1.3: RFC 8446 section 7 with the label prefix of RFC 9147
 * section 5.9, "dtls13" without a space. Nobody else knows a label of it.
 */
#ifndef KDF13_H
#define KDF13_H

#include "crypto/suite.h"

/* Runs Early Secret, Handshake Secret, Master Secret through one buffer: RFC 8446 section 7.1. */
typedef struct {
    const crypto_t *crypto;
    hash_alg_t hash;
    uint8_t secret[HASH_MAX];
} schedule_t;

typedef struct {
    uint8_t key[AEAD_MAX_KEY], iv[AEAD_NONCE], sn[AEAD_MAX_KEY];
} traffic_keys_t;

/* Which secret, of the present stage, over a transcript hash. */
typedef enum {
    SECRET_EXT_BINDER,       /* Early, over nothing: key of an external PSK's binder */
    SECRET_RES_BINDER,       /* the same of a ticket's */
    SECRET_IMP_BINDER,       /* and of an imported one's, RFC 9258 section 5.2 */
    SECRET_CLIENT_EARLY,     /* Early, over ClientHello */
    SECRET_CLIENT_HANDSHAKE, /* Handshake, over ClientHello .. ServerHello */
    SECRET_SERVER_HANDSHAKE,
    SECRET_CLIENT_TRAFFIC, /* Master, over ClientHello .. server Finished */
    SECRET_SERVER_TRAFFIC,
    SECRET_EXPORTER,
    SECRET_RESUMPTION /* Master, over ClientHello .. client Finished */
} secret_t;

/* Early Secret from a PSK. */
bool schedule_start(schedule_t *schedule, const crypto_t *crypto, hash_alg_t hash,
                    const uint8_t *psk, size_t psk_length);
/* The next stage: with a (EC)DHE secret, or with NULL where there is none to mix in. */
bool schedule_advance(schedule_t *schedule, const uint8_t *shared, size_t length);
/* transcript NULL: the hash of nothing. out: hash_length() bytes. */
bool schedule_secret(const schedule_t *schedule, secret_t which, const uint8_t *transcript,
                     uint8_t *out);

bool kdf13_traffic_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *secret,
                        traffic_keys_t *keys);
/* Finished and binder alike: HMAC under the finished key of a secret, RFC 8446 section 4.4.4. */
bool kdf13_verify_data(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                       const uint8_t *transcript, uint8_t *out);
/* The traffic secret after a KeyUpdate, in place. */
bool kdf13_update(const crypto_t *crypto, hash_alg_t hash, uint8_t *secret);
/* The PSK of a ticket. */
bool kdf13_ticket_psk(const crypto_t *crypto, hash_alg_t hash, const uint8_t *resumption,
                      const uint8_t *nonce, size_t nonce_length, uint8_t *out);
/* The key that is imported from an external PSK, RFC 9258 section 5.1, which has no hash of its own. */
bool kdf13_import(const crypto_t *crypto, const uint8_t *imported_identity, size_t identity_length,
                  const uint8_t *psk, size_t psk_length, uint8_t *out, size_t length);
/* RFC 8446 section 7.5. */
bool kdf13_export(const crypto_t *crypto, hash_alg_t hash, const uint8_t *exporter,
                  const char *label, const uint8_t *context, size_t context_length, uint8_t *out,
                  size_t length);

#endif
