/*
 * keys.c - how the text of a key and of a key file is parsed, and which error a rejected text gets.
 */
#include "common/keyedhash.h"
#include "key/keyfile.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define HEX "000102030405060708090a0b0c0d0e0f"
#define B64 "AAECAwQFBgcICQoLDA0ODw=="
#define BOM "\xef\xbb\xbf"

/* A string that may contain zeros. */
struct text {
    const char *bytes;
    size_t length;
};
#define T(string)                                                                                  \
    {                                                                                              \
        string, sizeof(string) - 1                                                                 \
    }

/* ---- one key -------------------------------------------------------------------------------- */

TEST(white_space_around_a_key)
{
    static const char *const before[] = {"", " ", "\t", "\r\n", "\n \t", BOM, BOM " \n"};
    static const char *const after[] = {"",    "\n", "\r\n", " ",       "\t",
                                        " \n", "\r", "\n\n", " \r\n\t "};
    static const char *const keys[] = {HEX, "hex:" HEX, "hex: " HEX, "b64:" B64, "b64:\t" B64};

    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t i = 0; i < sizeof before / sizeof *before; i++)
            for (size_t j = 0; j < sizeof after / sizeof *after; j++) {
                char text[128];
                struct key key = {.length = 0};
                size_t length =
                    (size_t)snprintf(text, sizeof text, "%s%s%s", before[i], keys[k], after[j]);
                NOTE("key %zu, before %zu, after %zu", k, i, j);
                CHECK(key_decode(&key, text, length) == NULL);
                CHECK_EQ(key.length, 16);
                CHECK_MEM(key.data, "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 16);
            }
}

TEST(text_loses_one_newline_and_nothing_else)
{
    static const struct {
        struct text text, key;
    } cases[] = {
        {T("text:abc"), T("abc")},
        {T("text:abc\n"), T("abc")},
        {T("text:abc\r\n"), T("abc")},
        {T("text:abc\n\n"), T("abc\n")},
        {T("text:abc\r"), T("abc\r")},
        {T("text: abc \t"), T(" abc \t")},
        {T("text:\"abc\""), T("\"abc\"")},
        {T("text:" HEX), T(HEX)},
        {T("text:0x00,0x01"), T("0x00,0x01")},
        {T("text:a:b"), T("a:b")},
        {T("text:a\0b"), T("a\0b")},
        {T("text:" BOM "a"), T(BOM "a")},
        {T(BOM "text:abc\n"), T("abc")},
        {T(" text:abc\n"), T("abc")},
        {T("a passphrase of five words"), T("a passphrase of five words")},
        {T("a passphrase\n"), T("a passphrase")},
        {T("a passphrase\r\n"), T("a passphrase")},
        {T("p\xc3\xa4ss"), T("p\xc3\xa4ss")},
        {T("one,two"), T("one,two")},
        {T("hexagon"), T("hexagon")},
        {T("K=7"), T("K=7")},
        {T("it's \"fine\""), T("it's \"fine\"")},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct key key = {.length = 0};
        NOTE("%s", cases[i].text.bytes);
        const char *wrong = key_decode(&key, cases[i].text.bytes, cases[i].text.length);
        CHECK_STR(wrong != NULL ? wrong : "", "");
        CHECK_EQ(key.form, KEY_TEXT);
        CHECK_EQ(key.length, cases[i].key.length);
        CHECK_MEM(key.data, cases[i].key.bytes, key.length);
    }
}

TEST(what_is_almost_something_else)
{
    static const struct {
        struct text text;
        const char *words;
    } cases[] = {
        {T(""), "is empty"},
        {T("\n \t"), "is empty"},
        {T(BOM), "is empty"},
        {T("hex: \n"), "is empty"},
        {T("text:\n"), "is empty"},
        {T("abcd1234"), "hex:... or as text:..."},
        {T(HEX "0"), "hex:... or as text:..."},
        {T("hex:zz"), "hex:00ff"},
        {T("hex:00 01"), "hex:00ff"},
        {T("hex:123"), "odd"},
        {T("HEX:" HEX), "hex:"},
        {T("Hex:" HEX), "hex:"},
        {T("TEXT:abc"), "text:"},
        {T("B64:" B64), "b64:"},
        {T("base64:" B64), "b64:"},
        {T("0x" HEX), "digits alone"},
        {T("0X" HEX), "digits alone"},
        {T("00:01:02:03"), "digits alone"},
        {T("00 01 02 03 04 05"), "digits alone"},
        {T("0001 0203\t0405\n0607"), "digits alone"},
        {T("00-01-02-03"), "digits alone"},
        {T("0x00, 0x01, 0x02"), "digits alone"},
        {T("{0x00,0x01,0x02}"), "digits alone"},
        {T("\\x00\\x01\\x02"), "digits alone"},
        {T("123e4567-e89b-12d3-a456-426614174000"), "digits alone"},
        {T("\"" HEX "\""), "digits alone"},
        {T("'" HEX "'"), "digits alone"},
        {T("\"secret\""), "quotes"},
        {T("'hex:" HEX "'"), "quotes"},
        {T("alice:" HEX), "IDENTITY:KEY"},
        {T("alice: " HEX), "IDENTITY:KEY"},
        {T("user:password"), "IDENTITY:KEY"},
        {T("alice:" HEX "\nbob:" HEX "\n"), "IDENTITY:KEY"},
        {T("hint,alice," HEX), "IDENTITY:KEY"},
        {T("hint,alice,secret"), "IDENTITY:KEY"},
        {T("alice " HEX), "IDENTITY:KEY"},
        {T("alice=" HEX), "IDENTITY:KEY"},
        {T("PSK = 0011223344556677"), "IDENTITY:KEY"},
        {T(HEX " # of the gateway"), "digits alone"},
        {T(B64), "b64:"},
        {T("AAECAwQFBgc="), "b64:"},
        {T(" secret"), "white space"},
        {T("secret \n"), "white space"},
        {T("secret\n\n"), "white space"},
        {T("a\tb"), "not printable"},
        {T("a\nb"), "not printable"},
        {T("\x80\x81\x82"), "not printable"},
        {T("a\0b"), "not printable"},
        {T("\xff\xfe\x30\0\x31\0"), "not printable"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct key key = {.length = 0};
        NOTE("%s: %s", cases[i].text.bytes, cases[i].words);
        const char *wrong = key_decode(&key, cases[i].text.bytes, cases[i].text.length);
        CHECK(wrong != NULL);
        CHECK(strstr(wrong, cases[i].words) != NULL);
    }
}

/* ---- files ---------------------------------------------------------------------------------- */

static struct keyring ring;

static bool read_file(const char *text)
{
    keyring_clear(&ring);
    return keyfile_read(&ring, "file", text, strlen(text));
}

TEST(identities_of_a_file)
{
    static const struct {
        const char *file, *identity;
        size_t bytes;
    } cases[] = {
        {"alice:" HEX, "alice", 16},
        {BOM "alice:" HEX "\r\n", "alice", 16},
        {"alice:" HEX " \t\r\n \n\t\n", "alice", 16},
        {"# one\n\n#\nalice:hex:" HEX, "alice", 16},
        {"alice:b64:" B64, "alice", 16},
        {"alice:text:a:b:c ", "alice", 6},
        {"\"alice\":" HEX, "alice", 16},
        {"\"urn:imei:35\":" HEX, "urn:imei:35", 16},
        {"\" a \":text:x", " a ", 1},
        {"\"HEX\":" HEX, "HEX", 16},
        {"\"'a'\":" HEX, "'a'", 16},
        {"\"a\"b\":" HEX, "a\"b", 16},
        {"#75726e3a31:" HEX, "urn:1", 16},
        {"with a space:" HEX, "with a space", 16},
        {":" HEX, "", 16},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        NOTE("%s", cases[i].file);
        CHECK(read_file(cases[i].file));
        CHECK_EQ(ring.count, 1);
        CHECK_EQ(ring.entries[0].identity_length, strlen(cases[i].identity));
        CHECK_MEM(ring.entries[0].identity, cases[i].identity, strlen(cases[i].identity));
        CHECK_EQ(ring.entries[0].key.length, cases[i].bytes);
    }
}

/* The test psk.sh checks the error lines. */
TEST(files_that_are_refused)
{
    static const char *const files[] = {
        "",
        BOM,
        " \n\t\n",
        "# only a comment\n",
        "urn:imei:350000000000001:" HEX,
        "02:00:00:aa:bb:cc:" HEX,
        "alice:00:01:02:03",
        "alice: " HEX,
        "alice:\t" HEX,
        "alice :" HEX,
        " alice:" HEX,
        "'alice':" HEX,
        "\"alice:" HEX "\"",
        "\"alice\" " HEX,
        "\"alice\": " HEX,
        "HEX:" HEX,
        "Text:secret",
        "base64:" B64,
        "alice:HEX:" HEX,
        "alice:\"" HEX "\"",
        "alice:" B64,
        "alice:abcd",
        "alice:",
        "alice " HEX "\nbob " HEX,
        "#xyz:" HEX,
        "#no comment",
        HEX "\n" HEX,
        "hex:" HEX "\nalice:" HEX,
        "alice:" HEX "\nbob:text:b\nalice:text:c",
        "alice:" HEX "\n#616c696365:" HEX,
        "\xff\xfe"
        "a:b",
        "\xfe\xff"
        "a:b",
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        NOTE("%s", files[i]);
        CHECK(!read_file(files[i]));
    }
    keyring_clear(&ring);
}

/* ---- many keys ------------------------------------------------------------------------------ */

TEST(hash_of_identities)
{
    /* Key 00..0f, message 00 01 02 ...: the values of the authors of SipHash-2-4. */
    static const struct {
        size_t length;
        uint64_t hash;
    } rows[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    const struct hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    uint8_t message[64];

    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQ(keyed_hash(&key, message, rows[i].length), rows[i].hash);
}

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Loads a file of count keys. Returns how many ns of the processor that took. */
static uint64_t load_many(size_t count)
{
    static char text[100000 * 32];
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += (size_t)sprintf(text + length, "device-%zu:text:key-%zu\n", i, i);
    keyring_clear(&ring);
    uint64_t before = cpu_ns();
    CHECK(keyfile_read(&ring, "file", text, length));
    return cpu_ns() - before;
}

/* Returns the least time, in ns, of 1000 look-ups of identities with this prefix, each of them found, or none. */
static uint64_t find_many(const char *prefix, bool found)
{
    uint64_t least = UINT64_MAX;
    char identity[32];

    for (size_t turn = 0; turn < 20; turn++) {
        uint64_t before = cpu_ns();
        for (size_t i = 0; i < 1000; i++) {
            size_t length = (size_t)sprintf(identity, "%s-%zu", prefix, ring.count - 1 - i);
            const struct key *key = keyring_find(&ring, (const uint8_t *)identity, length);
            CHECK_EQ(key != NULL, found);
        }
        uint64_t took = cpu_ns() - before;
        least = took < least ? took : least;
    }
    return least;
}

/* A client that has not authenticated chooses the identities of its hello. */
TEST(look_up_time_depends_on_neither_the_number_nor_the_result)
{
    load_many(1000);
    uint64_t few = find_many("device", true);
    uint64_t few_unknown = find_many("devize", false);
    uint64_t load = load_many(10000), load_all = load_many(100000);
    uint64_t many = find_many("device", true), many_unknown = find_many("devize", false);

    NOTE("look-up of 1000: %lu ns known, %lu unknown; of 100000: %lu, %lu; to load 10000: %lu, "
         "100000: %lu",
         (unsigned long)few, (unsigned long)few_unknown, (unsigned long)many,
         (unsigned long)many_unknown, (unsigned long)load, (unsigned long)load_all);
    CHECK(many < 20 * few);
    CHECK(many_unknown < 20 * few_unknown);
    CHECK(many_unknown < 5 * many && many < 5 * many_unknown);
    CHECK(load_all < 60 * load);
    keyring_clear(&ring);
}

TEST(each_of_many_keys_is_found)
{
    char identity[32], expected[32];

    load_many(5000);
    for (size_t i = 0; i < 5000; i++) {
        sprintf(identity, "device-%zu", i);
        sprintf(expected, "key-%zu", i);
        const struct key *key = keyring_find(&ring, (const uint8_t *)identity, strlen(identity));
        CHECK(key != NULL && key->length == strlen(expected));
        CHECK_MEM(key->data, expected, key->length);
    }
    CHECK(keyring_select(&ring, (const uint8_t *)"device-4999", 11));
    CHECK_EQ(ring.count, 1);
    CHECK(keyring_find(&ring, (const uint8_t *)"device-4999", 11) != NULL);
    CHECK(keyring_find(&ring, (const uint8_t *)"device-0", 8) == NULL);
    keyring_clear(&ring);
    CHECK(keyring_find(&ring, (const uint8_t *)"device-0", 8) == NULL);
}
