/*
 * crypto.c - each call to libcrypto fails in turn: no crash, no leak, no false success, and every
 * association that began ends. Functions of the same names in this file intercept the calls.
 */
#include <dlfcn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "common_kinds.h"

enum { P256 = 23, X25519 = 29, FFDHE2048 = 256 };

static size_t calls, fail_at;
static bool fail_after;

static bool fails(void)
{
    calls++;
    return fail_at && (calls == fail_at || (fail_after && calls > fail_at));
}

static void find(const char *name, void *function, size_t size)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    CHECK(symbol && size == sizeof(symbol));
    memcpy(function, &symbol, size);
}

/* Defines the libcrypto function `name`. It returns `failure` if this call is to fail, and
 * otherwise calls the function of libcrypto. */
#define INTERCEPT(type, failure, name, parameters, arguments)                                      \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
                                                                                                   \
        if (!real) {                                                                               \
            find(#name, &real, sizeof(real));                                                      \
        }                                                                                          \
        return fails() ? (failure) : real arguments;                                               \
    }

INTERCEPT(int, 0, RAND_bytes, (unsigned char *out, int length), (out, length))
INTERCEPT(EVP_CIPHER *, NULL, EVP_CIPHER_fetch,
          (OSSL_LIB_CTX * library, const char *name, const char *query), (library, name, query))
INTERCEPT(EVP_MD *, NULL, EVP_MD_fetch,
          (OSSL_LIB_CTX * library, const char *name, const char *query), (library, name, query))
INTERCEPT(EVP_CIPHER_CTX *, NULL, EVP_CIPHER_CTX_new, (void), ())
INTERCEPT(EVP_MD_CTX *, NULL, EVP_MD_CTX_new, (void), ())
INTERCEPT(int, 0, EVP_CIPHER_CTX_get_params, (EVP_CIPHER_CTX * ctx, OSSL_PARAM parameters[]),
          (ctx, parameters))
INTERCEPT(int, 0, EVP_CIPHER_CTX_set_params, (EVP_CIPHER_CTX * ctx, const OSSL_PARAM parameters[]),
          (ctx, parameters))
INTERCEPT(int, -1, EVP_Cipher,
          (EVP_CIPHER_CTX * ctx, unsigned char *out, const unsigned char *in, unsigned size),
          (ctx, out, in, size))
INTERCEPT(int, 0, EVP_CipherInit_ex2,
          (EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
           const unsigned char *iv, int seal, const OSSL_PARAM parameters[]),
          (ctx, cipher, key, iv, seal, parameters))
INTERCEPT(int, 0, EVP_CipherUpdate,
          (EVP_CIPHER_CTX * ctx, unsigned char *out, int *length, const unsigned char *in,
           int size),
          (ctx, out, length, in, size))
INTERCEPT(int, 0, EVP_CipherFinal_ex, (EVP_CIPHER_CTX * ctx, unsigned char *out, int *length),
          (ctx, out, length))
INTERCEPT(int, 0, EVP_DigestInit_ex2,
          (EVP_MD_CTX * ctx, const EVP_MD *type, const OSSL_PARAM parameters[]),
          (ctx, type, parameters))
INTERCEPT(int, 0, EVP_DigestUpdate, (EVP_MD_CTX * ctx, const void *data, size_t length),
          (ctx, data, length))
INTERCEPT(int, 0, EVP_DigestFinal_ex, (EVP_MD_CTX * ctx, unsigned char *out, unsigned *length),
          (ctx, out, length))
INTERCEPT(int, 0, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * out, const EVP_MD_CTX *in), (out, in))

/* These functions are used only by (EC)DHE and DTLS 1.3. */
INTERCEPT(int, 0, EVP_EncryptInit_ex2,
          (EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
           const unsigned char *iv, const OSSL_PARAM parameters[]),
          (ctx, cipher, key, iv, parameters))
INTERCEPT(int, 0, EVP_EncryptUpdate,
          (EVP_CIPHER_CTX * ctx, unsigned char *out, int *length, const unsigned char *in,
           int size),
          (ctx, out, length, in, size))
INTERCEPT(EVP_PKEY *, NULL, EVP_PKEY_new_raw_private_key,
          (int type, ENGINE *engine, const unsigned char *key, size_t length),
          (type, engine, key, length))
INTERCEPT(EVP_PKEY *, NULL, EVP_PKEY_new_raw_public_key,
          (int type, ENGINE *engine, const unsigned char *key, size_t length),
          (type, engine, key, length))
INTERCEPT(int, 0, EVP_PKEY_get_raw_public_key,
          (const EVP_PKEY *key, unsigned char *out, size_t *length), (key, out, length))
INTERCEPT(EVP_PKEY_CTX *, NULL, EVP_PKEY_CTX_new, (EVP_PKEY * key, ENGINE *engine), (key, engine))
INTERCEPT(int, 0, EVP_PKEY_derive_init, (EVP_PKEY_CTX * ctx), (ctx))
INTERCEPT(int, 0, EVP_PKEY_derive, (EVP_PKEY_CTX * ctx, unsigned char *out, size_t *length),
          (ctx, out, length))
INTERCEPT(EC_GROUP *, NULL, EC_GROUP_new_by_curve_name, (int curve), (curve))
INTERCEPT(EC_POINT *, NULL, EC_POINT_new, (const EC_GROUP *group), (group))
INTERCEPT(int, 0, EC_POINT_mul,
          (const EC_GROUP *group, EC_POINT *out, const BIGNUM *n, const EC_POINT *q,
           const BIGNUM *m, BN_CTX *ctx),
          (group, out, n, q, m, ctx))
INTERCEPT(BIGNUM *, NULL, BN_secure_new, (void), ())
INTERCEPT(BIGNUM *, NULL, BN_new, (void), ())
INTERCEPT(BIGNUM *, NULL, BN_dup, (const BIGNUM *from), (from))
INTERCEPT(BIGNUM *, NULL, BN_bin2bn, (const unsigned char *in, int length, BIGNUM *out),
          (in, length, out))
INTERCEPT(BN_CTX *, NULL, BN_CTX_secure_new, (void), ())
INTERCEPT(int, 0, BN_mod_exp_mont_consttime,
          (BIGNUM * out, const BIGNUM *base, const BIGNUM *exponent, const BIGNUM *modulus,
           BN_CTX *ctx, BN_MONT_CTX *montgomery),
          (out, base, exponent, modulus, ctx, montgomery))
INTERCEPT(int, 0, EVP_PKEY_fromdata,
          (EVP_PKEY_CTX * ctx, EVP_PKEY **key, int selection, OSSL_PARAM parameters[]),
          (ctx, key, selection, parameters))
INTERCEPT(int, 0, EVP_PKEY_get_bn_param, (const EVP_PKEY *key, const char *name, BIGNUM **out),
          (key, name, out))

static void check_messages(const node_t *node, const char *text)
{
    CHECK(node->message_count <= 1);
    for (size_t i = 0; i < node->message_count; i++) {
        CHECK_STR((const char *)node->messages[i].data, text);
    }
}

static void live_and_die(net_t *net, node_t *client, node_t *server)
{
    uint64_t from = net->now;

    dtls_connect(client->ctx, &server->address);
    net_run(net, 3000);
    node_write(client, server, "up");
    node_write(server, client, "down");
    net_run(net, 10);
    dtls_close(client->ctx, &server->address);
    dtls_close(server->ctx, &client->address);
    net_run(net, 200000);
    CHECK(net->now - from >= 200000);
}

/* Runs a handshake in which call nth fails. Returns the number of calls. */
static size_t fail_call(size_t nth, bool and_after, uint16_t suite, uint16_t group)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    NOTE("call %zu%s, suite %04x, group %u", nth, and_after ? " and all after" : "", suite, group);
    client->delay = 1;
    client->config.suites = &suite;
    client->config.suite_count = 1;
    client->config.only_version = server->config.only_version = BOTH_VERSIONS;
    client->config.groups = &group;
    client->config.group_count = 1;
    if (group == FFDHE2048) {
        server->config.suites = &suite;
        server->config.suite_count = 1;
    }
    calls = 0;
    fail_at = nth;
    fail_after = and_after;
    if (node_start(client) && node_start(server)) {
        live_and_die(net, client, server);
    }
    check_messages(server, "up");
    check_messages(client, "down");
    CHECK_EQ(node_ends(client), node_events(client, DTLS_EVENT_CONNECT));
    CHECK_EQ(node_ends(server), node_events(server, DTLS_EVENT_CONNECT));
    net_end(net);
    fail_at = 0;
    return calls;
}

static void fail_every_call(uint16_t suite, uint16_t group)
{
    for (unsigned after = 0; after < 2; after++) {
        size_t nth = 1;

        CHECK(fail_call(0, false, suite, group) > 100);
        while (fail_call(nth, after, suite, group) >= nth) {
            nth++;
        }
        CHECK(nth > 100 && nth < 5000);
    }
}

TEST(each_call_of_libcrypto_fails_in_turn)
{
    fail_every_call(0xc0a8, X25519);
    fail_every_call(0x00a9, X25519);
    fail_every_call(0xccab, X25519);
    fail_every_call(0xd001, X25519);
    fail_every_call(0xccac, P256);
    fail_every_call(0x00aa, FFDHE2048);
    fail_every_call(0x00ae, FFDHE2048);
    fail_every_call(0x1301, X25519);
    fail_every_call(0x1303, P256);
}

/* Returns the number of calls in the life of this kind, of which call nth fails. */
static size_t fail_call_of(const kind_t *kind, size_t nth, bool *good)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = kind_pair(kind, &jar, &client, &server);

    NOTE("%s, call %zu", kind->name, nth);
    calls = 0;
    fail_at = nth;
    fail_after = false;
    *good = kind_live(kind, &jar, client, server);
    net_end(net);
    fail_at = 0;
    return calls;
}

/* The kinds that have more than the handshakes above. */
TEST(each_call_of_libcrypto_fails_in_every_kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        size_t nth = 1;
        bool good;

        if (kinds[i].is_basic)
            continue;
        while (fail_call_of(&kinds[i], nth, &good) >= nth) {
            nth++;
        }
        CHECK(good);
        CHECK(nth > 100 && nth < 10000);
    }
}
