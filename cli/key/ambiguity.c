#include "key/ambiguity.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "common/report.h"
#include "key/tag.h"

#define WORD_DIGITS 16 /* a word of at least this number of hex digits (64 bits) may be a key */
#define PADDED_MIN 8   /* a shorter text that ends with "=" is not taken for base64 */

bool key_is_quoted(const char *text, size_t length, char quote)
{
    return length >= 2 && text[0] == quote && text[length - 1] == quote;
}

static bool has_quotes(const char *text, size_t length)
{
    return key_is_quoted(text, length, '"') || key_is_quoted(text, length, '\'');
}

bool key_has_edge_space(const char *text, size_t length)
{
    return length > 0 &&
           (isspace((unsigned char)text[0]) || isspace((unsigned char)text[length - 1]));
}

/* Recognizes hex as other programs write it: 0x00ff, 00:ff, 00 ff, {0x00, 0xff}, \x00\xff. */
static bool is_hex_with_signs(const char *text, size_t length)
{
    static const char signs[] = " \t\r\n:-_.,;/|\\{}[]()\"'";
    size_t digits = 0;

    for (size_t i = 0; i < length; i++) {
        bool prefix = i > 0 && (text[i] == 'x' || text[i] == 'X') &&
                      (text[i - 1] == '0' || text[i - 1] == '\\');
        bool digit = isxdigit((unsigned char)text[i]);
        if (!prefix && !digit && memchr(signs, text[i], sizeof signs - 1) == NULL)
            return false;
        digits += digit;
    }
    return digits > 2;
}

static bool is_binary(const char *text, size_t length)
{
    return !is_printable((const uint8_t *)text, length);
}

static bool has_colon(const char *text, size_t length)
{
    return memchr(text, ':', length) != NULL;
}

/* Recognizes a line HINT,IDENTITY,KEY of a libcoap key file. */
static bool has_three_fields(const char *text, size_t length)
{
    size_t commas = 0;

    for (size_t i = 0; i < length; i++)
        commas += text[i] == ',';
    return commas == 2;
}

/* Recognizes a hex key next to other text, for example next to an identity or the name of a
 * variable. */
static bool has_hex_word(const char *text, size_t length)
{
    size_t word = 0;
    bool hex = true;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && isalnum((unsigned char)text[i])) {
            hex &= isxdigit((unsigned char)text[i]) != 0;
            word++;
            continue;
        }
        if (hex && word >= WORD_DIGITS)
            return true;
        word = 0;
        hex = true;
    }
    return false;
}

static bool is_padded_base64(const char *text, size_t length)
{
    if (length < PADDED_MIN || length % 4 != 0 || text[length - 1] != '=')
        return false;
    size_t digits = length - (text[length - 2] == '=' ? 2 : 1);
    for (size_t i = 0; i < digits; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '+' && text[i] != '/')
            return false;
    return true;
}

const char *key_ambiguity(const char *text, size_t length)
{
    static const struct {
        bool (*holds)(const char *text, size_t length);
        const char *reason;
    } ambiguities[] = {
        {tag_is_wrong, "could begin with a misspelt prefix: " TAGS "; if the prefix belongs to the "
                       "key, put text: before the key"},
        {is_hex_with_signs, "could be text, or hex with separators: write text as text:..., and "
                            "hex as hex:... with the digits alone"},
        {has_quotes, "is in quotes: remove the quotes, or, if they belong to the key, put text: "
                     "before them"},
        {key_has_edge_space, "begins or ends with white space: remove the white space, or, if it "
                             "belongs to the key, put text: before the key"},
        {has_colon, "could be text or IDENTITY:KEY: write text as text:...; otherwise give only "
                    "KEY here, and IDENTITY with --identity"},
        {is_binary, "has bytes that are not printable: write the key as hex:... or b64:..., or "
                    "put text: before these bytes"},
        {has_three_fields, "could be text, or a line HINT,IDENTITY,KEY of a libcoap key file: "
                           "write text as text:..., and such a line as IDENTITY:KEY"},
        {has_hex_word,
         "has a hex key and other words: give the hex digits alone, or IDENTITY:KEY for a "
         "key with its identity, or text:... if all of it is the key"},
        {is_padded_base64, "could be base64 or text: write it as b64:... or as text:..."},
    };

    for (size_t i = 0; i < sizeof ambiguities / sizeof ambiguities[0]; i++)
        if (ambiguities[i].holds(text, length))
            return ambiguities[i].reason;
    return NULL;
}
