/*
 * handshakes.c - handshakes, data and refusals under valgrind's memcheck, which reports a branch or an
 * address that depends on a secret. api/constant.sh builds and runs it.
 *
 * Each secret is marked as undefined where it enters: PSKs, HMAC keys, record keys, and the keys of
 * tickets and record numbers. Memcheck then follows what is computed from it. Marked as defined again is
 * what an attacker may know or cause: datagrams once they are sent, what an AEAD has authenticated,
 * record numbers once they are decrypted, and the result of a comparison in constant time.
 *
 * Libcrypto is not under test: libcrypto.supp excludes it.
 */
#include "crypto/crypto.h"
#include "jar.h"
#include "net.h"

#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define SECRET(bytes, length) ((void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, length))
#define PUBLIC(bytes, length) ((void)VALGRIND_MAKE_MEM_DEFINED(bytes, length))

enum { KEY_MOST = 64 };

/* ---- where secrets enter, and where they become public ---- */

/* The linker (--wrap) replaces calls of NAME() by calls of __wrap_NAME(). */
bool __real_mac_key(mac_t *mac, const uint8_t *key, size_t length);
bool __wrap_mac_key(mac_t *mac, const uint8_t *key, size_t length);
aead_t *__real_aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal);
aead_t *__wrap_aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal);
bool __real_aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length);
bool __wrap_aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length);
bool __real_aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length);
bool __wrap_aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length);
mask_t *__real_mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key);
mask_t *__wrap_mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key);
bool __real_mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
bool __wrap_mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
int CRYPTO_memcmp(const void *a, const void *b, size_t length);

/* Copies a key, and marks the copy as secret. */
static const uint8_t *secret_copy(const uint8_t *key, size_t length)
{
    static uint8_t copy[KEY_MOST];
    CHECK(length <= sizeof copy);
    memcpy(copy, key, length);
    SECRET(copy, length);
    return copy;
}

bool __wrap_mac_key(mac_t *mac, const uint8_t *key, size_t length)
{
    return __real_mac_key(mac, length <= KEY_MOST ? secret_copy(key, length) : key, length);
}

aead_t *__wrap_aead_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key, bool seal)
{
    return __real_aead_new(crypto, alg, secret_copy(key, aead_key_length(alg)), seal);
}

bool __wrap_aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length)
{
    bool opened = __real_aead_open(aead, nonce, aad, aad_length, text, length);
    PUBLIC(text, length);
    PUBLIC(&opened, sizeof opened);
    return opened;
}

bool __wrap_aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length)
{
    bool opened = __real_aead_open_record(aead, aad, payload, length);
    PUBLIC(payload, length);
    PUBLIC(&opened, sizeof opened);
    return opened;
}

mask_t *__wrap_mask_new(crypto_t *crypto, aead_alg_t alg, const uint8_t *key)
{
    return __real_mask_new(crypto, alg, secret_copy(key, aead_key_length(alg)));
}

bool __wrap_mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE])
{
    bool made = __real_mask_make(mask, sample, out);
    PUBLIC(out, MASK_SAMPLE);
    return made;
}

/* LEAK=1 makes the comparison one that memcheck must report. */
static bool leaks;

/* All comparisons of secrets end here (crypto_equal()). Its time does not depend on the bytes. */
int CRYPTO_memcmp(const void *a, const void *b, size_t length)
{
    const volatile uint8_t *left = a, *right = b;
    uint8_t differ = 0;

    for (size_t i = 0; i < length; i++) {
        if (leaks && left[i] != right[i])
            return 1;
        differ |= left[i] ^ right[i];
    }
    PUBLIC(&differ, sizeof differ);
    return differ;
}

/* ---- the runs ---- */

enum { KEY = 16 };
static uint8_t right_key[] = "a pre-shared key", wrong_key[] = "another such key";

typedef struct {
    jar_t jar;
    /* The last byte of the next datagram of the client, or of the server, changes. */
    bool damages, damaged_server;
} run_t;

/* What is sent is public. */
static void publish(net_t *net, net_packet_t *packet)
{
    run_t *run = net->user;

    PUBLIC(packet->data, packet->length);
    if (run->damages && packet->from->config.accept == run->damaged_server) {
        run->damages = false;
        packet->data[packet->length - 1] ^= 1;
    }
}

static net_t *start(uint16_t version, const uint16_t *suite, node_t **client, node_t **server,
                    run_t *run)
{
    net_t *net = ticket_pair(version, client, server, &run->jar);
    node_t *nodes[] = {*client, *server};
    dtls_suite_info_t info;

    leaks = getenv("LEAK") != NULL;
    CHECK_EQ(dtls_suite_info(*suite, &info), 0);
    SECRET(right_key, KEY);
    SECRET(wrong_key, KEY);
    for (size_t i = 0; i < 2; i++) {
        nodes[i]->config.suites = suite;
        nodes[i]->config.suite_count = 1;
        nodes[i]->config.psk_sha384 = version == DTLS13 && info.hash_bits == 384;
        nodes[i]->key = right_key;
        nodes[i]->key_length = KEY;
    }
    net->tap = publish;
    net->user = run;
    return net;
}

static void resume_and_part(node_t *client, node_t *server, const jar_t *jar, bool resumes)
{
    client->net->tap = publish; /* net_echo() has removed it */
    CHECK_EQ(resume(client, server, jar, 0), 1);
    check_connected(client, server, resumes);
    part(client, server);
}

/* A full handshake with data, then one by ticket, for each suite. */
static void connect_and_resume(uint16_t version, uint16_t suite)
{
    run_t run = {.damages = false};
    node_t *client, *server;
    net_t *net = start(version, &suite, &client, &server, &run);

    NOTE("suite %04x", suite);
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK(net_echo(client, server));
    net_run(net, 1000);
    part(client, server);
    resume_and_part(client, server, &run.jar, true);
    net_end(net);
}

static void for_each_suite(uint16_t version)
{
    dtls_suite_info_t info;

    for (size_t i = 0; dtls_suite_at(i) != 0; i++) {
        CHECK_EQ(dtls_suite_info(dtls_suite_at(i), &info), 0);
        if (info.version == version)
            connect_and_resume(version, info.id);
    }
}

/* With another key at the server, the comparison of Finished (1.2) or of the binder (1.3) fails. */
static void refuse_a_wrong_key(uint16_t version, uint16_t suite)
{
    run_t run = {.damages = false};
    node_t *client, *server;
    net_t *net = start(version, &suite, &client, &server, &run);

    server->key = wrong_key;
    net_start(net);
    CHECK(!net_connect(client, server, 5000));
    net_end(net);
}

TEST(suites_of_dtls12)
{
    for_each_suite(DTLS12);
}
TEST(suites_of_dtls13)
{
    for_each_suite(DTLS13);
}

TEST(wrong_key_dtls12)
{
    refuse_a_wrong_key(DTLS12, 0xc0a8);
}
TEST(wrong_key_dtls13)
{
    refuse_a_wrong_key(DTLS13, 0x1301);
}

/* The last byte of a ClientHello belongs to a binder. */
TEST(damaged_binder)
{
    static const uint16_t suite = 0x1301;
    run_t run = {.damages = true};
    node_t *client, *server;
    net_t *net = start(DTLS13, &suite, &client, &server, &run);

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(!net_connect(client, server, 5000));
    net_end(net);
}

/* A server with other keys for tickets and cookies: it opens the ticket in vain. */
TEST(tickets_of_another_server)
{
    static const uint16_t suites[] = {0xc0a8, 0x1301}, versions[] = {DTLS12, DTLS13};

    for (size_t i = 0; i < 2; i++) {
        run_t run = {.damages = false}, other_run = run;
        node_t *client, *server, *stranger, *other;
        net_t *net = start(versions[i], &suites[i], &client, &server, &run);

        net_start(net);
        CHECK(net_connect(client, server, 5000));
        net_run(net, 1000);
        part(client, server);
        net_t *second = start(versions[i], &suites[i], &stranger, &other, &other_run);
        net_start(second);
        resume_and_part(stranger, other, &run.jar, false);
        net_end(second);
        net_end(net);
    }
}

/* The client receives a damaged cookie and returns it. The server compares it, and sends another. */
TEST(damaged_cookie)
{
    static const uint16_t suite = 0xc0a8;
    run_t run = {.damages = true, .damaged_server = true};
    node_t *client, *server;
    net_t *net = start(DTLS12, &suite, &client, &server, &run);

    net_start(net);
    CHECK(net_connect(client, server, 60000));
    CHECK(!run.damages);
    net_end(net);
}
