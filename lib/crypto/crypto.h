/*
 * crypto.h - the cryptographic primitives that the protocol needs. Only crypto_openssl.c and
 * crypto_openssl_dh.c use libcrypto. A function that returns bool returns false if libcrypto fails,
 * for example because there is not enough memory. A function that returns a pointer then returns
 * NULL.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_MAX 48 /* bytes of a SHA-384 hash, the longest in use */
#define AEAD_NONCE 12
#define AEAD_MAX_TAG 16
#define AEAD_MAX_KEY 32
#define CBC_BLOCK 16 /* bytes of an AES block, and of the CBC nonce (IV) */
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
/* Bytes of the HMAC key of a CBC algorithm. 0 for all others. */
size_t aead_mac_key_length(aead_alg_t alg);

/* Prevents libcrypto from reading openssl.cnf. Affects the whole process. */
void crypto_skip_configuration(void);
/* The algorithms, each fetched once, and the HMAC contexts that key derivation shares. */
typedef struct crypto crypto_t;
crypto_t *crypto_new(void);
void crypto_free(crypto_t *crypto);

/* A running hash. */
typedef struct hash hash_t;
hash_t *hash_new(const crypto_t *crypto, hash_alg_t alg);
bool hash_add(hash_t *hash, const uint8_t *bytes, size_t length);
typedef struct {
    const uint8_t *bytes;
    size_t length;
} bytes_t;
/* Writes the hash of the bytes added so far, followed by count more parts. The running hash does
 * not change. out: hash_length() bytes. */
bool hash_snapshot(const hash_t *hash, const bytes_t *more, size_t count, uint8_t *out);
void hash_free(hash_t *hash);

/* HMAC, RFC 2104. mac_key() sets the key and begins a message. mac_restart() begins another message
 * under the same key. */
typedef struct mac mac_t;
mac_t *mac_new(const crypto_t *crypto, hash_alg_t alg);
/* Returns the HMAC context that key derivation shares. The caller does not free it. */
mac_t *crypto_mac(const crypto_t *crypto, hash_alg_t alg);
/* Overwrites the keys in the shared HMAC contexts. */
void crypto_wipe_keys(crypto_t *crypto);
bool mac_key(mac_t *mac, const uint8_t *key, size_t length);
bool mac_restart(mac_t *mac);
bool mac_add(mac_t *mac, const uint8_t *bytes, size_t length);
/* Ends the message. out: room for HASH_MAX bytes, of which hash_length() are written. */
bool mac_finish(mac_t *mac, uint8_t *out);
void mac_free(mac_t *mac);

/* One key in one direction. Sealing and opening allocate no memory. The CBC algorithms have a
 * second key, for the HMAC. Their nonce is CBC_BLOCK bytes and must be unpredictable (RFC 5246
 * section 6.2.3.2), and their text is a whole number of blocks. */
typedef struct aead aead_t;
/* seal: true for a key that encrypts, false for a key that decrypts. */
aead_t *aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal);
/* CBC only: key has aead_mac_key_length() bytes. */
bool aead_set_mac_key(aead_t *aead, const crypto_t *crypto, const uint8_t *key);
/* Encrypts length bytes of text in place and writes the tag behind them. */
bool aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);
/* Checks the tag and decrypts text in place. length includes the tag. Returns false, and wipes
 * text, if the tag is wrong. */
bool aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);
void aead_free(aead_t *aead);

/* Makes the mask that encrypts the record numbers of DTLS 1.3 (RFC 9147 section 4.2.3). */
#define MASK_SAMPLE 16
typedef struct mask mask_t;
mask_t *mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key);
bool mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
void mask_free(mask_t *mask);

/* Ephemeral (EC)DHE: a key pair, and the secret shared with one peer. A finite field is one of RFC
 * 7919, or in DTLS 1.2 one that the server has chosen. */
typedef enum { DH_X25519, DH_P256, DH_FFDHE2048, DH_FFDHE3072, DH_COUNT } dh_alg_t;
#define DH_MAX_PRIVATE 48
#define DH_MAX_PUBLIC 512 /* bytes of a public key or secret, for a prime of 4096 bits */
typedef struct dh dh_t;
size_t dh_private_length(dh_alg_t alg);
/* Makes a key pair from dh_private_length() random bytes. Returns NULL also if the bytes are not a
 * valid private key: a P-256 key is out of range once in 2^32 tries. */
dh_t *dh_new(dh_alg_t alg, const uint8_t *private_key);
/* Makes a key pair in a field that the peer has chosen, from DH_MAX_PRIVATE random bytes.
 * Returns NULL also if the prime has fewer than 2048 or more than 4096 bits, or is not a safe
 * prime. */
dh_t *dh_new_in_field(bytes_t prime, bytes_t generator, const uint8_t *private_key);
/* Returns DH_COUNT for a field that is not in RFC 7919 or that we do not support by name. */
dh_alg_t dh_alg(const dh_t *dh);
/* Returns the prime of a finite field, no bytes for a curve. The generator of the RFC 7919
 * fields is 2. */
bytes_t dh_prime(const dh_t *dh);
bytes_t dh_public(const dh_t *dh);
/* Computes the secret. Returns false also if the peer's public key is invalid, or if an attacker
 * could know the secret that results (a point of small order, or 0, 1 or prime - 1). */
bool dh_derive(dh_t *dh, const uint8_t *peer, size_t length);
/* Returns the secret. Returns no bytes if dh is NULL or dh_derive() has not succeeded. */
bytes_t dh_secret(const dh_t *dh);
void dh_free(dh_t *dh);

bool crypto_random(uint8_t *out, size_t length);
/* Compares in constant time. */
bool crypto_equal(const void *a, const void *b, size_t length);

#endif
