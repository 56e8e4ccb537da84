#include "crypto/crypto_openssl.h"

#include <openssl/crypto.h>
#include <string.h>

static const char *const ciphers[MASK_CIPHERS] = {
    [MASK_AES_128] = "AES-128-ECB",
    [MASK_AES_256] = "AES-256-ECB",
    [MASK_CHACHA20] = "ChaCha20",
};

/* A mask has no context of its own: a context has about 700 bytes. Fetching them into the cache, or
 * freeing them, takes longer than setting a key. All masks share the contexts in crypto->masks. A mask
 * sets its key again if another mask has used the context since. */
struct mask {
    crypto_t *crypto;
    uint64_t serial; /* differs from that of every other mask of *crypto */
    mask_cipher_t cipher;
    uint8_t key[AEAD_MAX_KEY];
};

static mask_context_t *shared_context(const mask_t *mask)
{
    return &mask->crypto->masks[mask->serial % MASK_CONTEXTS];
}

static mask_cipher_t cipher_of(aead_alg_t alg)
{
    if (alg == AEAD_CHACHA20_POLY1305)
        return MASK_CHACHA20;
    return aead_key_length(alg) == 16 ? MASK_AES_128 : MASK_AES_256;
}

/* Fetches the cipher on first use: fetching takes time, and a handshake needs one cipher. */
static const EVP_CIPHER *fetched(crypto_t *crypto, mask_cipher_t number)
{
    EVP_CIPHER **cipher = &crypto->mask[number];
    if (!*cipher)
        *cipher = EVP_CIPHER_fetch(NULL, ciphers[number], NULL);
    return *cipher;
}

/* Makes the shared context one of the cipher of this mask. */
static bool set_cipher(mask_context_t *context, const mask_t *mask)
{
    const EVP_CIPHER *cipher = fetched(mask->crypto, mask->cipher);
    if (!cipher)
        return false;
    EVP_CIPHER_CTX_free(context->ctx);
    context->ctx = EVP_CIPHER_CTX_new();
    context->cipher = mask->cipher;
    return context->ctx && EVP_EncryptInit_ex2(context->ctx, cipher, NULL, NULL, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(context->ctx, 0) == 1;
}

static bool set_key(const mask_context_t *context, const uint8_t *key)
{
    return EVP_EncryptInit_ex2(context->ctx, NULL, key, NULL, NULL) == 1;
}

/* Frees a context, and so wipes the key in it. */
static void free_context(mask_context_t *context)
{
    EVP_CIPHER_CTX_free(context->ctx);
    *context = (mask_context_t){.ctx = NULL};
}

/* Returns the context with the key of this mask. If libcrypto fails, returns NULL and frees the
 * context: it may have no cipher, or still the key of another mask. */
static EVP_CIPHER_CTX *keyed_context(const mask_t *mask)
{
    mask_context_t *context = shared_context(mask);
    if (context->serial == mask->serial)
        return context->ctx;
    bool has_cipher = context->ctx && context->cipher == mask->cipher;
    if ((has_cipher || set_cipher(context, mask)) && set_key(context, mask->key))
        context->serial = mask->serial;
    else
        free_context(context);
    return context->ctx;
}

/* Overwrites the key in a context, and keeps the context for the next mask. */
static void wipe_context(mask_context_t *context)
{
    static const uint8_t zeros[AEAD_MAX_KEY] = {0};
    context->serial = 0;
    if (!set_key(context, zeros))
        free_context(context);
}

mask_t *mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key)
{
    mask_t *mask = OPENSSL_zalloc(sizeof *mask);
    if (!mask)
        return NULL;
    mask->crypto = crypto;
    mask->serial = ++crypto->last_mask;
    mask->cipher = cipher_of(alg);
    memcpy(mask->key, key, aead_key_length(alg));
    if (!keyed_context(mask)) {
        mask_free(mask);
        return NULL;
    }
    return mask;
}

/* Encrypts the sample with AES. With ChaCha20 the sample is the block counter and the nonce, and
 * the mask is the key stream (RFC 9147 section 4.2.3); libcrypto's IV for ChaCha20 has the same
 * layout as the sample. */
bool mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE])
{
    static const uint8_t zeros[MASK_SAMPLE] = {0};
    EVP_CIPHER_CTX *ctx = keyed_context(mask);
    if (!ctx)
        return false;
    if (mask->cipher != MASK_CHACHA20)
        return EVP_Cipher(ctx, out, sample, MASK_SAMPLE) == MASK_SAMPLE;
    return EVP_EncryptInit_ex2(ctx, NULL, NULL, sample, NULL) == 1 &&
           EVP_Cipher(ctx, out, zeros, MASK_SAMPLE) == MASK_SAMPLE;
}

void mask_free(mask_t *mask)
{
    if (!mask)
        return;
    mask_context_t *context = shared_context(mask);
    if (context->serial == mask->serial)
        wipe_context(context);
    OPENSSL_clear_free(mask, sizeof *mask);
}
