#include "key/keytext.h"

#include <string.h>

#include "common/base64.h"
#include "common/hex.h"
#include "key/ambiguity.h"

#define HEX_DIGITS_MIN 32 /* 128 bits: a shorter text of hex digits may be a password */

#define TEXT_OF(number) #number
#define LIMIT_TEXT(number) "is longer than " TEXT_OF(number) " bytes"

static const char *read_hex(struct key *key, const char *text, size_t length)
{
    if (!is_hex(text, length))
        return "has a character that is not a hex digit: write the digits alone, as in hex:00ff";
    if (length % 2 != 0)
        return "has an odd number of hex digits: expected two per byte";
    if (length / 2 > sizeof key->data)
        return LIMIT_TEXT(DTLS_MAX_PSK);
    key->length = (size_t)hex_decode(key->data, sizeof key->data, text, length);
    return NULL;
}

static const char *read_text(struct key *key, const char *text, size_t length)
{
    if (length > sizeof key->data)
        return LIMIT_TEXT(DTLS_MAX_PSK);
    memcpy(key->data, text, length);
    key->length = length;
    return NULL;
}

static const char *read_b64(struct key *key, const char *text, size_t length)
{
    int bytes = base64_decode(key->data, sizeof key->data, text, length);

    if (bytes == BASE64_BAD_LENGTH)
        return "is not base64: the number of characters is wrong";
    if (bytes == BASE64_TOO_LONG)
        return LIMIT_TEXT(DTLS_MAX_PSK);
    if (bytes < 0)
        return "has a character that is not base64: expected A-Z a-z 0-9 + / =";
    key->length = (size_t)bytes;
    return NULL;
}

static const char *(*const readers[KEY_FORM_COUNT])(struct key *key, const char *text,
                                                    size_t length) = {
    [KEY_HEX] = read_hex,
    [KEY_TEXT] = read_text,
    [KEY_B64] = read_b64,
};

/* ---- white space around a key --------------------------------------------------------------- */

struct span {
    const char *text;
    size_t length;
};

/* Skips the byte order mark that some editors write before UTF-8. */
static struct span without_bom(struct span span)
{
    bool mark = span.length >= 3 && memcmp(span.text, "\xef\xbb\xbf", 3) == 0;

    return (struct span){span.text + 3 * mark, span.length - 3 * mark};
}

static struct span without_space_before(struct span span)
{
    for (; span.length > 0 && tag_skips(span.text[0]); span.length--)
        span.text++;
    return span;
}

static struct span without_space(struct span span)
{
    span = without_space_before(span);
    while (span.length > 0 && tag_skips(span.text[span.length - 1]))
        span.length--;
    return span;
}

static struct span without_newline(struct span span)
{
    if (span.length == 0 || span.text[span.length - 1] != '\n')
        return span;
    span.length--;
    span.length -= span.length > 0 && span.text[span.length - 1] == '\r';
    return span;
}

/* ---- the form ------------------------------------------------------------------------------- */

/* Returns the text after the tag. White space around hex and base64 is skipped. White space in text
 * belongs to the key. */
static struct span tagged_value(struct span span, enum key_form form)
{
    size_t tag = tag_length(form);

    span = (struct span){span.text + tag, span.length - tag};
    return form == KEY_TEXT ? without_newline(span) : without_space(span);
}

/* Decides if a key without a tag is hex or text. Returns NULL, or the error of an ambiguous key. */
static const char *find_form(struct key *key, struct span *value)
{
    struct span bare = without_space(*value);

    if (is_hex(bare.text, bare.length)) {
        key->form = KEY_HEX;
        *value = bare;
        return bare.length == 0 || (bare.length >= HEX_DIGITS_MIN && bare.length % 2 == 0)
                   ? NULL
                   : "could be hex or text: write it as hex:... or as text:...";
    }
    key->form = KEY_TEXT;
    *value = without_newline(*value);
    return key_ambiguity(value->text, value->length);
}

const char *key_decode(struct key *key, const char *text, size_t length)
{
    struct span value = without_bom((struct span){text, length});
    struct span start = without_space_before(value);
    const char *wrong = NULL;

    key->form = tag_find(start.text, start.length);
    if (key->form != KEY_FORM_COUNT)
        value = tagged_value(start, key->form);
    else
        wrong = find_form(key, &value);
    if (wrong == NULL && value.length > 0)
        wrong = readers[key->form](key, value.text, value.length);
    return wrong != NULL || key->length > 0 ? wrong : "is empty";
}
