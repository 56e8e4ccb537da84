/*
 * crypto.h - the cryptographic primitives, about as many calls as the protocol has needs.
 * crypto_openssl.c and crypto_openssl_dh.c are the only files that know libcrypto. A call that returns bool
 * returns false when libcrypto failed, for want of memory for example.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_MAX 48 /* bytes of the longest hash in use, SHA-384 */
#define AEAD_NONCE 12
#define AEAD_MAX_TAG 16
#define AEAD_MAX_KEY 32
#define CBC_BLOCK 16 /* and nonce */
#define CBC_MAX_MAC 32

typedef enum { HASH_SHA256, HASH_SHA384, HASH_COUNT } hash_alg_t;

typedef enum {
    AEAD_AES_128_GCM,
    AEAD_AES_256_GCM,
    AEAD_AES_128_CCM,
    AEAD_AES_256_CCM,
    AEAD_AES_128_CCM_8,
    AEAD_AES_256_CCM_8,
    AEAD_CHACHA20_POLY1305,
    AEAD_AES_128_CBC_SHA256, /* encrypt-then-MAC, RFC 7366 */
    AEAD_AES_128_CBC_SHA1,
    AEAD_COUNT
} aead_alg_t;

size_t hash_length(hash_alg_t alg);
size_t aead_key_length(aead_alg_t alg);
size_t aead_tag_length(aead_alg_t alg);
size_t aead_mac_key_length(aead_alg_t alg); /* of CBC; else 0 */

/* Keeps libcrypto from reading openssl.cnf, for the whole process. */
void crypto_skip_configuration(void);
/* Algorithms fetched once, and the HMAC contexts that key derivation reuses. */
typedef struct crypto crypto_t;
crypto_t *crypto_new(void);
void crypto_free(crypto_t *crypto);

/* A running hash. */
typedef struct hash hash_t;
hash_t *hash_new(const crypto_t *crypto, hash_alg_t alg);
bool hash_add(hash_t *hash, const uint8_t *bytes, size_t length);
/* The hash of what was added so far and of more parts behind it, which the running hash does not
 * see. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
} bytes_t;
bool hash_snapshot(const hash_t *hash, const bytes_t *more, size_t count, uint8_t *out);
void hash_free(hash_t *hash);

/* HMAC, RFC 2104. mac_key() and mac_restart() begin a message, the latter with the same key. */
typedef struct mac mac_t;
mac_t *mac_new(const crypto_t *crypto, hash_alg_t alg);
mac_t *crypto_mac(const crypto_t *crypto, hash_alg_t alg); /* the shared one for key derivation */
void crypto_forget(crypto_t *crypto);                      /* their keys */
bool mac_key(mac_t *mac, const uint8_t *key, size_t length);
bool mac_restart(mac_t *mac);
bool mac_add(mac_t *mac, const uint8_t *bytes, size_t length);
bool mac_finish(mac_t *mac, uint8_t *out); /* hash_length() bytes */
void mac_free(mac_t *mac);

/* One key in one direction. A record costs no allocation. CBC has another key beside it, a nonce of
 * CBC_BLOCK bytes, which nobody may foresee, and takes text of whole blocks only. */
typedef struct aead aead_t;
aead_t *aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal);
bool aead_set_mac_key(aead_t *aead, const crypto_t *crypto, const uint8_t *key);
/* Encrypts text in place and writes the tag behind it. */
bool aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);
/* length counts the tag. On false the text is wiped. */
bool aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);
void aead_free(aead_t *aead);

/* What hides the record numbers of DTLS 1.3: RFC 9147 section 4.2.3. */
#define MASK_SAMPLE 16
typedef struct mask mask_t;
mask_t *mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key);
bool mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
void mask_free(mask_t *mask);

/* Ephemeral Diffie-Hellman: a key pair, and the secret with a peer. The fields are those of RFC 7919, or
 * one that the peer has chosen. */
typedef enum { DH_X25519, DH_P256, DH_FFDHE2048, DH_FFDHE3072, DH_COUNT } dh_alg_t;
#define DH_MAX_PRIVATE 48
#define DH_MAX_PUBLIC 512 /* and secret: a prime of 4096 bits */
typedef struct dh dh_t;
size_t dh_private_length(dh_alg_t alg);
/* From so many random bytes. NULL also if they are no private key, which one try in 2^32 is not. */
dh_t *dh_new(dh_alg_t alg, const uint8_t *private_key);
/* From DH_MAX_PRIVATE bytes. NULL also if the prime has less than 2048 or more than 4096 bits, or is not
 * safe. */
dh_t *dh_new_in_field(bytes_t prime, bytes_t generator, const uint8_t *private_key);
dh_alg_t dh_alg(const dh_t *dh);  /* DH_COUNT: a field that is none of ours */
bytes_t dh_prime(const dh_t *dh); /* of a field; the generator of ours is 2 */
bytes_t dh_public(const dh_t *dh);
/* False also if the peer's public key is none, or gives away the secret. */
bool dh_derive(dh_t *dh, const uint8_t *peer, size_t length);
bytes_t dh_secret(const dh_t *dh); /* nothing without a key pair, or before it is derived */
void dh_free(dh_t *dh);

bool crypto_random(uint8_t *out, size_t length);
bool crypto_equal(const void *a, const void *b, size_t length); /* in constant time */

#endif
