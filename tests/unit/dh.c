/*
 * dh.c - (EC)DHE key pairs and secrets: which fields and which public keys of a peer are accepted.
 */
#include "common.h"
#include "handshake/kx12.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const uint8_t private_key[DH_MAX_PRIVATE] = {[0] = 0x40, [47] = 1};

typedef struct {
    uint8_t bytes[1024 + 1];
    size_t length;
} number_t;

static number_t number(const BIGNUM *n)
{
    number_t out = {.length = (size_t)BN_num_bytes(n)};
    CHECK(BN_bn2bin(n, out.bytes) == (int)out.length);
    return out;
}

static number_t small(uint8_t n)
{
    return (number_t){.bytes = {n}, .length = 1};
}

static number_t plus(const number_t *base, int n)
{
    BIGNUM *sum = BN_bin2bn(base->bytes, (int)base->length, NULL);
    CHECK(n < 0 ? BN_sub_word(sum, (BN_ULONG)-n) : BN_add_word(sum, (BN_ULONG)n));
    number_t out = number(sum);
    BN_free(sum);
    return out;
}

static dh_t *in_field(const number_t *prime, const number_t *generator)
{
    return dh_new_in_field((bytes_t){prime->bytes, prime->length},
                           (bytes_t){generator->bytes, generator->length}, private_key);
}

static void check_field(const char *name, const number_t *prime, const number_t *generator,
                        dh_alg_t expected)
{
    dh_t *dh = in_field(prime, generator);
    NOTE("%s", name);
    CHECK(dh != NULL);
    CHECK_EQ(dh_alg(dh), expected);
    CHECK_EQ(dh_prime(dh).length, prime->length);
    CHECK_MEM(dh_prime(dh).bytes, prime->bytes, prime->length);
    CHECK_EQ(dh_public(dh).length, prime->length);
    CHECK_EQ(dh_secret(dh).length, 0);
    dh_free(dh);
}

static void check_refused(const char *name, const number_t *prime, const number_t *generator)
{
    NOTE("%s", name);
    CHECK(in_field(prime, generator) == NULL);
}

static number_t named(const char *group)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("group", (char *)(uintptr_t)group, 0),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY *field = NULL;
    BIGNUM *prime = NULL;
    CHECK(EVP_PKEY_fromdata_init(ctx) == 1 &&
          EVP_PKEY_fromdata(ctx, &field, EVP_PKEY_KEY_PARAMETERS, params) == 1 &&
          EVP_PKEY_get_bn_param(field, OSSL_PKEY_PARAM_FFC_P, &prime) == 1);
    number_t out = number(prime);
    BN_free(prime);
    EVP_PKEY_free(field);
    EVP_PKEY_CTX_free(ctx);
    return out;
}

TEST(fields_that_are_accepted)
{
    static const struct {
        const char *name;
        dh_alg_t alg;
    } rows[] = {{"ffdhe2048", DH_FFDHE2048}, {"ffdhe3072", DH_FFDHE3072}, {"ffdhe4096", DH_COUNT},
                {"modp_2048", DH_COUNT},     {"modp_3072", DH_COUNT},     {"modp_4096", DH_COUNT}};
    const number_t two = small(2), five = small(5);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const number_t prime = named(rows[i].name);
        check_field(rows[i].name, &prime, &two, rows[i].alg);
        check_field(rows[i].name, &prime, &five, DH_COUNT);
    }
}

TEST(leading_zeros_change_nothing)
{
    const number_t prime = named("ffdhe2048"), two = small(2);
    number_t longer = {.length = prime.length + 1};
    memcpy(longer.bytes + 1, prime.bytes, prime.length);
    dh_t *dh = in_field(&longer, &two);
    CHECK(dh != NULL && dh_alg(dh) == DH_FFDHE2048);
    CHECK_EQ(dh_prime(dh).length, prime.length);
    dh_free(dh);
}

/* Returns a number 2 q + 1 that is not prime, although q is. */
static number_t twice_a_prime_and_one(void)
{
    BIGNUM *n = BN_new(), *half = BN_new();
    do {
        CHECK(BN_generate_prime_ex(half, 2047, 0, NULL, NULL, NULL));
        CHECK(BN_lshift1(n, half) && BN_add_word(n, 1));
    } while (BN_check_prime(n, NULL, NULL));
    number_t out = number(n);
    BN_free(n);
    BN_free(half);
    return out;
}

TEST(fields_that_are_refused)
{
    const number_t two = small(2), nothing = {.length = 0};
    const number_t prime = named("modp_2048"), unsafe = named("dh_2048_256");
    const number_t composite = twice_a_prime_and_one();
    static const char *const other[] = {"modp_1536", "modp_6144", "modp_8192", "ffdhe6144"};
    for (size_t i = 0; i < COUNT(other); i++) {
        const number_t length = named(other[i]);
        check_refused(other[i], &length, &two);
    }
    check_refused("no prime", &nothing, &two);
    check_refused("half of it is prime, but not it", &composite, &two);
    check_refused("a prime, but half of it is none", &unsafe, &two);
    for (int n = -4; n <= 4; n++) {
        const number_t near = plus(&prime, n);
        if (n != 0)
            check_refused("near a prime", &near, &two);
    }
}

TEST(generators_that_are_refused)
{
    static const char *const fields[] = {"modp_2048", "ffdhe2048"};
    for (size_t i = 0; i < COUNT(fields); i++) {
        const number_t prime = named(fields[i]), nothing = {.length = 0};
        const number_t bad[] = {nothing,          small(0), small(1),
                                plus(&prime, -1), prime,    plus(&prime, 1)};
        for (size_t k = 0; k < COUNT(bad); k++) {
            NOTE("%s, row %zu", fields[i], k);
            CHECK(in_field(&prime, &bad[k]) == NULL);
        }
    }
}

/* RFC 7919 section 5.1: the peer's public key must be in range. */
TEST(public_keys_in_a_field)
{
    const number_t prime = named("ffdhe2048"), nothing = {.length = 0};
    const number_t far = {.bytes = {1}, .length = sizeof far.bytes};
    const struct {
        number_t key;
        bool good;
    } rows[] = {
        {nothing, false}, {small(0), false},        {small(1), false}, {plus(&prime, -1), false},
        {prime, false},   {plus(&prime, 1), false}, {far, false},      {small(2), true},
        {small(3), true}, {plus(&prime, -2), true}};
    for (dh_alg_t alg = DH_FFDHE2048; alg <= DH_FFDHE2048; alg++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            dh_t *dh = dh_new(alg, private_key);
            NOTE("row %zu", i);
            CHECK_EQ(dh_derive(dh, rows[i].key.bytes, rows[i].key.length), rows[i].good);
            CHECK_EQ(dh_secret(dh).length, rows[i].good ? prime.length : 0);
            dh_free(dh);
        }
    }
}

/* Both sides compute the same secret. */
TEST(both_sides_have_the_same_secret)
{
    static const uint8_t other[DH_MAX_PRIVATE] = {[0] = 0x50, [31] = 3, [47] = 2};
    for (dh_alg_t alg = 0; alg < DH_COUNT; alg++) {
        dh_t *a = dh_new(alg, private_key), *b = dh_new(alg, other);
        NOTE("algorithm %d", (int)alg);
        CHECK(dh_derive(a, dh_public(b).bytes, dh_public(b).length));
        CHECK(dh_derive(b, dh_public(a).bytes, dh_public(a).length));
        CHECK_EQ(dh_secret(a).length, dh_secret(b).length);
        CHECK_MEM(dh_secret(a).bytes, dh_secret(b).bytes, dh_secret(a).length);
        CHECK_EQ(dh_prime(a).length, alg >= DH_FFDHE2048 ? dh_public(a).length : 0);
        dh_free(a);
        dh_free(b);
    }
}

/* A field and 2^n modulo its prime, as BIGNUMs. */
TEST(known_powers)
{
    for (dh_alg_t alg = DH_FFDHE2048; alg < DH_COUNT; alg++) {
        dh_t *dh = dh_new(alg, private_key);
        BIGNUM *prime = BN_bin2bn(dh_prime(dh).bytes, (int)dh_prime(dh).length, NULL);
        BIGNUM *x = BN_bin2bn(private_key, sizeof private_key, NULL), *two = BN_new(),
               *result = BN_new();
        BN_CTX *ctx = BN_CTX_new();
        uint8_t expected[DH_MAX_PUBLIC];
        CHECK(BN_set_word(two, 2) && BN_mod_exp(result, two, x, prime, ctx));
        CHECK(BN_bn2binpad(result, expected, (int)dh_public(dh).length) > 0);
        CHECK_MEM(dh_public(dh).bytes, expected, dh_public(dh).length);
        BN_free(prime);
        BN_free(x);
        BN_free(two);
        BN_free(result);
        BN_CTX_free(ctx);
        dh_free(dh);
    }
}

/* Returns a key pair whose shared secret begins with a zero byte. */
static dh_t *with_leading_zero(dh_alg_t alg)
{
    dh_t *peer = dh_new(alg, private_key);
    for (unsigned n = 0; n < 10000; n++) {
        const uint8_t key[DH_MAX_PRIVATE] = {
            [0] = 0x40, [30] = (uint8_t)(n >> 8), [31] = (uint8_t)n};
        dh_t *dh = dh_new(alg, key);
        CHECK(dh_derive(dh, dh_public(peer).bytes, dh_public(peer).length));
        if (*dh_secret(dh).bytes == 0) {
            dh_free(peer);
            return dh;
        }
        dh_free(dh);
    }
    FAIL("none is found");
}

/* ECDHE_PSK keeps leading zeros (RFC 8422 section 5.10), DHE_PSK strips them (RFC 5246 section
 * 8.1.2). */
TEST(leading_zeros_are_stripped_of_numbers_only)
{
    static const struct {
        uint16_t suite;
        dh_alg_t alg;
        bool stripped;
    } rows[] = {{0x00aa, DH_FFDHE2048, true}, {0xd001, DH_X25519, false}, {0xd001, DH_P256, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        handshake_t hs = {.share = {.dh = with_leading_zero(rows[i].alg)}};
        const conn_t conn = {.hs = &hs, .negotiated.suite = suite_by_id(rows[i].suite)};
        bytes_t whole = dh_secret(hs.share.dh), secret = kx12_secret(&conn);
        size_t zeros = 0;
        while (rows[i].stripped && whole.bytes[zeros] == 0)
            zeros++;
        NOTE("row %zu", i);
        CHECK_EQ(zeros > 0, rows[i].stripped);
        CHECK_EQ(secret.length, whole.length - zeros);
        CHECK(secret.bytes == whole.bytes + zeros);
        dh_free(hs.share.dh);
    }
}

/* ---- memory ---- */

/* Makes a key pair, in the field of this prime if it is not NULL, and derives a secret. Returns false if a call
 * fails. */
static bool exchange(dh_alg_t alg, const number_t *prime, const number_t *peer)
{
    const number_t two = small(2);
    dh_t *dh = prime ? in_field(prime, &two) : dh_new(alg, private_key);
    bool ok = dh && dh_derive(dh, peer->bytes, peer->length);
    dh_free(dh);
    return ok;
}

/* Each allocation of libcrypto fails in turn. What libcrypto itself keeps, such as the text of an error, it has
 * allocated after the second of three equal failures. */
static void check_leaks(dh_alg_t alg, const number_t *prime, const number_t *peer)
{
    size_t count = 0;
    for (size_t failing = 0; failing <= count; failing++) {
        size_t live = 0;
        for (unsigned turn = 0; turn < 3; turn++) {
            size_t before = libcrypto_allocations;
            live = libcrypto_live;
            libcrypto_fail_at = failing > 0 ? before + failing : 0;
            bool ok = exchange(alg, prime, peer);
            libcrypto_fail_at = 0;
            ERR_clear_error();
            NOTE("algorithm %d, allocation %zu of %zu", (int)alg, failing, count);
            CHECK(ok || failing > 0);
            count = failing > 0 ? count : libcrypto_allocations - before;
        }
        CHECK_EQ(libcrypto_live, live);
    }
    CHECK(count > 5);
}

TEST(nothing_is_left_in_memory)
{
    const number_t modp = named("modp_2048"), ffdhe = named("ffdhe2048"), two = small(2);
    for (dh_alg_t alg = 0; alg < DH_COUNT; alg++) {
        dh_t *dh = dh_new(alg, private_key);
        number_t peer = {.length = dh_public(dh).length};
        memcpy(peer.bytes, dh_public(dh).bytes, peer.length);
        dh_free(dh);
        check_leaks(alg, NULL, &peer);
    }
    check_leaks(DH_COUNT, &modp, &two);
    check_leaks(DH_COUNT, &ffdhe, &two);
}
