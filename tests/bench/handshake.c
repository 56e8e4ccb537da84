/*
 * handshake.c - a full handshake with plain PSK, and one with ECDHE_PSK, both ends in one process.
 * For comparison, the calls of libcrypto that such a handshake needs.
 */
#include "common_bench.h"
#include "common_evp.h"

#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

/* Instructions of the same handshake in other programs, counted in the same way. */
enum { OTHER_BARE = 346000, GNUTLS = 490000 };

static line_t line;

/* Connects, then ends the association on both sides. */
static void handshakes(size_t times)
{
    for (size_t i = 0; i < times; i++) {
        line_connect(&line, 0);
        line_deliver(&line);
        line_reset(&line, 0);
    }
}

/* ---- the bare calls ---- */

static struct {
    EVP_MD *sha256;
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac, *cookie;
    evp_aead_t aead;
} bare;

static void bare_start(void)
{
    char digest[] = "SHA2-256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    bare.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    bare.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    bare.mac = EVP_MAC_CTX_new(bare.hmac);
    bare.cookie = EVP_MAC_CTX_new(bare.hmac);
    CHECK(EVP_MAC_CTX_set_params(bare.mac, params) && EVP_MAC_CTX_set_params(bare.cookie, params));
    CHECK(EVP_MAC_init(bare.cookie, (const uint8_t *)"secret", 6, NULL));
    evp_aead_start(&bare.aead, suite_by_id(0xc0a8));
}

static void bare_end(void)
{
    EVP_MD_free(bare.sha256);
    EVP_MAC_CTX_free(bare.mac);
    EVP_MAC_CTX_free(bare.cookie);
    EVP_MAC_free(bare.hmac);
    evp_aead_end(&bare.aead);
}

static void bare_mac(EVP_MAC_CTX *mac, const uint8_t *key, size_t key_length, size_t length)
{
    static const uint8_t text[256];
    uint8_t out[32];
    size_t size;
    CHECK(EVP_MAC_init(mac, key, key_length, NULL) && EVP_MAC_update(mac, text, length) &&
          EVP_MAC_final(mac, out, &size, sizeof out));
}

/* P_hash, RFC 5246 section 5: A(1) and a block, then for each further 32 bytes another A(i) and a
 * block. */
static void bare_prf(size_t key_length, size_t seed, size_t blocks)
{
    static const uint8_t key[64] = {1};
    bare_mac(bare.mac, key, key_length, seed);
    for (size_t i = 0; i < blocks; i++) {
        if (i > 0)
            bare_mac(bare.mac, NULL, 0, 32);
        bare_mac(bare.mac, NULL, 0, 32 + seed);
    }
}

/* Computes the hash of ClientHello to the last Finished, and reads it at the session hash and
 * before each Finished. */
static void bare_transcript(void)
{
    static const uint8_t message[128];
    static const size_t lengths[] = {72, 61, 12, 29, 24, 24};
    static const bool read_off[] = {false, false, false, true, true, false};
    EVP_MD_CTX *hash = EVP_MD_CTX_new(), *copy = EVP_MD_CTX_new();
    uint8_t out[32];
    CHECK(EVP_DigestInit_ex2(hash, bare.sha256, NULL) == 1);
    for (size_t i = 0; i < 6; i++) {
        CHECK(EVP_DigestUpdate(hash, message, lengths[i]) == 1);
        if (read_off[i])
            CHECK(EVP_MD_CTX_copy_ex(copy, hash) == 1 && EVP_DigestFinal_ex(copy, out, NULL) == 1);
    }
    EVP_MD_CTX_free(hash);
    EVP_MD_CTX_free(copy);
}

static void bare_end_of_a_handshake(void)
{
    uint8_t finished[64] = {0}, random[32];
    CHECK(RAND_bytes(random, sizeof random) == 1);
    bare_transcript();
    bare_prf(36, 22 + 32, 2); /* extended master secret: 48 bytes */
    bare_prf(48, 13 + 64, 2); /* key block: 40 bytes */
    bare_prf(48, 15 + 32, 1); /* verify_data: 12 bytes, for each side */
    bare_prf(48, 15 + 32, 1);
    evp_aead_key(&bare.aead);
    CHECK(evp_aead_seal(&bare.aead, finished, 24) && evp_aead_open(&bare.aead, finished, 24));
    evp_aead_end_key(&bare.aead);
}

static void bare_handshakes(size_t times)
{
    for (size_t i = 0; i < times; i++) {
        bare_mac(bare.cookie, NULL, 0, 56); /* a cookie is made and checked */
        bare_mac(bare.cookie, NULL, 0, 56);
        bare_end_of_a_handshake();
        bare_end_of_a_handshake();
    }
}

/* Makes a key pair and the shared secret for each side. */
static void bare_x25519(void)
{
    uint8_t private_key[32] = {7}, public_key[32], secret[32];
    size_t length = sizeof secret;
    CHECK(RAND_bytes(private_key, sizeof private_key) == 1);
    EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, 32);
    CHECK(EVP_PKEY_get_raw_public_key(pair, public_key, &length) == 1);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, 32);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
    CHECK(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
          EVP_PKEY_derive(ctx, secret, &length) == 1);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(pair);
}

static void bare_ecdhe(size_t times)
{
    bare_handshakes(times);
    for (size_t i = 0; i < 2 * times; i++)
        bare_x25519();
}

/* ---- both ---- */

/* Measures the library, then the direct calls. Returns false if this process is the one that
 * valgrind runs. */
static bool compare(const bench_t benches[2], const char *test_case, uint16_t suite,
                    const char *what)
{
    double ns[2], instructions[2];
    line_start(&line, suite);
    bare_start();
    bool counted = bench_counted(benches, 2);
    for (size_t i = 0; i < 2 && !counted; i++) {
        ns[i] = bench_ns(&benches[i]);
        instructions[i] = bench_instructions(&benches[i], test_case);
    }
    if (!counted) {
        CHECK_EQ(line.sides[CLIENT].connected, line.sides[SERVER].connected);
        CHECK(line.sides[CLIENT].connected > 1000);
        printf("full handshake, %s with cookie, both ends:\n"
               "    this library        %7.1f us  %7.0f instructions\n"
               "    bare libcrypto      %7.1f us  %7.0f instructions, ratio %.2f and %.2f\n",
               what, ns[0] / 1e3, instructions[0], ns[1] / 1e3, instructions[1], ns[0] / ns[1],
               instructions[1] > 0 ? instructions[0] / instructions[1] : 0);
        if (instructions[0] <= 0)
            printf("    (no instructions counted: valgrind is not installed)\n");
    }
    bare_end();
    line_end(&line);
    return !counted;
}

TEST(handshake)
{
    static const bench_t benches[] = {{"handshake", handshakes, 1000},
                                      {"libcrypto", bare_handshakes, 1000}};
    if (compare(benches, "handshake", 0xc0a8, "PSK-AES128-CCM8"))
        printf("    to compare with     %18d instructions, another count of the bare calls\n"
               "    and with            %18d instructions, GnuTLS 3.7\n",
               OTHER_BARE, GNUTLS);
}

TEST(handshake_ecdhe)
{
    static const bench_t benches[] = {{"ecdhe", handshakes, 200},
                                      {"libcrypto_ecdhe", bare_ecdhe, 200}};
    compare(benches, "handshake_ecdhe", 0xd003, "ECDHE-PSK-AES128-CCM8-SHA256, X25519,");
}
