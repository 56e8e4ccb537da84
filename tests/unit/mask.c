/*
 * mask.c - record number masks share contexts of libcrypto: whatever the order in which masks are made, used and
 * freed, each has the result of a mask that is alone. A failure of libcrypto affects no other mask.
 */
#include "common.h"
#include "crypto/crypto_openssl.h"

#include <dlfcn.h>
#include <string.h>

enum { MASKS = 300, ROUNDS = 5000, SEEDS = 3 };

static uint32_t state;

static unsigned random_below(unsigned limit)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % limit;
}

typedef struct {
    mask_t *mask;
    uint8_t expected[MASK_SAMPLE];
} subject_t;

static const uint8_t sample[MASK_SAMPLE] = "a sample";

static aead_alg_t any_algorithm(void)
{
    static const aead_alg_t algorithms[] = {AEAD_AES_128_GCM, AEAD_AES_256_GCM,
                                            AEAD_CHACHA20_POLY1305};
    return algorithms[random_below(3)];
}

static void make(crypto_t *crypto, subject_t *subject)
{
    aead_alg_t alg = any_algorithm();
    uint8_t key[AEAD_MAX_KEY];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)random_below(256);
    crypto_t *alone = crypto_new();
    mask_t *mask = mask_new(alone, alg, key);
    CHECK(mask != NULL && mask_make(mask, sample, subject->expected));
    mask_free(mask);
    crypto_free(alone);
    subject->mask = mask_new(crypto, alg, key);
    CHECK(subject->mask != NULL);
}

static void run(unsigned seed)
{
    static subject_t subjects[MASKS];
    NOTE("seed %u", seed);
    state = seed;
    crypto_t *crypto = crypto_new();
    for (unsigned i = 0; i < ROUNDS; i++) {
        subject_t *subject = &subjects[random_below(MASKS)];
        uint8_t found[MASK_SAMPLE];
        if (!subject->mask) {
            make(crypto, subject);
        } else if (random_below(16) == 0) {
            mask_free(subject->mask);
            subject->mask = NULL;
        } else {
            CHECK(mask_make(subject->mask, sample, found));
            CHECK_MEM(found, subject->expected, MASK_SAMPLE);
        }
    }
    for (size_t i = 0; i < MASKS; i++)
        mask_free(subjects[i].mask), subjects[i].mask = NULL;
    crypto_free(crypto);
}

TEST(masks_share_contexts)
{
    for (unsigned seed = 1; seed <= test_seeds(SEEDS); seed++)
        run(seed);
}

/* ---- failures ---- */

static const char *failing; /* the function of libcrypto that fails; NULL: none */

static bool fails(const char *name)
{
    return failing && strcmp(failing, name) == 0;
}

EVP_CIPHER *EVP_CIPHER_fetch(OSSL_LIB_CTX *libctx, const char *name, const char *properties)
{
    EVP_CIPHER *(*real)(OSSL_LIB_CTX *, const char *, const char *);
    *(void **)&real = dlsym(RTLD_NEXT, __func__);
    return fails(__func__) ? NULL : real(libctx, name, properties);
}

int EVP_EncryptInit_ex2(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, const unsigned char *key,
                        const unsigned char *iv, const OSSL_PARAM params[])
{
    int (*real)(EVP_CIPHER_CTX *, const EVP_CIPHER *, const unsigned char *, const unsigned char *,
                const OSSL_PARAM *);
    *(void **)&real = dlsym(RTLD_NEXT, __func__);
    return fails(__func__) ? 0 : real(ctx, cipher, key, iv, params);
}

static const uint8_t first_key[AEAD_MAX_KEY] = "0 first key 789 0 first key 789";
static const uint8_t other_key[AEAD_MAX_KEY] = "0 other key 789 0 other key 789";

/* Makes and frees masks until the next mask gets the context of the first one. */
static void use_other_contexts(crypto_t *crypto)
{
    for (size_t i = 1; i < MASK_CONTEXTS; i++)
        mask_free(mask_new(crypto, AEAD_AES_128_GCM, other_key));
}

/* A second mask cannot be made, because this function fails. Then both can be used, and the key of the first one is
 * wiped with it. */
static void second_mask_fails(const char *function, aead_alg_t second)
{
    uint8_t expected[MASK_SAMPLE], found[MASK_SAMPLE];
    NOTE("%s, algorithm %d", function, (int)second);
    crypto_t *crypto = crypto_new();
    mask_t *mask = mask_new(crypto, AEAD_AES_128_GCM, first_key);
    CHECK(mask_make(mask, sample, expected));
    for (int i = 0; i < 2; i++) {
        use_other_contexts(crypto);
        CHECK(libcrypto_holds(first_key, 16));
        failing = function;
        CHECK(mask_new(crypto, second, other_key) == NULL);
        failing = NULL;
        if (i == 0) {
            CHECK(mask_make(mask, sample, found));
            CHECK_MEM(found, expected, MASK_SAMPLE);
        }
    }
    mask_free(mask);
    CHECK(!libcrypto_holds(first_key, 16));
    use_other_contexts(crypto);
    mask = mask_new(crypto, second, first_key);
    CHECK(mask != NULL);
    mask_free(mask);
    crypto_free(crypto);
}

TEST(a_failure_affects_no_other_mask)
{
    second_mask_fails("EVP_CIPHER_fetch", AEAD_CHACHA20_POLY1305);
    second_mask_fails("EVP_EncryptInit_ex2", AEAD_CHACHA20_POLY1305);
    second_mask_fails("EVP_EncryptInit_ex2", AEAD_AES_128_GCM);
}
