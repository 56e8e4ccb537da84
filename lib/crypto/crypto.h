/* crypto.h - the cryptographic primitives that the protocol needs. Only the files crypto_openssl*.c
 * use libcrypto.
 *
 * A function can fail because libcrypto fails, for example for lack of memory. A function that
 * returns bool then returns false, and otherwise true. A function that returns a pointer then
 * returns NULL. A function whose name ends in _free accepts NULL. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_MAX 48 /* length in bytes of a SHA-384 hash, the longest in use */
#define AEAD_NONCE 12
#define AEAD_MAX_TAG 16
#define AEAD_MAX_KEY 32
#define CBC_BLOCK 16 /* length in bytes of an AES block, and of the CBC nonce (IV) */
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
    AEAD_AES_128_CBC_SHA256, /* AES-CBC, then HMAC-SHA256 over the ciphertext: RFC 7366 */
    AEAD_AES_128_CBC_SHA1,
    AEAD_COUNT
} aead_alg_t;

/* Returns the length in bytes of a hash of this algorithm. */
size_t hash_length(hash_alg_t alg);
/* These two return the length in bytes of the encryption key, and of the tag. For CBC, the tag is
 * the MAC. */
size_t aead_key_length(aead_alg_t alg);
size_t aead_tag_length(aead_alg_t alg);
/* Returns the length in bytes of the HMAC key of a CBC algorithm, and 0 for every other
 * algorithm. */
size_t aead_mac_key_length(aead_alg_t alg);

/* Prevents libcrypto from reading openssl.cnf, for the whole process. */
void crypto_skip_configuration(void);
/* The state of libcrypto for one context: the algorithms, each fetched once, and one HMAC context
 * for each hash, which all key derivations use. */
typedef struct crypto crypto_t;
crypto_t *crypto_new(void);
void crypto_free(crypto_t *crypto);

/* A hash to which bytes are added step by step. */
typedef struct hash hash_t;
hash_t *hash_new(const crypto_t *crypto, hash_alg_t alg);
/* Adds length bytes to the hash. */
bool hash_add(hash_t *hash, const uint8_t *bytes, size_t length);
typedef struct {
    const uint8_t *bytes;
    size_t length;
} bytes_t;
/* Writes to out, in hash_length() bytes, the hash of the bytes added so far followed by the `count`
 * buffers of `more`. Does not change *hash. */
bool hash_snapshot(const hash_t *hash, const bytes_t *more, size_t count, uint8_t *out);
void hash_free(hash_t *hash);

/* HMAC, RFC 2104. */
typedef struct mac mac_t;
mac_t *mac_new(const crypto_t *crypto, hash_alg_t alg);
/* Returns the HMAC context for key derivation. The caller must not free it. */
mac_t *crypto_mac(const crypto_t *crypto, hash_alg_t alg);
/* Overwrites the keys that the HMAC contexts for key derivation still hold. */
void crypto_wipe_keys(crypto_t *crypto);
/* Sets the HMAC key and begins a message. */
bool mac_key(mac_t *mac, const uint8_t *key, size_t length);
/* Begins another message under the same key. */
bool mac_restart(mac_t *mac);
/* Adds length bytes to the message. */
bool mac_add(mac_t *mac, const uint8_t *bytes, size_t length);
/* Ends the message and writes its HMAC to out. out has room for HASH_MAX bytes; hash_length() of
 * them are written. */
bool mac_finish(mac_t *mac, uint8_t *out);
void mac_free(mac_t *mac);

/* An AEAD or CBC algorithm with one key, for one direction. aead_seal() and aead_open() allocate no
 * memory.
 * A CBC algorithm has a second key, for the HMAC. Its nonce has CBC_BLOCK bytes and must be
 * unpredictable (RFC 5246 section 6.2.3.2). The length of its text must be a multiple of
 * CBC_BLOCK. */
typedef struct aead aead_t;
/* Makes an aead_t. seal is true for a key that encrypts, false for a key that decrypts. */
aead_t *aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal);
/* Sets the HMAC key of a CBC algorithm. key has aead_mac_key_length() bytes. */
bool aead_set_mac_key(aead_t *aead, crypto_t *crypto, const uint8_t *key);
/* Frees the context of libcrypto, which takes more than 1000 bytes. The next aead_seal() or
 * aead_open() makes it again. Not for CBC, and not after aead_start_records(). */
void aead_rest(aead_t *aead);
/* Encrypts text of length bytes in place, and writes the tag after it. aad is the additional data
 * of aad_length bytes. */
bool aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);
/* Checks the tag and decrypts text in place. length includes the tag. Wipes text and returns false
 * if the tag is wrong. */
bool aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length);

/* Libcrypto knows the format of DTLS 1.2 records without a connection ID, and seals or opens such a
 * record in half as many calls. Not for CBC. After aead_start_records() the key can be used only
 * for such records. iv: the part of the nonce that comes from the key block. */
#define AEAD_RECORD_AAD 13
bool aead_start_records(aead_t *aead, const uint8_t *iv, size_t length);
/* Encrypts a record in place. payload has length bytes: the explicit nonce if the suite has one,
 * the text, and the tag. The function writes the explicit nonce and the tag. aad is the additional
 * data (RFC 5246 section 6.2.3.3), except that its length field counts the explicit nonce too. The
 * explicit nonce is a copy of the first 8 bytes of aad: epoch and sequence number. */
bool aead_seal_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                      size_t length);
/* Checks the tag and decrypts the text in place. The length field in aad counts the whole payload.
 * Wipes the payload and returns false if the tag is wrong. */
bool aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                      size_t length);
/* Where libcrypto keeps what a record needs, for a prefetch (conn/warm.h): its context of
 * AEAD_CONTEXT bytes, and the key. NULL: the key is at rest. */
#define AEAD_CONTEXT 184
typedef struct {
    const void *context, *key;
    uint16_t key_length; /* in bytes */
} aead_memory_t;
aead_memory_t aead_memory(const aead_t *aead);
void aead_free(aead_t *aead);

/* The mask that encrypts record numbers in DTLS 1.3 (RFC 9147 section 4.2.3). */
#define MASK_SAMPLE 16
typedef struct mask mask_t;
mask_t *mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key);
/* Computes the mask from MASK_SAMPLE bytes of a record's ciphertext. */
bool mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
void mask_free(mask_t *mask);

/* An ephemeral key pair for ECDHE or DHE, and the secret shared with one peer. DHE uses a finite
 * field of RFC 7919, or in DTLS 1.2 one that the server has made itself. */
typedef enum { DH_X25519, DH_P256, DH_FFDHE2048, DH_FFDHE3072, DH_COUNT } dh_alg_t;
#define DH_MAX_PRIVATE 48
/* The length in bytes of the longest public key or secret: a prime has at most 4096 bits. */
#define DH_MAX_PUBLIC 512
typedef struct dh dh_t;
/* Returns the number of random bytes that dh_new() needs. */
size_t dh_private_length(dh_alg_t alg);
/* Makes a key pair from dh_private_length() random bytes. Returns NULL also if the bytes are not a
 * valid private key, which happens with one of 2^32 P-256 keys. */
dh_t *dh_new(dh_alg_t alg, const uint8_t *private_key);
/* Makes a key pair in a finite field that the server has chosen, from DH_MAX_PRIVATE random bytes.
 * Returns NULL also if the prime has fewer than 2048 or more than 4096 bits, or if the prime is not
 * a safe prime. */
dh_t *dh_new_in_field(bytes_t prime, bytes_t generator, const uint8_t *private_key);
/* Returns the algorithm of a key pair. Returns DH_COUNT for a finite field that is not in
 * dh_alg_t. */
dh_alg_t dh_alg(const dh_t *dh);
/* Returns the prime of a finite field. Returns no bytes if dh is for a curve. The generator of the
 * RFC 7919 fields is 2. */
bytes_t dh_prime(const dh_t *dh);
/* Returns our public key as it is sent to the peer. */
bytes_t dh_public(const dh_t *dh);
/* Computes the shared secret from the peer's public key of length bytes. Returns false also if the
 * public key is invalid, or if an attacker could know the secret: on a curve, the secret of a point
 * of small order; in a field, the secrets 0, 1 and prime - 1. */
bool dh_derive(dh_t *dh, const uint8_t *peer, size_t length);
/* Returns the shared secret. Returns no bytes if dh is NULL or dh_derive() has not succeeded. */
bytes_t dh_secret(const dh_t *dh);
void dh_free(dh_t *dh);

/* Fills `out` with `length` bytes of libcrypto's random generator. */
bool crypto_random(uint8_t *out, size_t length);
/* Compares the length bytes at a and at b, in constant time. Returns true if they are equal. */
bool crypto_equal(const void *a, const void *b, size_t length);

#endif
