/*
 * mask.c - record number masks share contexts of libcrypto: whatever the order in which masks are made, used and
 * freed, each has the result of a mask that is alone.
 */
#include "crypto/crypto.h"
#include "test.h"

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
