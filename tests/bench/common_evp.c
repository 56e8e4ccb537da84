#include "common_evp.h"
#include "test.h"

#include <string.h>

static const struct {
    const char *name;
    bool ccm;
} ciphers[AEAD_COUNT] = {
    [AEAD_AES_128_GCM] = {"AES-128-GCM", false},
    [AEAD_AES_256_GCM] = {"AES-256-GCM", false},
    [AEAD_AES_128_CCM] = {"AES-128-CCM", true},
    [AEAD_AES_256_CCM] = {"AES-256-CCM", true},
    [AEAD_AES_128_CCM_8] = {"AES-128-CCM", true},
    [AEAD_AES_256_CCM_8] = {"AES-256-CCM", true},
    [AEAD_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", false},
};

void evp_aead_start(evp_aead_t *aead, const suite_t *suite)
{
    memset(aead, 0, sizeof *aead);
    aead->name = ciphers[suite->aead].name;
    aead->ccm = ciphers[suite->aead].ccm;
    aead->tag = suite_tag(suite);
    aead->cipher = EVP_CIPHER_fetch(NULL, aead->name, NULL);
    CHECK(aead->cipher != NULL);
}

static EVP_CIPHER_CTX *new_context(const evp_aead_t *aead, int seal)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CHECK(EVP_CipherInit_ex2(ctx, aead->cipher, NULL, NULL, seal, NULL) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) == 1);
    if (aead->ccm)
        CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)aead->tag, NULL) == 1);
    CHECK(EVP_CipherInit_ex2(ctx, NULL, aead->key, NULL, seal, NULL) == 1);
    return ctx;
}

void evp_aead_key(evp_aead_t *aead)
{
    aead->seal = new_context(aead, 1);
    aead->open = new_context(aead, 0);
    aead->mask = NULL;
}

static bool begin(const evp_aead_t *aead, EVP_CIPHER_CTX *ctx, size_t length)
{
    int written;
    return EVP_CipherInit_ex2(ctx, NULL, NULL, aead->nonce, -1, NULL) == 1 &&
           (!aead->ccm || EVP_CipherUpdate(ctx, NULL, &written, NULL, (int)length) == 1) &&
           EVP_CipherUpdate(ctx, NULL, &written, aead->aad, sizeof aead->aad) == 1;
}

bool evp_aead_seal(evp_aead_t *aead, uint8_t *text, size_t length)
{
    int written;
    return begin(aead, aead->seal, length) &&
           EVP_CipherUpdate(aead->seal, text, &written, text, (int)length) == 1 &&
           (aead->ccm || EVP_CipherFinal_ex(aead->seal, text + length, &written) == 1) &&
           EVP_CIPHER_CTX_ctrl(aead->seal, EVP_CTRL_AEAD_GET_TAG, (int)aead->tag, text + length) ==
               1;
}

bool evp_aead_open(evp_aead_t *aead, uint8_t *text, size_t length)
{
    int written;
    return EVP_CIPHER_CTX_ctrl(aead->open, EVP_CTRL_AEAD_SET_TAG, (int)aead->tag, text + length) ==
               1 &&
           begin(aead, aead->open, length) &&
           EVP_CipherUpdate(aead->open, text, &written, text, (int)length) == 1 &&
           (aead->ccm || EVP_CipherFinal_ex(aead->open, text + length, &written) == 1);
}

void evp_aead_start_mask(evp_aead_t *aead)
{
    EVP_CIPHER *ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    aead->mask = EVP_CIPHER_CTX_new();
    CHECK(EVP_EncryptInit_ex2(aead->mask, ecb, aead->key, NULL, NULL) == 1 &&
          EVP_CIPHER_CTX_set_padding(aead->mask, 0) == 1);
    EVP_CIPHER_free(ecb);
}

bool evp_aead_mask(evp_aead_t *aead, const uint8_t sample[16])
{
    uint8_t out[16];
    int written;
    return EVP_EncryptUpdate(aead->mask, out, &written, sample, sizeof out) == 1;
}

void evp_aead_end_key(evp_aead_t *aead)
{
    EVP_CIPHER_CTX_free(aead->mask);
    EVP_CIPHER_CTX_free(aead->seal);
    EVP_CIPHER_CTX_free(aead->open);
}

void evp_aead_end(evp_aead_t *aead)
{
    EVP_CIPHER_free(aead->cipher);
}
