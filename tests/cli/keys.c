/*
 * keys.c - how the text of a key and of a key file is parsed, and which error a rejected text gets.
 */
#include "key/keyfile.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

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
