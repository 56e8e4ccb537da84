#include "crypto/crypto.h"

#include "base/wipe.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

static const struct {
    const char *name;
    size_t length;
} hashes[HASH_COUNT] = {
    [HASH_SHA256] = {"SHA2-256", 32},
    [HASH_SHA384] = {"SHA2-384", 48},
};

static const struct {
    const char *name;
    size_t key, tag;
    bool ccm;         /* true for CCM, whose lengths and tag libcrypto needs in another order */
    const char *mask; /* name of the cipher that computes the record number mask */
    const char *mac;  /* CBC: name of the hash of its HMAC; the HMAC key is as long as the tag */
} aeads[AEAD_COUNT] = {
    [AEAD_AES_128_GCM] = {"AES-128-GCM", 16, 16, false, "AES-128-ECB", NULL},
    [AEAD_AES_256_GCM] = {"AES-256-GCM", 32, 16, false, "AES-256-ECB", NULL},
    [AEAD_AES_128_CCM] = {"AES-128-CCM", 16, 16, true, "AES-128-ECB", NULL},
    [AEAD_AES_256_CCM] = {"AES-256-CCM", 32, 16, true, "AES-256-ECB", NULL},
    [AEAD_AES_128_CCM_8] = {"AES-128-CCM", 16, 8, true, "AES-128-ECB", NULL},
    [AEAD_AES_256_CCM_8] = {"AES-256-CCM", 32, 8, true, "AES-256-ECB", NULL},
    [AEAD_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", 32, 16, false, "ChaCha20", NULL},
    [AEAD_AES_128_CBC_SHA256] = {"AES-128-CBC", 16, 32, false, "AES-128-ECB", "SHA2-256"},
    [AEAD_AES_128_CBC_SHA1] = {"AES-128-CBC", 16, 20, false, "AES-128-ECB", "SHA1"},
};

struct crypto {
    EVP_MD *md[HASH_COUNT];
    EVP_CIPHER *cipher[AEAD_COUNT], *mask[AEAD_COUNT];
    EVP_MAC *hmac;
    mac_t *mac[HASH_COUNT];
};

/* These functions convert the opaque types of crypto.h to those of libcrypto: a hash_t is an
 * EVP_MD_CTX, a mac_t an EVP_MAC_CTX, and a mask_t an EVP_CIPHER_CTX. */

static EVP_MD_CTX *md_ctx(hash_t *hash)
{
    return (EVP_MD_CTX *)hash;
}

static EVP_MAC_CTX *mac_ctx(mac_t *mac)
{
    return (EVP_MAC_CTX *)mac;
}

struct aead {
    EVP_CIPHER_CTX *ctx;
    mac_t *mac; /* the HMAC of a CBC algorithm; NULL for an AEAD */
    aead_alg_t alg;
};

size_t hash_length(hash_alg_t alg)
{
    return hashes[alg].length;
}

size_t aead_key_length(aead_alg_t alg)
{
    return aeads[alg].key;
}

size_t aead_tag_length(aead_alg_t alg)
{
    return aeads[alg].tag;
}

size_t aead_mac_key_length(aead_alg_t alg)
{
    return aeads[alg].mac ? aeads[alg].tag : 0;
}

static bool fetch_all(crypto_t *crypto)
{
    crypto->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!crypto->hmac)
        return false;
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        crypto->md[alg] = EVP_MD_fetch(NULL, hashes[alg].name, NULL);
        crypto->mac[alg] = mac_new(crypto, alg);
        if (!crypto->md[alg] || !crypto->mac[alg])
            return false;
    }
    return true;
}

void crypto_skip_configuration(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

crypto_t *crypto_new(void)
{
    crypto_t *crypto = OPENSSL_zalloc(sizeof *crypto);
    if (crypto && !fetch_all(crypto)) {
        crypto_free(crypto);
        return NULL;
    }
    return crypto;
}

void crypto_free(crypto_t *crypto)
{
    if (!crypto)
        return;
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        mac_free(crypto->mac[alg]);
        EVP_MD_free(crypto->md[alg]);
    }
    for (aead_alg_t alg = 0; alg < AEAD_COUNT; alg++)
        EVP_CIPHER_free(crypto->cipher[alg]), EVP_CIPHER_free(crypto->mask[alg]);
    EVP_MAC_free(crypto->hmac);
    OPENSSL_free(crypto);
}

hash_t *hash_new(const crypto_t *crypto, hash_alg_t alg)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && !EVP_DigestInit_ex2(ctx, crypto->md[alg], NULL)) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return (hash_t *)ctx;
}

bool hash_add(hash_t *hash, const uint8_t *bytes, size_t length)
{
    return EVP_DigestUpdate(md_ctx(hash), bytes, length) == 1;
}

bool hash_snapshot(const hash_t *hash, const bytes_t *more, size_t count, uint8_t *out)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    bool ok = copy && EVP_MD_CTX_copy_ex(copy, (const EVP_MD_CTX *)hash) == 1;
    for (size_t i = 0; ok && i < count; i++)
        ok = EVP_DigestUpdate(copy, more[i].bytes, more[i].length) == 1;
    ok = ok && EVP_DigestFinal_ex(copy, out, NULL) == 1;
    EVP_MD_CTX_free(copy);
    return ok;
}

void hash_free(hash_t *hash)
{
    EVP_MD_CTX_free(md_ctx(hash));
}

static mac_t *new_mac(const crypto_t *crypto, const char *digest)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(crypto->hmac);
    /* Cast away const for OSSL_PARAM. libcrypto does not write to the string. */
    char *name = (char *)(uintptr_t)digest;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                           OSSL_PARAM_construct_end()};
    if (ctx && !EVP_MAC_CTX_set_params(ctx, params)) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return (mac_t *)ctx;
}

mac_t *mac_new(const crypto_t *crypto, hash_alg_t alg)
{
    return new_mac(crypto, hashes[alg].name);
}

mac_t *crypto_mac(const crypto_t *crypto, hash_alg_t alg)
{
    return crypto->mac[alg];
}

void crypto_wipe_keys(crypto_t *crypto)
{
    static const uint8_t zeros[HASH_MAX] = {0};
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++)
        mac_key(crypto->mac[alg], zeros, sizeof zeros);
}

bool mac_key(mac_t *mac, const uint8_t *key, size_t length)
{
    /* Pass a pointer for an empty key too: with NULL, libcrypto would use the previous key. */
    static const uint8_t none[1] = {0};
    return EVP_MAC_init(mac_ctx(mac), length > 0 ? key : none, length, NULL) == 1;
}

bool mac_restart(mac_t *mac)
{
    return EVP_MAC_init(mac_ctx(mac), NULL, 0, NULL) == 1;
}

bool mac_add(mac_t *mac, const uint8_t *bytes, size_t length)
{
    return EVP_MAC_update(mac_ctx(mac), bytes, length) == 1;
}

bool mac_finish(mac_t *mac, uint8_t *out)
{
    size_t length;
    return EVP_MAC_final(mac_ctx(mac), out, &length, HASH_MAX) == 1;
}

void mac_free(mac_t *mac)
{
    EVP_MAC_CTX_free(mac_ctx(mac));
}

static bool aead_start(aead_t *aead, const EVP_CIPHER *cipher, const uint8_t *key, bool seal)
{
    EVP_CIPHER_CTX *ctx = aead->ctx;
    if (aeads[aead->alg].mac)
        return ctx && EVP_CipherInit_ex2(ctx, cipher, key, NULL, seal, NULL) == 1 &&
               EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
    return ctx && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, seal, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, AEAD_NONCE, NULL) == 1 &&
           (!aeads[aead->alg].ccm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
                                                         (int)aeads[aead->alg].tag, NULL) == 1) &&
           EVP_CipherInit_ex2(ctx, NULL, key, NULL, seal, NULL) == 1;
}

aead_t *aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal)
{
    /* Fetch a cipher on first use only: fetching takes time, and a handshake needs one cipher. */
    EVP_CIPHER **cipher = &crypto->cipher[alg];
    if (!*cipher)
        *cipher = EVP_CIPHER_fetch(NULL, aeads[alg].name, NULL);
    aead_t *aead = OPENSSL_zalloc(sizeof *aead);
    if (!aead || !*cipher) {
        OPENSSL_free(aead);
        return NULL;
    }
    aead->alg = alg;
    aead->ctx = EVP_CIPHER_CTX_new();
    if (!aead_start(aead, *cipher, key, seal)) {
        aead_free(aead);
        return NULL;
    }
    return aead;
}

bool aead_set_mac_key(aead_t *aead, const crypto_t *crypto, const uint8_t *key)
{
    aead->mac = new_mac(crypto, aeads[aead->alg].mac);
    return aead->mac && mac_key(aead->mac, key, aeads[aead->alg].tag);
}

/* ---- CBC, with the HMAC over the ciphertext: RFC 7366 section 3 ---- */

static bool cbc_crypt(aead_t *aead, const uint8_t *nonce, uint8_t *text, size_t length)
{
    int written;
    return EVP_CipherInit_ex2(aead->ctx, NULL, NULL, nonce, -1, NULL) == 1 &&
           EVP_CipherUpdate(aead->ctx, text, &written, text, (int)length) == 1 &&
           written == (int)length;
}

static bool cbc_mac(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                    const uint8_t *text, size_t length, uint8_t *out)
{
    return mac_restart(aead->mac) && mac_add(aead->mac, aad, aad_length) &&
           mac_add(aead->mac, nonce, CBC_BLOCK) && mac_add(aead->mac, text, length) &&
           mac_finish(aead->mac, out);
}

static bool cbc_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                     uint8_t *text, size_t length)
{
    uint8_t expected[HASH_MAX];
    return length % CBC_BLOCK == 0 &&
           cbc_mac(aead, nonce, aad, aad_length, text, length, expected) &&
           crypto_equal(expected, text + length, aeads[aead->alg].tag) &&
           cbc_crypt(aead, nonce, text, length);
}

/* ---- AEAD ---- */

/* Begins a text with this nonce and additional data. For CCM, libcrypto needs the length of the
 * text before the additional data. */
static bool aead_begin(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                       size_t text_length)
{
    int written;
    return EVP_CipherInit_ex2(aead->ctx, NULL, NULL, nonce, -1, NULL) == 1 &&
           (!aeads[aead->alg].ccm ||
            EVP_CipherUpdate(aead->ctx, NULL, &written, NULL, (int)text_length) == 1) &&
           EVP_CipherUpdate(aead->ctx, NULL, &written, aad, (int)aad_length) == 1;
}

bool aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length)
{
    EVP_CIPHER_CTX *ctx = aead->ctx;
    size_t tag = aeads[aead->alg].tag;
    int written;
    if (aead->mac)
        return cbc_crypt(aead, nonce, text, length) &&
               cbc_mac(aead, nonce, aad, aad_length, text, length, text + length);
    return aead_begin(aead, nonce, aad, aad_length, length) &&
           EVP_CipherUpdate(ctx, text, &written, text, (int)length) == 1 &&
           (aeads[aead->alg].ccm || EVP_CipherFinal_ex(ctx, text + length, &written) == 1) &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag, text + length) == 1;
}

static bool open_and_check(aead_t *aead, const uint8_t *nonce, const uint8_t *aad,
                           size_t aad_length, uint8_t *text, size_t length)
{
    EVP_CIPHER_CTX *ctx = aead->ctx;
    size_t tag = aeads[aead->alg].tag;
    uint8_t end[AEAD_MAX_TAG];
    int written;
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag, text + length) == 1 &&
           aead_begin(aead, nonce, aad, aad_length, length) &&
           EVP_CipherUpdate(ctx, text, &written, text, (int)length) == 1 &&
           (aeads[aead->alg].ccm || EVP_CipherFinal_ex(ctx, end, &written) == 1);
}

bool aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length)
{
    size_t tag = aeads[aead->alg].tag;
    if (length < tag)
        return false;
    /* Mark the thread's error queue, to remove the entry that a forged record leaves in it. */
    ERR_set_mark();
    bool ok = aead->mac ? cbc_open(aead, nonce, aad, aad_length, text, length - tag)
                        : open_and_check(aead, nonce, aad, aad_length, text, length - tag);
    ERR_pop_to_mark();
    if (!ok)
        wipe(text, length);
    return ok;
}

void aead_free(aead_t *aead)
{
    if (!aead)
        return;
    EVP_CIPHER_CTX_free(aead->ctx);
    mac_free(aead->mac);
    OPENSSL_free(aead);
}

/* ---- record number masks ---- */

static EVP_CIPHER_CTX *mask_ctx(mask_t *mask)
{
    return (EVP_CIPHER_CTX *)mask;
}

mask_t *mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key)
{
    EVP_CIPHER **cipher = &crypto->mask[alg];
    if (!*cipher)
        *cipher = EVP_CIPHER_fetch(NULL, aeads[alg].mask, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!*cipher || !ctx || EVP_EncryptInit_ex2(ctx, *cipher, key, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return (mask_t *)ctx;
}

/* Encrypts the sample with AES. With ChaCha20 the sample is the block counter and the nonce, and
 * the mask is the key stream (RFC 9147 section 4.2.3); libcrypto's IV for ChaCha20 has the same
 * layout as the sample. */
bool mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE])
{
    static const uint8_t zeros[MASK_SAMPLE] = {0};
    EVP_CIPHER_CTX *ctx = mask_ctx(mask);
    int written;
    if (EVP_CIPHER_CTX_get_iv_length(ctx) == 0)
        return EVP_EncryptUpdate(ctx, out, &written, sample, MASK_SAMPLE) == 1;
    return EVP_EncryptInit_ex2(ctx, NULL, NULL, sample, NULL) == 1 &&
           EVP_EncryptUpdate(ctx, out, &written, zeros, MASK_SAMPLE) == 1;
}

void mask_free(mask_t *mask)
{
    EVP_CIPHER_CTX_free(mask_ctx(mask));
}

/* ---- random bytes and memory ---- */

bool crypto_random(uint8_t *out, size_t length)
{
    return length <= INT_MAX && RAND_bytes(out, (int)length) == 1;
}

bool crypto_equal(const void *a, const void *b, size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}
