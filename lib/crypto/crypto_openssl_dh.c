#include "crypto/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define FIELD_BITS_MIN 2048
#define X25519_LENGTH 32 /* length in bytes of a private key, a public key or a secret */
#define P256_LENGTH 32   /* length in bytes of a private key or a secret */
#define P256_POINT (1 + 2 * P256_LENGTH)

typedef bool derive_t(const dh_t *dh, const uint8_t *peer, size_t length, uint8_t *secret);

/* Only X25519 uses EVP_PKEY. For P-256 and finite fields, EVP_PKEY cannot make a key pair from
 * given bytes. */
struct dh {
    dh_alg_t alg;
    derive_t *derive;
    EVP_PKEY *x25519;
    EC_GROUP *curve;
    BIGNUM *prime, *scalar;
    size_t size; /* size in bytes of this structure, including bytes[] */
    /* Length in bytes of the public key. In a finite field, also that of prime and secret. */
    size_t length;
    size_t secret_length;
    bool derived;
    uint8_t bytes[]; /* the public key, then the secret, then the prime of a finite field */
};

static dh_t *allocate_dh(dh_alg_t alg, size_t length, size_t secret_length, size_t prime_length)
{
    size_t size = sizeof(dh_t) + length + secret_length + prime_length;
    dh_t *dh = OPENSSL_zalloc(size);
    if (!dh)
        return NULL;
    dh->alg = alg;
    dh->size = size;
    dh->length = length;
    dh->secret_length = secret_length;
    return dh;
}

static dh_t *keep_if(bool ok, dh_t *dh)
{
    if (!ok)
        dh_free(dh);
    return ok ? dh : NULL;
}

/* ---- X25519 ---- */

/* Computes the X25519 secret. EVP_PKEY_derive() fails if the secret is all zeros, which RFC 7748
 * section 6.1 allows to treat as an error. */
static bool derive_x25519(const dh_t *dh, const uint8_t *peer, size_t length, uint8_t *secret)
{
    size_t secret_length = dh->secret_length;
    EVP_PKEY *share = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, length);
    EVP_PKEY_CTX *ctx = share ? EVP_PKEY_CTX_new(dh->x25519, NULL) : NULL;
    bool ok =
        ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, share, 0) == 1 &&
        EVP_PKEY_derive(ctx, secret, &secret_length) == 1 && secret_length == dh->secret_length;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(share);
    return ok;
}

static dh_t *new_x25519(dh_alg_t alg, const uint8_t *private_key)
{
    dh_t *dh = allocate_dh(alg, X25519_LENGTH, X25519_LENGTH, 0);
    if (!dh)
        return NULL;
    size_t length = dh->length;
    dh->derive = derive_x25519;
    dh->x25519 = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, X25519_LENGTH);
    bool ok = dh->x25519 && EVP_PKEY_get_raw_public_key(dh->x25519, dh->bytes, &length) == 1;
    return keep_if(ok, dh);
}

/* ---- P-256 ---- */

/* Computes the P-256 secret. Decoding checks that the peer's point is on the curve. P-256 has no
 * small subgroups to check for. */
static bool derive_p256(const dh_t *dh, const uint8_t *peer, size_t length, uint8_t *secret)
{
    EC_POINT *point = EC_POINT_new(dh->curve);
    BIGNUM *x = BN_secure_new();
    bool ok = point && x && length == dh->length && peer[0] == POINT_CONVERSION_UNCOMPRESSED &&
              EC_POINT_oct2point(dh->curve, point, peer, length, NULL) == 1 &&
              EC_POINT_mul(dh->curve, point, NULL, point, dh->scalar, NULL) == 1 &&
              EC_POINT_get_affine_coordinates(dh->curve, point, x, NULL, NULL) == 1 &&
              BN_bn2binpad(x, secret, (int)dh->secret_length) == (int)dh->secret_length;
    EC_POINT_clear_free(point);
    BN_clear_free(x);
    return ok;
}

static dh_t *new_p256(dh_alg_t alg, const uint8_t *private_key)
{
    dh_t *dh = allocate_dh(alg, P256_POINT, P256_LENGTH, 0);
    if (!dh)
        return NULL;
    dh->derive = derive_p256;
    dh->curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    dh->scalar = BN_secure_new();
    EC_POINT *point = dh->curve ? EC_POINT_new(dh->curve) : NULL;
    bool ok = point && dh->scalar && BN_bin2bn(private_key, P256_LENGTH, dh->scalar) &&
              !BN_is_zero(dh->scalar) && BN_cmp(dh->scalar, EC_GROUP_get0_order(dh->curve)) < 0 &&
              EC_POINT_mul(dh->curve, point, dh->scalar, NULL, NULL, NULL) == 1 &&
              EC_POINT_point2oct(dh->curve, point, POINT_CONVERSION_UNCOMPRESSED, dh->bytes,
                                 P256_POINT, NULL) == P256_POINT;
    EC_POINT_free(point);
    return keep_if(ok, dh);
}

/* ---- finite fields ---- */

static BIGNUM *named_prime(const char *name)
{
    char *group = (char *)(uintptr_t)name; /* libcrypto does not write to the string */
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    EVP_PKEY *field = NULL;
    BIGNUM *prime = NULL;
    bool ok = ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &field, EVP_PKEY_KEY_PARAMETERS, params) == 1 &&
              EVP_PKEY_get_bn_param(field, OSSL_PKEY_PARAM_FFC_P, &prime) == 1;
    EVP_PKEY_free(field);
    EVP_PKEY_CTX_free(ctx);
    return ok ? prime : NULL;
}

/* Returns true if 1 < n < prime - 1 (RFC 7919 section 5.1). */
static bool in_range(const BIGNUM *n, const BIGNUM *prime)
{
    BIGNUM *next = BN_dup(n);
    bool ok =
        next && BN_add_word(next, 1) && !BN_is_zero(n) && !BN_is_one(n) && BN_cmp(next, prime) < 0;
    BN_clear_free(next);
    return ok;
}

/* Writes base ^ scalar, padded to the length of the prime. Returns false if base or the result is
 * 0, 1 or prime - 1, or if libcrypto fails. */
static bool power(const dh_t *dh, const BIGNUM *base, uint8_t *out)
{
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *result = BN_secure_new();
    bool ok = ctx && result && in_range(base, dh->prime) &&
              BN_mod_exp_mont_consttime(result, base, dh->scalar, dh->prime, ctx, NULL) == 1 &&
              in_range(result, dh->prime) &&
              BN_bn2binpad(result, out, (int)dh->length) == (int)dh->length;
    BN_clear_free(result);
    BN_CTX_free(ctx);
    return ok;
}

static bool derive_in_field(const dh_t *dh, const uint8_t *peer, size_t length, uint8_t *secret)
{
    if (length > DH_MAX_PUBLIC)
        return false;
    BIGNUM *base = BN_bin2bn(peer, (int)length, NULL);
    bool ok = base && power(dh, base, secret);
    BN_free(base);
    return ok;
}

/* Returns the index of the prime in dh->bytes. */
static size_t prime_at(const dh_t *dh)
{
    return dh->length + dh->secret_length;
}

static bool start_in_field(dh_t *dh, const BIGNUM *generator, const uint8_t *private_key)
{
    int length = (int)dh->length;
    dh->derive = derive_in_field;
    dh->scalar = BN_secure_new();
    return dh->scalar && BN_bin2bn(private_key, DH_MAX_PRIVATE, dh->scalar) &&
           BN_bn2binpad(dh->prime, dh->bytes + prime_at(dh), length) == length &&
           power(dh, generator, dh->bytes);
}

/* Makes a key pair in the field of this prime. Takes ownership of prime, even on failure. */
static dh_t *new_in_field(dh_alg_t alg, BIGNUM *prime, const BIGNUM *generator,
                          const uint8_t *private_key)
{
    size_t length = (size_t)BN_num_bytes(prime);
    dh_t *dh = allocate_dh(alg, length, length, length);
    if (!dh) {
        BN_free(prime);
        return NULL;
    }
    dh->prime = prime;
    return keep_if(start_in_field(dh, generator, private_key), dh);
}

static dh_t *new_ffdhe(dh_alg_t alg, const uint8_t *private_key);

static const struct {
    size_t private_key;
    const char *field;
    dh_t *(*make)(dh_alg_t alg, const uint8_t *private_key);
} algs[DH_COUNT] = {
    [DH_X25519] = {X25519_LENGTH, NULL, new_x25519},
    [DH_P256] = {P256_LENGTH, NULL, new_p256},
    [DH_FFDHE2048] = {DH_MAX_PRIVATE, "ffdhe2048", new_ffdhe},
    [DH_FFDHE3072] = {DH_MAX_PRIVATE, "ffdhe3072", new_ffdhe},
};

static dh_t *new_ffdhe(dh_alg_t alg, const uint8_t *private_key)
{
    BIGNUM *prime = named_prime(algs[alg].field), *two = BN_new();
    bool ok = prime && two && BN_set_word(two, 2);
    dh_t *dh = ok ? new_in_field(alg, prime, two, private_key) : NULL;
    if (!ok)
        BN_free(prime);
    BN_free(two);
    return dh;
}

/* ---- a field that the peer has chosen ---- */

/* Returns the RFC 7919 field that has this prime and generator, or DH_COUNT if there is none. */
static dh_alg_t find_field(const BIGNUM *prime, const BIGNUM *generator)
{
    dh_alg_t alg = 0;
    for (; alg < DH_COUNT; alg++) {
        BIGNUM *ours = algs[alg].field ? named_prime(algs[alg].field) : NULL;
        bool same = ours && BN_cmp(ours, prime) == 0 && BN_is_word(generator, 2);
        BN_free(ours);
        if (same)
            break;
    }
    return alg;
}

/* Returns true if n passes Fermat's test to base 2. A composite number this large passes only if it
 * was constructed to pass. */
static bool passes_fermat(const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *two = BN_new(), *exponent = BN_dup(n), *result = BN_new();
    bool ok = two && exponent && result && BN_set_word(two, 2) && BN_sub_word(exponent, 1) &&
              BN_mod_exp(result, two, exponent, n, ctx) == 1 && BN_is_one(result);
    BN_free(two);
    BN_free(exponent);
    BN_free(result);
    return ok;
}

/* Returns true if prime is a safe prime: (prime - 1) / 2 is prime too. Then no small subgroup can
 * leak the secret. This check protects against a careless server. An attacker who sends another
 * prime in the server's place gains nothing: both Finished messages cover the prime, and the keys
 * also depend on the PSK. */
static bool is_safe(const BIGNUM *prime)
{
    if (BN_num_bits(prime) < FIELD_BITS_MIN || !BN_is_odd(prime))
        return false;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *half = BN_new();
    bool ok = ctx && half && BN_rshift1(half, prime) == 1 && BN_is_odd(half) &&
              passes_fermat(half, ctx) && passes_fermat(prime, ctx);
    BN_free(half);
    BN_CTX_free(ctx);
    return ok;
}

dh_t *dh_new_in_field(bytes_t prime, bytes_t generator, const uint8_t *private_key)
{
    if (prime.length > DH_MAX_PUBLIC || generator.length > DH_MAX_PUBLIC)
        return NULL;
    dh_t *dh = NULL;
    ERR_set_mark();
    BIGNUM *p = BN_bin2bn(prime.bytes, (int)prime.length, NULL);
    BIGNUM *g = BN_bin2bn(generator.bytes, (int)generator.length, NULL);
    dh_alg_t alg = p && g ? find_field(p, g) : DH_COUNT;
    if (p && g && (alg < DH_COUNT || is_safe(p))) {
        dh = new_in_field(alg, p, g, private_key);
        p = NULL;
    }
    BN_free(p);
    BN_free(g);
    ERR_pop_to_mark();
    return dh;
}

/* ---- all algorithms ---- */

size_t dh_private_length(dh_alg_t alg)
{
    return algs[alg].private_key;
}

dh_t *dh_new(dh_alg_t alg, const uint8_t *private_key)
{
    return algs[alg].make(alg, private_key);
}

dh_alg_t dh_alg(const dh_t *dh)
{
    return dh->alg;
}

bytes_t dh_prime(const dh_t *dh)
{
    return dh->prime ? (bytes_t){dh->bytes + prime_at(dh), dh->length} : (bytes_t){NULL, 0};
}

bytes_t dh_public(const dh_t *dh)
{
    return (bytes_t){dh->bytes, dh->length};
}

bool dh_derive(dh_t *dh, const uint8_t *peer, size_t length)
{
    ERR_set_mark();
    dh->derived = dh->derive(dh, peer, length, dh->bytes + dh->length);
    ERR_pop_to_mark();
    return dh->derived;
}

bytes_t dh_secret(const dh_t *dh)
{
    if (!dh || !dh->derived)
        return (bytes_t){NULL, 0};
    return (bytes_t){dh->bytes + dh->length, dh->secret_length};
}

void dh_free(dh_t *dh)
{
    if (!dh)
        return;
    EVP_PKEY_free(dh->x25519);
    EC_GROUP_free(dh->curve);
    BN_free(dh->prime);
    BN_clear_free(dh->scalar);
    OPENSSL_clear_free(dh, dh->size);
}
