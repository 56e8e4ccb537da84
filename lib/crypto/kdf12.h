/*
 * kdf12.h - the key schedule of DTLS 1.2: RFC 5246 sections 5, 6.3, 7.4.9 and 8.1, RFC 4279
 * section 2, RFC 5489 section 2, RFC 7627. Nobody else knows a label of it.
 */
#ifndef KDF12_H
#define KDF12_H

#include "crypto/suite.h"
#include "dtls.h"

#define RANDOM_LENGTH 32
#define MASTER_LENGTH 48
#define VERIFY_LENGTH 12
#define EXPORT_LABEL_MAX 248
#define EXPORT_CONTEXT_MAX 1024
#define KEY_BLOCK_MAX (2 * (CBC_MAX_MAC + AEAD_MAX_KEY + AEAD_NONCE))

typedef struct {
    uint8_t client[RANDOM_LENGTH], server[RANDOM_LENGTH];
} randoms_t;

/* What protects one direction. */
typedef struct {
    const uint8_t *mac, *key, *iv;
} write_keys_t;

/* Where the key block is cut; the pointers lead into it. */
typedef struct {
    uint8_t block[KEY_BLOCK_MAX];
    write_keys_t client, server;
} key_block_t;

/* P_hash, RFC 5246 section 5; the seed is seed followed by more. */
bool prf12(const crypto_t *crypto, hash_alg_t alg, const uint8_t *secret, size_t secret_length,
           const char *label, const uint8_t *seed, size_t seed_length, const uint8_t *more,
           size_t more_length, uint8_t *out, size_t length);

/* Master secret of a PSK (up to DTLS_MAX_PSK) and what (EC)DHE gave; without that, no bytes.
 * session_hash, hash_length() bytes, if extended master secret was negotiated, else NULL. */
bool kdf12_master(const crypto_t *crypto, hash_alg_t alg, bytes_t shared, const uint8_t *psk,
                  size_t psk_length, const randoms_t *randoms, const uint8_t *session_hash,
                  uint8_t master[MASTER_LENGTH]);

bool kdf12_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *master,
                const randoms_t *randoms, key_block_t *keys);

/* RFC 5705; context NULL: none. False also if the context is longer than 1024 bytes. */
bool kdf12_export(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master,
                  const randoms_t *randoms, const char *label, const uint8_t *context,
                  size_t context_length, uint8_t *out, size_t length);

bool kdf12_verify_data(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master, bool client,
                       const uint8_t *transcript_hash, uint8_t out[VERIFY_LENGTH]);

#endif
