/*
 * golden.c - compares every datagram of a handshake, of some data and of a close with the files in
 * tests/golden. UPDATE=1 rewrites the files.
 */
#include "common_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1 << 16 };

typedef struct {
    uint16_t suite;
    dtls_ems_t ems;
    dtls_cookie_t cookie;
    const char *hint;
    size_t mtu, identity_length;
    uint16_t group; /* 0: any group */
} golden_t;

static const char *hex_of(const pair_datagram_t *datagram)
{
    static char hex[2 * 2048 + 1];
    CHECK(datagram->length <= 2048);
    for (size_t i = 0; i < datagram->length; i++)
        snprintf(hex + 2 * i, 3, "%02x", datagram->data[i]);
    return hex;
}

/* Writes a line for each datagram: its sender and its bytes. */
static size_t write_down(const pair_t *pair, char *text)
{
    size_t length = 0;
    for (size_t i = 0; i < pair->sent_count; i++)
        length +=
            (size_t)snprintf(text + length, TEXT - length, "%c %s\n",
                             pair->sent[i].from == CLIENT ? 'c' : 's', hex_of(&pair->sent[i]));
    CHECK(length < TEXT);
    return length;
}

static void run_pair(pair_t *pair, const golden_t *golden)
{
    pair_init(pair);
    for (int side = CLIENT; side <= SERVER; side++) {
        end_t *end = &pair->ends[side];
        end->config.suites = &golden->suite;
        end->config.suite_count = 1;
        end->config.ems = golden->ems;
        end->config.cookie = golden->cookie;
        end->config.mtu = golden->mtu ? golden->mtu : end->config.mtu;
        end->hint = golden->hint ? golden->hint : "";
        end->identity_length = golden->identity_length;
        end->config.groups = golden->group ? &golden->group : NULL;
        end->config.group_count = golden->group != 0;
    }
    CHECK(pair_start(pair));
    CHECK(pair_connect(pair) > 0);
    pair_deliver(pair);
    CHECK(pair_up(pair));
    CHECK_EQ(pair_write(pair, CLIENT, "hello"), 5);
    CHECK_EQ(pair_write(pair, SERVER, "and hello back"), 14);
    CHECK_EQ(pair_write(pair, CLIENT, ""), 0);
    pair_deliver(pair);
    CHECK_EQ(pair_close(pair, CLIENT), 0);
    pair_deliver(pair);
    CHECK_STR(pair->ends[SERVER].messages[0], "hello");
    CHECK_STR(pair->ends[SERVER].messages[1], "");
    CHECK_STR(pair->ends[CLIENT].messages[0], "and hello back");
    CHECK(pair->ends[CLIENT].ends == 1 && pair->ends[SERVER].ends == 1);
}

static void update(const char *path, const char *text, size_t length)
{
    FILE *out = fopen(path, "w");
    CHECK(out != NULL);
    CHECK_EQ(fwrite(text, 1, length, out), length);
    CHECK_EQ(fclose(out), 0);
}

static void compare(const char *path, const char *text)
{
    static char expected[TEXT];
    FILE *in = fopen(path, "r");
    unsigned line = 1;
    CHECK(in != NULL);
    expected[fread(expected, 1, sizeof expected - 1, in)] = '\0';
    fclose(in);
    if (strcmp(text, expected) == 0)
        return;
    size_t same = 0;
    while (text[same] == expected[same])
        line += text[same++] == '\n';
    fprintf(stderr, "%s: found:\n%s", path, text);
    FAIL("%s: line %u differs from byte %zu of the file on", path, line, same);
}

static void check(const char *name, const golden_t *golden)
{
    static char text[TEXT];
    static pair_t pair;
    char path[256];
    NOTE("%s", name);
    run_pair(&pair, golden);
    size_t length = write_down(&pair, text);
    snprintf(path, sizeof path, "tests/golden/%s.hex", name);
    if (getenv("UPDATE"))
        update(path, text, length);
    else
        compare(path, text);
    pair_end(&pair);
}

static void check_suite(uint16_t suite)
{
    for (int ems = 0; ems < 2; ems++) {
        for (int cookie = 0; cookie < 2; cookie++) {
            const golden_t golden = {.suite = suite,
                                     .ems = ems ? DTLS_EMS_PREFER : DTLS_EMS_OFF,
                                     .cookie = cookie ? DTLS_COOKIE_ON : DTLS_COOKIE_OFF};
            char name[64];
            snprintf(name, sizeof name, "%04x%s%s", suite, ems ? "-ems" : "",
                     cookie ? "-cookie" : "");
            check(name, &golden);
        }
    }
}

#define SUITE(name, number)                                                                        \
    TEST(name)                                                                                     \
    {                                                                                              \
        check_suite(number);                                                                       \
    }
SUITE(psk_aes128_ccm8, 0xc0a8)
SUITE(psk_aes256_ccm8, 0xc0a9)
SUITE(psk_aes128_ccm, 0xc0a4)
SUITE(psk_aes256_ccm, 0xc0a5)
SUITE(psk_aes128_gcm, 0x00a8)
SUITE(psk_aes256_gcm, 0x00a9)
SUITE(psk_chacha20, 0xccab)
SUITE(ecdhe_psk_aes128_gcm, 0xd001)
SUITE(ecdhe_psk_aes256_gcm, 0xd002)
SUITE(ecdhe_psk_aes128_ccm8, 0xd003)
SUITE(ecdhe_psk_aes128_ccm, 0xd005)
SUITE(ecdhe_psk_chacha20, 0xccac)

TEST(hint)
{
    const golden_t golden = {.suite = 0x00a8, .hint = "a hint"};
    check("hint", &golden);
}

TEST(cbc)
{
    static const uint16_t suites[] = {0x00ae, 0x008c, 0xc037, 0xc035};
    for (size_t i = 0; i < COUNT(suites); i++) {
        const golden_t golden = {.suite = suites[i], .cookie = DTLS_COOKIE_ON};
        char name[64];
        snprintf(name, sizeof name, "%04x", suites[i]);
        check(name, &golden);
    }
}

/* These handshakes are long, so there is one of each kind. */
TEST(dhe)
{
    static const uint16_t suites[] = {0x00aa, 0x00ab, 0xc0a6, 0xc0aa, 0xccad};
    for (size_t i = 0; i < COUNT(suites); i++) {
        const golden_t golden = {.suite = suites[i], .group = 256, .cookie = DTLS_COOKIE_ON};
        char name[64];
        snprintf(name, sizeof name, "%04x-ffdhe2048", suites[i]);
        check(name, &golden);
    }
}

TEST(ecdhe_with_hint_and_p256)
{
    const golden_t golden = {.suite = 0xd001, .hint = "a hint", .group = 23};
    check("d001-p256-hint", &golden);
}

TEST(fragments)
{
    const golden_t golden = {.suite = 0xc0a8, .mtu = 256, .identity_length = 1000};
    check("fragments", &golden);
}
