/*
 * common_evp.h - direct calls of libcrypto, to compare the library with. Algorithms are fetched
 * once, and contexts are reused where that is possible.
 */
#ifndef COMMON_EVP_H
#define COMMON_EVP_H

#include "crypto/suite.h"

#include <openssl/evp.h>

enum { EVP_ROOM = 16600 };

typedef struct {
    const char *name;
    size_t tag;
    bool ccm;
    uint8_t key[32], nonce[12], aad[13];
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *seal, *open, *mask;
} evp_aead_t;

void evp_aead_start(evp_aead_t *aead, const suite_t *suite);
void evp_aead_key(evp_aead_t *aead); /* makes new contexts for both directions */
/* Encrypts length bytes of text in place, and writes the tag after them. */
bool evp_aead_seal(evp_aead_t *aead, uint8_t *text, size_t length);
/* Decrypts length bytes of text in place. The tag is after them. Returns false if it is wrong. */
bool evp_aead_open(evp_aead_t *aead, uint8_t *text, size_t length);
/* These encrypt a block of AES, as for the mask of a record number (RFC 9147 section 4.2.3). */
void evp_aead_start_mask(evp_aead_t *aead);
bool evp_aead_mask(evp_aead_t *aead, const uint8_t sample[16]);
void evp_aead_end_key(evp_aead_t *aead);
void evp_aead_end(evp_aead_t *aead);

#endif
