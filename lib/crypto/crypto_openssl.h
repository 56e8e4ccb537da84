/* crypto_openssl.h - what the files that use libcrypto share. */
#ifndef CRYPTO_OPENSSL_H
#define CRYPTO_OPENSSL_H

#include "crypto/crypto.h"

#include <openssl/evp.h>

/* A context that several masks share. */
typedef enum { MASK_AES_128, MASK_AES_256, MASK_CHACHA20, MASK_CIPHERS } mask_cipher_t;
typedef struct {
    EVP_CIPHER_CTX *ctx;
    mask_cipher_t cipher;
    uint64_t serial; /* of the mask whose key is set; 0: none */
} mask_context_t;
#define MASK_CONTEXTS 64

struct crypto {
    EVP_MD *md[HASH_COUNT];
    EVP_MD *sha1; /* for CBC suites; NULL: not fetched yet */
    /* NULL: not fetched yet. */
    EVP_CIPHER *cipher[AEAD_COUNT], *mask[MASK_CIPHERS];
    mac_t *mac[HASH_COUNT];
    EVP_MD_CTX *scratch; /* for hash_snapshot() */
    uint64_t last_mask;  /* serial number of the newest mask */
    mask_context_t masks[MASK_CONTEXTS];
};

#define MAC_BLOCK_MAX 128 /* length in bytes of the longest block of a hash */
/* Makes an HMAC context for this hash. The block of the hash must not exceed MAC_BLOCK_MAX. */
mac_t *mac_new_with(const EVP_MD *md);

#endif
