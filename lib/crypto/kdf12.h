/*
 * kdf12.h - the key schedule of DTLS 1.2: RFC 5246 sections 5, 6.3, 7.4.9 and 8.1, RFC 4279
 * sections 2 and 3, RFC 5489 section 2, RFC 7627. Its labels appear in kdf12.c only. All functions
 * return false if libcrypto fails, and otherwise true.
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

/* The MAC key, encryption key and IV of one direction. */
typedef struct {
    const uint8_t *mac, *key, *iv;
} write_keys_t;

/* The key block (RFC 5246 section 6.3). The pointers in `client` and `server` point into
 * `block`. */
typedef struct {
    uint8_t block[KEY_BLOCK_MAX];
    write_keys_t client, server;
} key_block_t;

/* Computes the PRF of RFC 5246 section 5 and writes length bytes of it to out. The seed of the PRF
 * is the label, then the bytes of seed, then the bytes of more. */
bool prf12(const crypto_t *crypto, hash_alg_t alg, const uint8_t *secret, size_t secret_length,
           const char *label, const uint8_t *seed, size_t seed_length, const uint8_t *more,
           size_t more_length, uint8_t *out, size_t length);

/* Derives the master secret from the PSK and the shared secret. psk has at most DTLS_MAX_PSK bytes.
 * shared is the secret of ECDHE or DHE, and is empty for plain PSK. session_hash has hash_length()
 * bytes if extended_master_secret was negotiated (RFC 7627 section 4), and otherwise is NULL. */
bool kdf12_master(const crypto_t *crypto, hash_alg_t alg, bytes_t shared, const uint8_t *psk,
                  size_t psk_length, const randoms_t *randoms, const uint8_t *session_hash,
                  uint8_t master[MASTER_LENGTH]);

/* Derives the key block from the master secret (RFC 5246 section 6.3). */
bool kdf12_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *master,
                const randoms_t *randoms, key_block_t *keys);

/* Exports length bytes of keying material, RFC 5705. context: NULL if there is no context. Returns
 * false also if the context is longer than EXPORT_CONTEXT_MAX bytes. */
bool kdf12_export(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master,
                  const randoms_t *randoms, const char *label, const uint8_t *context,
                  size_t context_length, uint8_t *out, size_t length);

/* Computes the verify_data of a Finished, RFC 5246 section 7.4.9. client is true for the Finished
 * of the client. */
bool kdf12_verify_data(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master, bool client,
                       const uint8_t *transcript_hash, uint8_t out[VERIFY_LENGTH]);

#endif
