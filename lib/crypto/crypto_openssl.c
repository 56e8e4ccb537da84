#include "crypto/crypto_openssl.h"

#include "base/wipe.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

static const struct {
    const char *name;
    size_t length;
} hashes[HASH_COUNT] = {
    [HASH_SHA256] = {"SHA2-256", 32},
    [HASH_SHA384] = {"SHA2-384", 48},
};

struct hash {
    EVP_MD_CTX *ctx;
    EVP_MD_CTX *scratch; /* the scratch context of crypto_t, which owns it */
};

#define MAC_KEPT_KEY 64

/* An HMAC, computed as two hashes (RFC 2104): an EVP_MAC takes longer, above all to set its key. */
struct mac {
    const EVP_MD *md;
    EVP_MD_CTX *inner, *outer; /* each has hashed a padded key: K ^ ipad, K ^ opad */
    EVP_MD_CTX *message;       /* a copy of inner, which then hashes the message */
    bool keyed;                /* a key has been set since the last wipe */
    /* The last key, if it has at most MAC_KEPT_KEY bytes. If the same key is set again, `inner` and
     * `outer` are used again. A handshake sets the master secret several times. */
    uint8_t key[MAC_KEPT_KEY];
    size_t key_length;
};

size_t hash_length(hash_alg_t alg)
{
    return hashes[alg].length;
}

static bool fetch_all(crypto_t *crypto)
{
    crypto->scratch = EVP_MD_CTX_new();
    if (!crypto->scratch)
        return false;
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        crypto->md[alg] = EVP_MD_fetch(NULL, hashes[alg].name, NULL);
        crypto->mac[alg] = crypto->md[alg] ? mac_new(crypto, alg) : NULL;
        if (!crypto->mac[alg])
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
        EVP_CIPHER_free(crypto->cipher[alg]);
    for (mask_cipher_t cipher = 0; cipher < MASK_CIPHERS; cipher++)
        EVP_CIPHER_free(crypto->mask[cipher]);
    for (size_t i = 0; i < MASK_CONTEXTS; i++)
        EVP_CIPHER_CTX_free(crypto->masks[i].ctx);
    EVP_MD_free(crypto->sha1);
    EVP_MD_CTX_free(crypto->scratch);
    OPENSSL_free(crypto);
}

/* ---- hashes ---- */

hash_t *hash_new(const crypto_t *crypto, hash_alg_t alg)
{
    hash_t *hash = OPENSSL_zalloc(sizeof *hash);
    if (!hash)
        return NULL;
    hash->scratch = crypto->scratch;
    hash->ctx = EVP_MD_CTX_new();
    if (!hash->ctx || EVP_DigestInit_ex2(hash->ctx, crypto->md[alg], NULL) != 1) {
        hash_free(hash);
        return NULL;
    }
    return hash;
}

bool hash_add(hash_t *hash, const uint8_t *bytes, size_t length)
{
    return EVP_DigestUpdate(hash->ctx, bytes, length) == 1;
}

/* A copy that has failed for lack of memory leaves `to` without the memory of its digest, and OpenSSL 3.5
 * would use that memory in the next copy. */
static bool copy_state(EVP_MD_CTX *to, const EVP_MD_CTX *from)
{
    bool ok = EVP_MD_CTX_copy_ex(to, from) == 1;
    if (!ok)
        EVP_MD_CTX_reset(to);
    return ok;
}

bool hash_snapshot(const hash_t *hash, const bytes_t *more, size_t count, uint8_t *out)
{
    bool ok = copy_state(hash->scratch, hash->ctx);
    for (size_t i = 0; ok && i < count; i++)
        ok = EVP_DigestUpdate(hash->scratch, more[i].bytes, more[i].length) == 1;
    return ok && EVP_DigestFinal_ex(hash->scratch, out, NULL) == 1;
}

void hash_free(hash_t *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->ctx);
    OPENSSL_free(hash);
}

/* ---- HMAC ---- */

mac_t *mac_new_with(const EVP_MD *md)
{
    mac_t *mac = OPENSSL_zalloc(sizeof *mac);
    if (!mac)
        return NULL;
    mac->md = md;
    mac->inner = EVP_MD_CTX_new();
    mac->outer = EVP_MD_CTX_new();
    mac->message = EVP_MD_CTX_new();
    if (!mac->inner || !mac->outer || !mac->message) {
        mac_free(mac);
        return NULL;
    }
    return mac;
}

mac_t *mac_new(const crypto_t *crypto, hash_alg_t alg)
{
    return mac_new_with(crypto->md[alg]);
}

mac_t *crypto_mac(const crypto_t *crypto, hash_alg_t alg)
{
    return crypto->mac[alg];
}

/* Resets the contexts. Beginning another hash in a context would leave the last bytes of the
 * previous hash in its buffer. */
void crypto_wipe_keys(crypto_t *crypto)
{
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        mac_t *mac = crypto->mac[alg];
        if (!mac->keyed)
            continue;
        mac->keyed = false;
        wipe(mac->key, mac->key_length);
        mac->key_length = 0;
        EVP_MD_CTX_reset(mac->inner);
        EVP_MD_CTX_reset(mac->outer);
        EVP_MD_CTX_reset(mac->message);
    }
}

static bool start_padded(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t key[MAC_BLOCK_MAX],
                         size_t block, uint8_t pad)
{
    uint8_t padded[MAC_BLOCK_MAX];
    for (size_t i = 0; i < sizeof padded; i++)
        padded[i] = key[i] ^ pad;
    bool ok = EVP_DigestInit_ex2(ctx, md, NULL) == 1 && EVP_DigestUpdate(ctx, padded, block) == 1;
    wipe(padded, sizeof padded);
    return ok;
}

/* Fits a key to one block: a longer key is hashed, a shorter one is padded with zeros. */
static bool fit_key(mac_t *mac, const uint8_t *key, size_t length, uint8_t out[MAC_BLOCK_MAX],
                    size_t block)
{
    memset(out, 0, MAC_BLOCK_MAX);
    if (length > block)
        return EVP_DigestInit_ex2(mac->message, mac->md, NULL) == 1 &&
               EVP_DigestUpdate(mac->message, key, length) == 1 &&
               EVP_DigestFinal_ex(mac->message, out, NULL) == 1;
    if (length > 0)
        memcpy(out, key, length);
    return true;
}

static bool is_kept(const mac_t *mac, const uint8_t *key, size_t length)
{
    return length > 0 && length == mac->key_length && crypto_equal(key, mac->key, length);
}

static void keep_key(mac_t *mac, const uint8_t *key, size_t length)
{
    wipe(mac->key, mac->key_length);
    mac->key_length = length <= sizeof mac->key ? length : 0;
    if (mac->key_length > 0)
        memcpy(mac->key, key, mac->key_length);
}

bool mac_key(mac_t *mac, const uint8_t *key, size_t length)
{
    size_t block = (size_t)EVP_MD_get_block_size(mac->md);
    uint8_t fitted[MAC_BLOCK_MAX];
    if (is_kept(mac, key, length))
        return mac_restart(mac);
    mac->keyed = true;
    bool ok = fit_key(mac, key, length, fitted, block) &&
              start_padded(mac->inner, mac->md, fitted, block, 0x36) &&
              start_padded(mac->outer, mac->md, fitted, block, 0x5c);
    wipe(fitted, sizeof fitted);
    keep_key(mac, key, ok ? length : 0);
    return ok && mac_restart(mac);
}

bool mac_restart(mac_t *mac)
{
    return copy_state(mac->message, mac->inner);
}

bool mac_add(mac_t *mac, const uint8_t *bytes, size_t length)
{
    return EVP_DigestUpdate(mac->message, bytes, length) == 1;
}

bool mac_finish(mac_t *mac, uint8_t *out)
{
    unsigned length;
    return EVP_DigestFinal_ex(mac->message, out, &length) == 1 &&
           copy_state(mac->message, mac->outer) &&
           EVP_DigestUpdate(mac->message, out, length) == 1 &&
           EVP_DigestFinal_ex(mac->message, out, NULL) == 1;
}

void mac_free(mac_t *mac)
{
    if (!mac)
        return;
    EVP_MD_CTX_free(mac->inner);
    EVP_MD_CTX_free(mac->outer);
    EVP_MD_CTX_free(mac->message);
    wipe(mac->key, mac->key_length);
    OPENSSL_free(mac);
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
