/*
 * kdf13.h - the key schedule of DTLS 1.3: RFC 8446 section 7 with the label prefix of RFC 9147
 * section 5.9, "dtls13" without a space. Its labels appear in kdf13.c only.
 */
#ifndef KDF13_H
#define KDF13_H

#include "crypto/suite.h"

/* The key schedule, RFC 8446 section 7.1. secret holds the Early Secret, then the Handshake
 * Secret, then the Master Secret. */
typedef struct {
    const crypto_t *crypto;
    hash_alg_t hash;
    uint8_t secret[HASH_MAX];
} schedule_t;

typedef struct {
    uint8_t key[AEAD_MAX_KEY], iv[AEAD_NONCE], sn[AEAD_MAX_KEY];
} traffic_keys_t;

/* A secret, with the stage it is derived at and the transcript it covers. */
typedef enum {
    /* From the Early Secret, over no messages: the binder keys. */
    SECRET_EXT_BINDER, /* of an external PSK */
    SECRET_RES_BINDER, /* of a ticket */
    SECRET_IMP_BINDER, /* of an imported PSK, RFC 9258 section 5.2 */
    /* From the Early Secret, over ClientHello. */
    SECRET_CLIENT_EARLY,
    /* From the Handshake Secret, over ClientHello to ServerHello. */
    SECRET_CLIENT_HANDSHAKE,
    SECRET_SERVER_HANDSHAKE,
    /* From the Master Secret, over ClientHello to the server's Finished. */
    SECRET_CLIENT_TRAFFIC,
    SECRET_SERVER_TRAFFIC,
    SECRET_EXPORTER,
    /* From the Master Secret, over ClientHello to the client's Finished. */
    SECRET_RESUMPTION
} secret_t;

/* Computes the Early Secret from a PSK. */
bool schedule_start(schedule_t *schedule, const crypto_t *crypto, hash_alg_t hash,
                    const uint8_t *psk, size_t psk_length);
/* Moves on to the next stage. shared is the (EC)DHE secret, or NULL if there is none to mix in. */
bool schedule_advance(schedule_t *schedule, const uint8_t *shared, size_t length);
/* Derives a secret from the current stage. transcript is the transcript hash. NULL means the
 * hash of no messages. out: hash_length() bytes. */
bool schedule_secret(const schedule_t *schedule, secret_t which, const uint8_t *transcript,
                     uint8_t *out);

/* Derives the keys of one direction from a traffic secret. */
bool kdf13_traffic_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *secret,
                        traffic_keys_t *keys);
/* Computes the verify_data of a Finished, or a binder, both by RFC 8446 section 4.4.4: the HMAC
 * of the transcript hash under the finished key of secret. */
bool kdf13_verify_data(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                       const uint8_t *transcript, uint8_t *out);
/* Replaces a traffic secret by the next one, RFC 8446 section 7.2. */
bool kdf13_update(const crypto_t *crypto, hash_alg_t hash, uint8_t *secret);
/* Derives the PSK of a ticket from the resumption secret, RFC 8446 section 4.6.1. */
bool kdf13_ticket_psk(const crypto_t *crypto, hash_alg_t hash, const uint8_t *resumption,
                      const uint8_t *nonce, size_t nonce_length, uint8_t *out);
/* Derives an imported PSK of length bytes from an external PSK, RFC 9258 section 5.1. The
 * external PSK has no associated hash, so SHA-256 is used. */
bool kdf13_import(const crypto_t *crypto, const uint8_t *imported_identity, size_t identity_length,
                  const uint8_t *psk, size_t psk_length, uint8_t *out, size_t length);
/* Exports keying material, RFC 8446 section 7.5. */
bool kdf13_export(const crypto_t *crypto, hash_alg_t hash, const uint8_t *exporter,
                  const char *label, const uint8_t *context, size_t context_length, uint8_t *out,
                  size_t length);

#endif
