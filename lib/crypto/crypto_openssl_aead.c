#include "crypto/crypto_openssl.h"

#include "base/bytes.h"
#include "base/wipe.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

static const struct {
    const char *name;
    size_t key, tag;
    bool gcm, ccm; /* the mode; libcrypto needs other calls for these two modes */
    /* What libcrypto 3.0 allocates for a key: its length in bytes, and how many of them are before
     * the initialization vector. Only prefetches depend on them. */
    uint16_t memory, before_iv;
    const char *mac; /* CBC: name of the hash of its HMAC; the HMAC key is as long as the tag */
} aeads[AEAD_COUNT] = {
    [AEAD_AES_128_GCM] = {"AES-128-GCM", 16, 16, true, false, 960, 85, NULL},
    [AEAD_AES_256_GCM] = {"AES-256-GCM", 32, 16, true, false, 960, 85, NULL},
    [AEAD_AES_128_CCM] = {"AES-128-CCM", 16, 16, false, true, 416, 48, NULL},
    [AEAD_AES_256_CCM] = {"AES-256-CCM", 32, 16, false, true, 416, 48, NULL},
    [AEAD_AES_128_CCM_8] = {"AES-128-CCM", 16, 8, false, true, 416, 48, NULL},
    [AEAD_AES_256_CCM_8] = {"AES-256-CCM", 32, 8, false, true, 416, 48, NULL},
    [AEAD_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", 32, 16, false, false, 848, 0, NULL},
    [AEAD_AES_128_CBC_SHA256] = {"AES-128-CBC", 16, 32, false, false, 416, 48, "SHA2-256"},
    [AEAD_AES_128_CBC_SHA1] = {"AES-128-CBC", 16, 20, false, false, 416, 48, "SHA1"},
};

struct aead {
    EVP_CIPHER_CTX *ctx; /* NULL: the key is at rest */
    mac_t *mac;          /* the HMAC of a CBC algorithm; NULL for an AEAD */
    const crypto_t *crypto;
    aead_alg_t alg;
    bool seal;
    bool counts;      /* sealing: libcrypto makes each explicit nonce by adding 1 to the last one */
    uint64_t next;    /* if `counts`: the explicit nonce that libcrypto uses next; 0: unknown */
    bool has_fixed;   /* GCM: libcrypto has the fixed part of the nonce */
    uint8_t fixed[4]; /* GCM: the part of the nonce before the explicit nonce */
    uint8_t key[AEAD_MAX_KEY];
};

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

static OSSL_PARAM bytes_param(const char *key, const uint8_t *bytes, size_t length)
{
    /* Cast away const for OSSL_PARAM. libcrypto writes only what it returns. */
    return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)bytes, length);
}

/* Sets the lengths of nonce and tag, which libcrypto's CCM needs before the key. For the
 * other algorithms our lengths are the default. */
static bool start_ccm(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, size_t tag, bool seal)
{
    size_t nonce = AEAD_NONCE;
    const OSSL_PARAM lengths[] = {OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_IVLEN, &nonce),
                                  bytes_param(OSSL_CIPHER_PARAM_AEAD_TAG, NULL, tag),
                                  OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, seal, lengths) == 1;
}

static bool set_key(aead_t *aead)
{
    const EVP_CIPHER *cipher = aead->crypto->cipher[aead->alg];
    if (aeads[aead->alg].ccm) {
        if (!start_ccm(aead->ctx, cipher, aeads[aead->alg].tag, aead->seal))
            return false;
        cipher = NULL;
    }
    return EVP_CipherInit_ex2(aead->ctx, cipher, aead->key, NULL, aead->seal, NULL) == 1 &&
           (!aeads[aead->alg].mac || EVP_CIPHER_CTX_set_padding(aead->ctx, 0) == 1);
}

void aead_rest(aead_t *aead)
{
    EVP_CIPHER_CTX_free(aead->ctx);
    aead->ctx = NULL;
    aead->has_fixed = false;
}

/* Makes the context of a key that is at rest. */
static bool wake(aead_t *aead)
{
    if (aead->ctx)
        return true;
    aead->ctx = EVP_CIPHER_CTX_new();
    if (aead->ctx && set_key(aead))
        return true;
    aead_rest(aead);
    return false;
}

aead_t *aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal)
{
    /* Fetch a cipher on first use only: fetching takes time, and a handshake needs one cipher. */
    EVP_CIPHER **cipher = &crypto->cipher[alg];
    if (!*cipher)
        *cipher = EVP_CIPHER_fetch(NULL, aeads[alg].name, NULL);
    aead_t *aead = OPENSSL_zalloc(sizeof *aead);
    if (!aead)
        return NULL;
    aead->crypto = crypto;
    aead->alg = alg;
    aead->seal = seal;
    memcpy(aead->key, key, aeads[alg].key);
    if (!*cipher || !wake(aead)) {
        aead_free(aead);
        return NULL;
    }
    return aead;
}

/* Returns the hash of the HMAC of a CBC algorithm, or NULL if libcrypto does not have it. */
static const EVP_MD *cbc_hash(crypto_t *crypto, aead_alg_t alg)
{
    if (alg == AEAD_AES_128_CBC_SHA256)
        return crypto->md[HASH_SHA256];
    if (!crypto->sha1)
        crypto->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    return crypto->sha1;
}

bool aead_set_mac_key(aead_t *aead, crypto_t *crypto, const uint8_t *key)
{
    const EVP_MD *md = cbc_hash(crypto, aead->alg);
    aead->mac = md ? mac_new_with(md) : NULL;
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

/* Encrypts or decrypts in place. Unlike EVP_CipherUpdate(), EVP_Cipher() leaves no entry in the
 * thread's error queue if it finds a wrong tag. Each such entry allocates memory, and an attacker
 * could cause one with each forged record. */
static bool crypt_in_place(EVP_CIPHER_CTX *ctx, uint8_t *bytes, size_t length)
{
    return EVP_Cipher(ctx, bytes, bytes, (unsigned)length) >= 0;
}

/* Adds the additional data. For CCM, libcrypto needs the length of the text first. */
static bool add_aad(aead_t *aead, const uint8_t *aad, size_t aad_length, size_t text_length)
{
    int written;
    return (!aeads[aead->alg].ccm ||
            EVP_CipherUpdate(aead->ctx, NULL, &written, NULL, (int)text_length) == 1) &&
           (aad_length == 0 || EVP_Cipher(aead->ctx, NULL, aad, (unsigned)aad_length) >= 0);
}

bool aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length)
{
    int written;
    if (!wake(aead))
        return false;
    EVP_CIPHER_CTX *ctx = aead->ctx;
    if (aead->mac)
        return cbc_crypt(aead, nonce, text, length) &&
               cbc_mac(aead, nonce, aad, aad_length, text, length, text + length);
    OSSL_PARAM tag[] = {
        bytes_param(OSSL_CIPHER_PARAM_AEAD_TAG, text + length, aeads[aead->alg].tag),
        OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, -1, NULL) == 1 &&
           add_aad(aead, aad, aad_length, length) && crypt_in_place(ctx, text, length) &&
           (aeads[aead->alg].ccm || EVP_CipherFinal_ex(ctx, text + length, &written) == 1) &&
           EVP_CIPHER_CTX_get_params(ctx, tag) == 1;
}

static bool set_fixed(aead_t *aead, const uint8_t *iv, size_t length)
{
    const OSSL_PARAM params[] = {bytes_param(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, iv, length),
                                 OSSL_PARAM_construct_end()};
    return EVP_CIPHER_CTX_set_params(aead->ctx, params) == 1;
}

/* GCM: sets nonce and tag of a text to decrypt, in one call and without EVP_CipherInit_ex2(), which
 * asks the cipher for the length of the nonce each time. libcrypto keeps the fixed part, which is
 * the same in all records. */
static bool set_nonce_and_tag(aead_t *aead, const uint8_t *nonce, const uint8_t *tag)
{
    const size_t fixed = sizeof aead->fixed;
    const OSSL_PARAM params[] = {
        bytes_param(OSSL_CIPHER_PARAM_AEAD_TAG, tag, aeads[aead->alg].tag),
        bytes_param(OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, nonce + fixed, AEAD_NONCE - fixed),
        OSSL_PARAM_construct_end()};
    if (!aead->has_fixed || !crypto_equal(nonce, aead->fixed, fixed)) {
        memcpy(aead->fixed, nonce, fixed);
        aead->has_fixed = set_fixed(aead, nonce, fixed);
    }
    return aead->has_fixed && EVP_CIPHER_CTX_set_params(aead->ctx, params) == 1;
}

static bool begin_to_open(aead_t *aead, const uint8_t *nonce, const uint8_t *tag)
{
    if (aeads[aead->alg].gcm)
        return set_nonce_and_tag(aead, nonce, tag);
    const OSSL_PARAM params[] = {bytes_param(OSSL_CIPHER_PARAM_AEAD_TAG, tag, aeads[aead->alg].tag),
                                 OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex2(aead->ctx, NULL, NULL, nonce, -1, params) == 1;
}

static bool open_and_check(aead_t *aead, const uint8_t *nonce, const uint8_t *aad,
                           size_t aad_length, uint8_t *text, size_t length)
{
    uint8_t end[AEAD_MAX_TAG];
    int written;
    return wake(aead) && begin_to_open(aead, nonce, text + length) &&
           add_aad(aead, aad, aad_length, length) && crypt_in_place(aead->ctx, text, length) &&
           (aeads[aead->alg].ccm || EVP_CipherFinal_ex(aead->ctx, end, &written) == 1);
}

bool aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
               uint8_t *text, size_t length)
{
    size_t tag = aeads[aead->alg].tag;
    if (length < tag)
        return false;
    bool ok = aead->mac ? cbc_open(aead, nonce, aad, aad_length, text, length - tag)
                        : open_and_check(aead, nonce, aad, aad_length, text, length - tag);
    if (!ok)
        wipe(text, length);
    return ok;
}

/* ---- records of DTLS 1.2 ---- */

bool aead_start_records(aead_t *aead, const uint8_t *iv, size_t length)
{
    aead->counts = aeads[aead->alg].gcm && aead->seal;
    if (aead->counts)
        memcpy(aead->fixed, iv, sizeof aead->fixed);
    return set_fixed(aead, iv, length);
}

/* Makes libcrypto use this number as the next explicit nonce. By itself libcrypto starts with a
 * random number and adds 1 after each record. So if this number is the next one, the function does
 * nothing. */
static bool count_from(aead_t *aead, uint64_t number)
{
    uint8_t nonce[AEAD_NONCE];
    if (number == aead->next)
        return true;
    memcpy(nonce, aead->fixed, sizeof aead->fixed);
    store_uint(nonce + sizeof aead->fixed, number, sizeof number);
    return EVP_CipherInit_ex2(aead->ctx, NULL, NULL, nonce, -1, NULL) == 1;
}

static bool crypt_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                         size_t length)
{
    const OSSL_PARAM params[] = {bytes_param(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, aad, AEAD_RECORD_AAD),
                                 OSSL_PARAM_construct_end()};
    return EVP_CIPHER_CTX_set_params(aead->ctx, params) == 1 &&
           EVP_Cipher(aead->ctx, payload, payload, (unsigned)length) >= 0;
}

bool aead_seal_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                      size_t length)
{
    if (!aead->counts)
        return crypt_record(aead, aad, payload, length);
    uint64_t number = load_uint(aad, sizeof number);
    bool ok = count_from(aead, number) && crypt_record(aead, aad, payload, length);
    aead->next = ok ? number + 1 : 0;
    return ok;
}

bool aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                      size_t length)
{
    bool ok = crypt_record(aead, aad, payload, length);
    if (!ok)
        wipe(payload, length);
    return ok;
}

/* libcrypto returns the address of the initialization vector, which is in the memory of the key. For
 * ChaCha20 it does not: the key is then assumed to be behind the context. */
static const char *key_memory(const aead_t *aead)
{
    void *iv = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_IV, &iv, EVP_MAX_IV_LENGTH),
        OSSL_PARAM_construct_end()};
    if (EVP_CIPHER_CTX_get_params(aead->ctx, params) == 1 && iv)
        return (const char *)iv - aeads[aead->alg].before_iv;
    return (const char *)aead->ctx + AEAD_CONTEXT;
}

aead_memory_t aead_memory(const aead_t *aead)
{
    if (!aead->ctx)
        return (aead_memory_t){.context = NULL};
    return (aead_memory_t){
        .context = aead->ctx, .key = key_memory(aead), .key_length = aeads[aead->alg].memory};
}

void aead_free(aead_t *aead)
{
    if (!aead)
        return;
    EVP_CIPHER_CTX_free(aead->ctx);
    mac_free(aead->mac);
    OPENSSL_clear_free(aead, sizeof *aead);
}
