/*
 * handshake.c - the cost of handshakes of client and server in one process, with the cookie exchange. They are
 * compared with the calls of libcrypto that such a handshake needs, and with other stacks.
 */
#include "common_bench.h"
#include "common_evp.h"
#include "common_series.h"
#include "common_stack.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

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

/* HMAC by two hashes (RFC 2104), which costs less than EVP_MAC. */
typedef struct {
    EVP_MD_CTX *inner, *outer, *message;
} bare_mac_t;

static struct {
    EVP_MD *sha256;
    bare_mac_t mac, cookie;
    evp_aead_t aead;
} bare;

static void bare_key(const bare_mac_t *mac, const uint8_t *key, size_t length)
{
    uint8_t inner[64], outer[64];
    for (size_t i = 0; i < sizeof inner; i++) {
        uint8_t byte = i < length ? key[i] : 0;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
    }
    CHECK(EVP_DigestInit_ex2(mac->inner, bare.sha256, NULL) == 1 &&
          EVP_DigestUpdate(mac->inner, inner, sizeof inner) == 1 &&
          EVP_DigestInit_ex2(mac->outer, bare.sha256, NULL) == 1 &&
          EVP_DigestUpdate(mac->outer, outer, sizeof outer) == 1);
}

static void bare_mac(const bare_mac_t *mac, size_t length)
{
    static const uint8_t text[256];
    uint8_t out[32];
    CHECK(EVP_MD_CTX_copy_ex(mac->message, mac->inner) == 1 &&
          EVP_DigestUpdate(mac->message, text, length) == 1 &&
          EVP_DigestFinal_ex(mac->message, out, NULL) == 1 &&
          EVP_MD_CTX_copy_ex(mac->message, mac->outer) == 1 &&
          EVP_DigestUpdate(mac->message, out, sizeof out) == 1 &&
          EVP_DigestFinal_ex(mac->message, out, NULL) == 1);
}

static bare_mac_t new_bare_mac(void)
{
    return (bare_mac_t){EVP_MD_CTX_new(), EVP_MD_CTX_new(), EVP_MD_CTX_new()};
}

static void free_bare_mac(const bare_mac_t *mac)
{
    EVP_MD_CTX_free(mac->inner);
    EVP_MD_CTX_free(mac->outer);
    EVP_MD_CTX_free(mac->message);
}

static void bare_start(void)
{
    bare.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    bare.mac = new_bare_mac();
    bare.cookie = new_bare_mac();
    bare_key(&bare.cookie, (const uint8_t *)"secret", 6);
    evp_aead_start(&bare.aead, suite_by_id(0xc0a8));
}

static void bare_end(void)
{
    EVP_MD_free(bare.sha256);
    free_bare_mac(&bare.mac);
    free_bare_mac(&bare.cookie);
    evp_aead_end(&bare.aead);
}

/* P_hash, RFC 5246 section 5: A(1) and a block, then for each further 32 bytes another A(i) and a
 * block. */
static void bare_prf(size_t seed, size_t blocks)
{
    bare_mac(&bare.mac, seed);
    for (size_t i = 0; i < blocks; i++) {
        if (i > 0)
            bare_mac(&bare.mac, 32);
        bare_mac(&bare.mac, 32 + seed);
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
    static const uint8_t secret[48] = {1};
    uint8_t finished[64] = {0}, random[32];
    CHECK(RAND_bytes(random, sizeof random) == 1);
    bare_transcript();
    bare_key(&bare.mac, secret, 36);
    bare_prf(22 + 32, 2); /* extended master secret: 48 bytes */
    bare_key(&bare.mac, secret, 48);
    bare_prf(13 + 64, 2); /* key block: 40 bytes */
    bare_prf(15 + 32, 1); /* verify_data: 12 bytes, for each side */
    bare_prf(15 + 32, 1);
    evp_aead_key(&bare.aead);
    CHECK(evp_aead_seal(&bare.aead, finished, 24) && evp_aead_open(&bare.aead, finished, 24));
    evp_aead_end_key(&bare.aead);
}

static void bare_handshakes(size_t times)
{
    for (size_t i = 0; i < times; i++) {
        bare_mac(&bare.cookie, 56); /* a cookie is made and checked */
        bare_mac(&bare.cookie, 56);
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

/* ---- all ---- */

static struct {
    uint8_t state[1024];
    size_t length;
} ticket;

static void on_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                      uint32_t lifetime_s)
{
    (void)hook, (void)session, (void)lifetime_s;
    CHECK(length <= sizeof ticket.state);
    memcpy(ticket.state, state, length);
    ticket.length = length;
}

static void with_tickets(dtls_config_t *config)
{
    config->tickets = true;
    config->ticket = on_ticket;
}

static void psk_only(dtls_config_t *config)
{
    config->key_exchange = DTLS_KE_PSK_ONLY;
}

static void resumptions(size_t times)
{
    const session_t server = line_address(0);
    for (size_t i = 0; i < times; i++) {
        bench_inside = CLIENT;
        CHECK(dtls_resume(line.sides[CLIENT].ctx, &server, ticket.state, ticket.length, 0) > 0);
        bench_inside = -1;
        line_deliver(&line);
        line_reset(&line, 0);
    }
}

static bool resumed(void)
{
    const session_t server = line_address(0);
    dtls_info_t info;
    handshakes(1);
    CHECK(dtls_resume(line.sides[CLIENT].ctx, &server, ticket.state, ticket.length, 0) > 0);
    line_deliver(&line);
    CHECK_EQ(dtls_get_info(line.sides[CLIENT].ctx, &server, &info), 0);
    line_reset(&line, 0);
    return info.resumed;
}

/* A kind of handshake. name: one of kinds[] in stacks/stack.h. bare: the calls of libcrypto that such a handshake
 * needs; NULL: not measured. */
typedef struct {
    const char *name, *figure;
    uint16_t suite;
    void (*tune)(dtls_config_t *config);
    void (*ours)(size_t times);
    void (*bare)(size_t times);
    size_t times;
} kind_t;

static const kind_t kinds[] = {
    {"1.2-psk", "handshake, DTLS 1.2, PSK, AES-128-CCM-8", 0xc0a8, NULL, handshakes,
     bare_handshakes, 1000},
    {"1.2-ecdhe", "handshake, DTLS 1.2, ECDHE-PSK, X25519", 0xccac, NULL, handshakes, bare_ecdhe,
     200},
    {"1.2-resumed", "handshake, DTLS 1.2, resumed by a ticket", 0xc0a8, with_tickets, resumptions,
     NULL, 1000},
    {"1.3-psk", "handshake, DTLS 1.3, psk_ke (the others: TLS 1.3)", 0x1301, psk_only, handshakes,
     NULL, 500},
    {"1.3-ecdhe", "handshake, DTLS 1.3, psk_dhe_ke, X25519 (the others: TLS 1.3)", 0x1301, NULL,
     handshakes, NULL, 200},
    {"1.3-resumed", "handshake, DTLS 1.3, resumed by a ticket, X25519", 0x1301, with_tickets,
     resumptions, NULL, 200},
};

static void compare(const kind_t *kind)
{
    const bench_t benches[] = {{"libcrypto", kind->bare, kind->bare ? kind->times : 0},
                               {"dtlscat", kind->ours, kind->times}};
    double us[2];
    for (unsigned run = 0; run < bench_runs(); run++) {
        bench_measure(benches, 2, us);
        for (size_t i = 0; i < 2; i++)
            if (benches[i].times > 0)
                sample(kind->figure, "us", benches[i].name, us[i] / 1e3);
        for (size_t i = 0; i < STACKS; i++) {
            double ns = stack_ns(i, "handshake %s %zu", kind->name, kind->times);
            if (ns > 0)
                sample(kind->figure, "us", stack_names[i], ns / 1e3);
        }
    }
    if (kind->bare)
        ratio(kind->figure, "dtlscat", "libcrypto");
    for (size_t i = 0; i < STACKS; i++)
        ratio(kind->figure, "dtlscat", stack_names[i]);
}

TEST(handshake)
{
    bench_pin();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const bench_t counted = {kinds[i].name, kinds[i].ours, 0};
        line_start_as(&line, kinds[i].suite, kinds[i].tune);
        bare_start();
        CHECK_EQ(kinds[i].tune == with_tickets && !resumed(), 0);
        bool stop = bench_counted(&counted, 1);
        if (!stop)
            compare(&kinds[i]);
        CHECK_EQ(line.sides[CLIENT].connected, line.sides[SERVER].connected);
        bare_end();
        line_end(&line);
    }
}
