/*
 * faults.c - each call to libcrypto fails once. A handshake, data and a close must still end
 * cleanly. Functions of the same names in this program intercept the calls.
 */
#include "api/defaults.h"
#include "common_pair.h"

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- interception ---- */

enum { CALLS = 32 };

static struct {
    size_t count, fail_at; /* the call that fails; 0: none */
    bool fail_on;          /* fail all later calls too */
    bool inside;           /* a call that libcrypto makes itself: not counted */
    const char *failed;
    struct {
        const char *name;
        size_t seen, failed;
    } calls[CALLS];
} faults;

static size_t call_number(const char *name)
{
    size_t i = 0;
    while (i < CALLS && faults.calls[i].name && strcmp(faults.calls[i].name, name) != 0)
        i++;
    CHECK(i < CALLS);
    faults.calls[i].name = name;
    return i;
}

static bool fails(const char *name)
{
    size_t call = call_number(name);
    faults.count++;
    faults.calls[call].seen++;
    bool now = faults.fail_at &&
               (faults.fail_on ? faults.count >= faults.fail_at : faults.count == faults.fail_at);
    if (now) {
        faults.failed = name;
        faults.calls[call].failed++;
    }
    return now;
}

static void *real_function(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

/* Defines function name, which returns failure if this call is to fail, and else calls the real
 * one. */
#define INTERCEPT(type, name, failure, parameters, arguments)                                      \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        if (!real)                                                                                 \
            *(void **)&real = real_function(#name);                                                \
        if (faults.inside)                                                                         \
            return real arguments;                                                                 \
        if (fails(#name))                                                                          \
            return failure;                                                                        \
        faults.inside = true;                                                                      \
        type result = real arguments;                                                              \
        faults.inside = false;                                                                     \
        return result;                                                                             \
    }

typedef unsigned char byte;

INTERCEPT(void *, CRYPTO_zalloc, NULL, (size_t n, const char *f, int l), (n, f, l))
INTERCEPT(int, RAND_bytes, 0, (byte * out, int n), (out, n))
INTERCEPT(EVP_MD *, EVP_MD_fetch, NULL, (OSSL_LIB_CTX * c, const char *n, const char *p), (c, n, p))
INTERCEPT(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())
INTERCEPT(int, EVP_DigestInit_ex2, 0, (EVP_MD_CTX * c, const EVP_MD *t, const OSSL_PARAM *p),
          (c, t, p))
INTERCEPT(int, EVP_DigestUpdate, 0, (EVP_MD_CTX * c, const void *d, size_t n), (c, d, n))
INTERCEPT(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * c, byte *out, unsigned *n), (c, out, n))
INTERCEPT(int, EVP_MD_CTX_copy_ex, 0, (EVP_MD_CTX * to, const EVP_MD_CTX *from), (to, from))
INTERCEPT(EVP_CIPHER *, EVP_CIPHER_fetch, NULL, (OSSL_LIB_CTX * c, const char *n, const char *p),
          (c, n, p))
INTERCEPT(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, NULL, (void), ())
INTERCEPT(int, EVP_CipherInit_ex2, 0,
          (EVP_CIPHER_CTX * c, const EVP_CIPHER *t, const byte *k, const byte *iv, int enc,
           const OSSL_PARAM p[]),
          (c, t, k, iv, enc, p))
INTERCEPT(int, EVP_EncryptInit_ex2, 0,
          (EVP_CIPHER_CTX * c, const EVP_CIPHER *t, const byte *k, const byte *iv,
           const OSSL_PARAM p[]),
          (c, t, k, iv, p))
INTERCEPT(int, EVP_CIPHER_CTX_set_padding, 0, (EVP_CIPHER_CTX * c, int padding), (c, padding))
INTERCEPT(int, EVP_CIPHER_CTX_get_params, 0, (EVP_CIPHER_CTX * c, OSSL_PARAM p[]), (c, p))
INTERCEPT(int, EVP_CIPHER_CTX_set_params, 0, (EVP_CIPHER_CTX * c, const OSSL_PARAM p[]), (c, p))
INTERCEPT(int, EVP_Cipher, -1, (EVP_CIPHER_CTX * c, byte *out, const byte *in, unsigned length),
          (c, out, in, length))
INTERCEPT(int, EVP_CipherUpdate, 0,
          (EVP_CIPHER_CTX * c, byte *out, int *n, const byte *in, int length),
          (c, out, n, in, length))
INTERCEPT(int, EVP_CipherFinal_ex, 0, (EVP_CIPHER_CTX * c, byte *out, int *n), (c, out, n))
INTERCEPT(EVP_PKEY *, EVP_PKEY_new_raw_private_key, NULL,
          (int type, ENGINE *e, const byte *k, size_t n), (type, e, k, n))
INTERCEPT(EVP_PKEY *, EVP_PKEY_new_raw_public_key, NULL,
          (int type, ENGINE *e, const byte *k, size_t n), (type, e, k, n))
INTERCEPT(int, EVP_PKEY_get_raw_public_key, 0, (const EVP_PKEY *k, byte *out, size_t *n),
          (k, out, n))
INTERCEPT(EVP_PKEY_CTX *, EVP_PKEY_CTX_new, NULL, (EVP_PKEY * k, ENGINE *e), (k, e))
INTERCEPT(int, EVP_PKEY_derive_init, 0, (EVP_PKEY_CTX * c), (c))
INTERCEPT(int, EVP_PKEY_derive_set_peer_ex, 0, (EVP_PKEY_CTX * c, EVP_PKEY *k, int check),
          (c, k, check))
INTERCEPT(int, EVP_PKEY_derive, 0, (EVP_PKEY_CTX * c, byte *out, size_t *n), (c, out, n))

/* ---- one run ---- */

static const char *const up[] = {"one", "two", "three"}, *const down[] = {"eins", "zwei"};

/* Data may be lost, but data that arrives must be unchanged, in order, and delivered at most
 * once. */
static void check_messages(const end_t *end, const char *const *sent, size_t count)
{
    size_t next = 0;
    for (size_t i = 0; i < end->message_count; i++) {
        while (next < count && strcmp(sent[next], end->messages[i]) != 0)
            next++;
        CHECK(next++ < count);
    }
}

/* An association ends at most once, and exactly once if its peer is gone. It connects at most
 * once. */
static void check_end(const pair_t *pair, int side)
{
    const end_t *end = &pair->ends[side];
    bool gone = dtls_get_peer(end->ctx, &pair->ends[!side].address) == NULL;
    CHECK_EQ(end->ends + !gone, end->connects);
    CHECK(end->connected <= end->connects);
}

static void talk(pair_t *pair)
{
    for (size_t i = 0; i < COUNT(up); i++)
        pair_write(pair, CLIENT, up[i]);
    pair_deliver(pair);
    for (size_t i = 0; i < COUNT(down); i++)
        pair_write(pair, SERVER, down[i]);
    pair_deliver(pair);
}

static bool both_gone(const pair_t *pair)
{
    return !dtls_get_peer(pair->ends[CLIENT].ctx, &pair->ends[SERVER].address) &&
           !dtls_get_peer(pair->ends[SERVER].ctx, &pair->ends[CLIENT].address);
}

static void configure(pair_t *pair, const uint16_t *suite, bool ems)
{
    pair_init(pair);
    for (int side = CLIENT; side <= SERVER; side++) {
        end_t *end = &pair->ends[side];
        end->config.suites = suite;
        end->config.suite_count = 1;
        if (*suite >> 8 == 0x13)
            end->config.only_version = 0xfefc; /* DTLS 1.3 */
        end->config.ems = ems ? DTLS_EMS_REQUIRE : DTLS_EMS_OFF;
        end->config.random = default_random;
        end->config.handshake_ms = 5000;
        end->config.idle_ms = 20000;
    }
}

/* Returns true if nothing failed. */
static bool run(pair_t *pair)
{
    if (!pair_start(pair))
        return false;
    bool fine = pair_connect(pair) > 0;
    pair_run(pair, 10000);
    if (pair_up(pair))
        talk(pair);
    fine = fine && pair->ends[CLIENT].message_count == COUNT(down) &&
           pair->ends[SERVER].message_count == COUNT(up);
    pair_close(pair, CLIENT);
    pair_run(pair, 60000);
    check_end(pair, CLIENT);
    check_end(pair, SERVER);
    check_messages(&pair->ends[SERVER], up, COUNT(up));
    check_messages(&pair->ends[CLIENT], down, COUNT(down));
    /* The idle limit ends an association that has received no close_notify. */
    CHECK(both_gone(pair));
    return fine && pair->ends[CLIENT].error == DTLS_ERR_NONE;
}

/* Runs a pair while call fail_at fails. Returns how many calls there were. */
static size_t run_faulty(pair_t *pair, size_t fail_at, bool fail_on, bool *fine)
{
    faults.fail_at = fail_at;
    faults.fail_on = fail_on;
    faults.count = 0;
    faults.failed = NULL;
    *fine = run(pair);
    size_t calls = faults.count;
    faults.fail_at = 0;
    pair_end(pair);
    ERR_clear_error();
    return calls;
}

static size_t run_all(uint16_t suite, bool ems, size_t fail_at, bool fail_on, bool *fine)
{
    static pair_t pair;
    configure(&pair, &suite, ems);
    return run_faulty(&pair, fail_at, fail_on, fine);
}

/* Fails in turn each call that a run without faults makes. */
static void fail_each(uint16_t suite, bool ems, bool fail_on)
{
    size_t good = 0;
    bool fine;
    run_all(suite, ems, 0, false, &fine);
    size_t calls = run_all(suite, ems, 0, false, &fine), before = libcrypto_live;
    NOTE("without faults");
    CHECK(fine);
    CHECK(calls > 200);
    for (size_t n = 1; n <= calls; n++) {
        NOTE("call %zu of %zu%s", n, calls, fail_on ? " and all that follow" : "");
        run_all(suite, ems, n, fail_on, &fine);
        CHECK(faults.failed != NULL);
        NOTE("call %zu of %zu, %s%s", n, calls, faults.failed, fail_on ? " and on" : "");
        CHECK(libcrypto_live <= before + 1); /* libcrypto may keep the text of an error */
        good += fine;
    }
    fprintf(stderr, "%04x: %zu calls, each failed %s; %zu runs recovered\n", suite, calls,
            fail_on ? "with all after it" : "alone", good);
    run_all(suite, ems, 0, false, &fine);
    CHECK(fine);
}

#define SUITE(name, number, ems)                                                                   \
    TEST(name##_each_call_fails)                                                                   \
    {                                                                                              \
        fail_each(number, ems, false);                                                             \
    }                                                                                              \
    TEST(name##_each_call_and_all_that_follow_fail)                                                \
    {                                                                                              \
        fail_each(number, ems, true);                                                              \
    }
SUITE(ccm8_ems, 0xc0a8, true)
SUITE(gcm_sha384, 0x00a9, false)
SUITE(chacha20_ems, 0xccab, true)
SUITE(ecdhe_gcm_ems, 0xd001, true)
SUITE(dtls13_gcm, 0x1301, true)
SUITE(dtls13_chacha20, 0x1303, true)

/* An attacker on the path replaces the SCSV of RFC 5746 by an unknown suite. Without extended
 * master secret the keys do not change, and only Finished detects it. */
static void change_hello(int from, uint8_t *data, size_t length)
{
    static const uint8_t suites[] = {0x00, 0xa9, 0x00, 0xff};
    uint8_t *found = from == CLIENT ? memmem(data, length, suites, sizeof suites) : NULL;
    if (found)
        found[3] = 0xfe;
}

static size_t run_tampered(size_t fail_at)
{
    static pair_t pair;
    static const uint16_t suite = 0x00a9;
    bool fine;
    configure(&pair, &suite, false);
    pair.tamper = change_hello;
    size_t calls = run_faulty(&pair, fail_at, false, &fine);
    CHECK_EQ(pair.ends[CLIENT].connected, 0);
    CHECK_EQ(pair.ends[SERVER].connected, 0);
    CHECK(fail_at > 0 || pair.ends[SERVER].error == DTLS_ERR_BAD_FINISHED);
    return calls;
}

TEST(no_failure_lets_a_wrong_finished_pass)
{
    size_t calls = run_tampered(0);
    CHECK(calls > 150);
    for (size_t n = 1; n <= calls; n++) {
        NOTE("call %zu of %zu", n, calls);
        run_tampered(n);
    }
}

/* A call that is new in crypto_openssl.c must be intercepted here as well. */
TEST(every_kind_of_call_has_failed)
{
    size_t kinds = 0;
    for (size_t i = 0; i < CALLS && faults.calls[i].name; i++) {
        fprintf(stderr, "    %-24s %7zu calls, failed %5zu times\n", faults.calls[i].name,
                faults.calls[i].seen, faults.calls[i].failed);
        NOTE("%s", faults.calls[i].name);
        CHECK(faults.calls[i].failed > 0);
        kinds++;
    }
    CHECK(kinds >= 20);
}
