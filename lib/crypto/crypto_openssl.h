/* crypto_openssl.h - what the files that use libcrypto share. */
#ifndef CRYPTO_OPENSSL_H
#define CRYPTO_OPENSSL_H

#include "crypto/crypto.h"

#include <openssl/evp.h>

struct crypto {
    EVP_MD *md[HASH_COUNT];
    EVP_MD *sha1; /* for CBC suites; NULL: not fetched yet */
    EVP_CIPHER *cipher[AEAD_COUNT], *mask[AEAD_COUNT];
    mac_t *mac[HASH_COUNT];
    EVP_MD_CTX *scratch; /* for hash_snapshot() */
};

#define MAC_BLOCK_MAX 128 /* length in bytes of the longest block of a hash */
/* Makes an HMAC context for this hash. The block of the hash must not exceed MAC_BLOCK_MAX. */
mac_t *mac_new_with(const EVP_MD *md);

#endif
