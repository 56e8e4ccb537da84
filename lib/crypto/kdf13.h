/*
 * kdf13.h - the key schedule of DTLS 1.3: RFC 8446 section 7. The prefix of its labels is "dtls13"
 * without a space (RFC 9147 section 5.9). Its labels appear in kdf13.c only. All functions return
 * false if libcrypto fails, and otherwise true. Secrets and transcript hashes have hash_length()
 * bytes.
 */
#ifndef KDF13_H
#define KDF13_H

#include "crypto/suite.h"

/* The current stage of the key schedule, RFC 8446 section 7.1. secret is the Early Secret at first,
 * then the Handshake Secret, then the Master Secret. */
typedef struct {
    const crypto_t *crypto;
    hash_alg_t hash;
    uint8_t secret[HASH_MAX];
} schedule_t;

typedef struct {
    uint8_t key[AEAD_MAX_KEY], iv[AEAD_NONCE], sn[AEAD_MAX_KEY];
} traffic_keys_t;

/* The secrets that schedule_secret() derives (RFC 8446 section 7.1). The comments name the secret
 * from which each is derived, and the messages that the transcript hash covers. */
typedef enum {
    /* Binder keys, derived from the Early Secret. Transcript: no messages. */
    SECRET_EXT_BINDER, /* binder key of an external PSK */
    SECRET_RES_BINDER, /* binder key of the PSK of a ticket */
    SECRET_IMP_BINDER, /* binder key of an imported PSK, RFC 9258 section 5.2 */
    /* Derived from the Early Secret. Transcript: ClientHello. */
    SECRET_CLIENT_EARLY,
    /* Derived from the Handshake Secret. Transcript: ClientHello to ServerHello. */
    SECRET_CLIENT_HANDSHAKE,
    SECRET_SERVER_HANDSHAKE,
    /* Derived from the Master Secret. Transcript: ClientHello to the server's Finished. */
    SECRET_CLIENT_TRAFFIC,
    SECRET_SERVER_TRAFFIC,
    SECRET_EXPORTER,
    /* Derived from the Master Secret. Transcript: ClientHello to the client's Finished. */
    SECRET_RESUMPTION
} secret_t;

/* Computes the Early Secret from a PSK of psk_length bytes. */
bool schedule_start(schedule_t *schedule, const crypto_t *crypto, hash_alg_t hash,
                    const uint8_t *psk, size_t psk_length);
/* Replaces the secret of the current stage by the secret of the next stage. shared: the secret of
 * ECDHE or DHE, length bytes. If shared is NULL, uses zeros instead (RFC 8446 section 7.1). */
bool schedule_advance(schedule_t *schedule, const uint8_t *shared, size_t length);
/* Derives a secret from the current stage and writes it to out. transcript is the transcript hash;
 * NULL means the hash of no messages. */
bool schedule_secret(const schedule_t *schedule, secret_t which, const uint8_t *transcript,
                     uint8_t *out);

/* Derives the keys of one direction from a traffic secret (RFC 8446 section 7.3, RFC 9147 section
 * 4.2.3). */
bool kdf13_traffic_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *secret,
                        traffic_keys_t *keys);
/* Computes the verify_data of a Finished, or a binder. Both are the HMAC of the transcript hash
 * under the finished key of secret (RFC 8446 sections 4.4.4 and 4.2.11.2). */
bool kdf13_verify_data(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                       const uint8_t *transcript, uint8_t *out);
/* Replaces a traffic secret by its successor for a KeyUpdate, RFC 8446 section 7.2. */
bool kdf13_update(const crypto_t *crypto, hash_alg_t hash, uint8_t *secret);
/* Derives the PSK of a ticket from the resumption secret and the ticket's nonce, RFC 8446 section
 * 4.6.1. */
bool kdf13_ticket_psk(const crypto_t *crypto, hash_alg_t hash, const uint8_t *resumption,
                      const uint8_t *nonce, size_t nonce_length, uint8_t *out);
/* Derives an imported PSK of length bytes from an external PSK, RFC 9258 section 5.1. The
 * derivation uses SHA-256, because the application's key has no hash of its own. */
bool kdf13_import(const crypto_t *crypto, const uint8_t *imported_identity, size_t identity_length,
                  const uint8_t *psk, size_t psk_length, uint8_t *out, size_t length);
/* Exports length bytes of keying material, RFC 8446 section 7.5. exporter is the
 * exporter_master_secret. */
bool kdf13_export(const crypto_t *crypto, hash_alg_t hash, const uint8_t *exporter,
                  const char *label, const uint8_t *context, size_t context_length, uint8_t *out,
                  size_t length);
/* Derives length bytes for a purpose of our own from a secret that has nothing to do with a
 * handshake: HKDF-Expand-Label with SHA-256. secret has hash_length(HASH_SHA256) bytes. label names
 * the purpose. */
bool kdf13_own(const crypto_t *crypto, const uint8_t *secret, const char *label,
               const uint8_t *context, size_t context_length, uint8_t *out, size_t length);

#endif
