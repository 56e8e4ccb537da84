#include "keytext.h"

#include <string.h>

#include "base64.h"

#define HEX_DIGITS_MIN 32 /* 128 bits: nobody's password is that long and all hex by chance */

#define TEXT_OF(number) #number
#define LIMIT_TEXT(number) "is longer than " TEXT_OF(number) " bytes"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool all_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (hex_digit(text[i]) < 0)
            return false;
    return true;
}

int hex_decode(uint8_t *out, size_t size, const char *text, size_t length)
{
    if (length % 2 != 0 || length / 2 > size || !all_hex(text, length))
        return -1;
    for (size_t i = 0; i < length / 2; i++)
        out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return (int)(length / 2);
}

const char *hex_encode(char *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * length] = '\0';
    return out;
}

static const char *read_hex(struct key *key, const char *text, size_t length)
{
    if (!all_hex(text, length))
        return "has a character that is no hex digit";
    if (length % 2 != 0)
        return "has an odd number of hex digits";
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
        return "is not base64: its length cannot be";
    if (bytes == BASE64_TOO_LONG)
        return LIMIT_TEXT(DTLS_MAX_PSK);
    if (bytes < 0)
        return "has a character that is not base64";
    key->length = (size_t)bytes;
    return NULL;
}

static const struct {
    const char *tag, *name;
    const char *(*read)(struct key *key, const char *text, size_t length);
} forms[KEY_FORM_COUNT] = {
    [KEY_HEX] = {"hex:", "hex", read_hex},
    [KEY_TEXT] = {"text:", "text", read_text},
    [KEY_B64] = {"b64:", "base64", read_b64},
};

const char *key_form_name(enum key_form form)
{
    return forms[form].name;
}

/* KEY_FORM_COUNT if there is no tag. */
static enum key_form tag_of(const char *text, size_t length)
{
    for (unsigned form = 0; form < KEY_FORM_COUNT; form++) {
        size_t tag = strlen(forms[form].tag);
        if (length >= tag && memcmp(text, forms[form].tag, tag) == 0)
            return (enum key_form)form;
    }
    return KEY_FORM_COUNT;
}

bool key_is_tagged(const char *text, size_t length)
{
    return tag_of(text, length) != KEY_FORM_COUNT;
}

/* Hex as other programs write it: 0x00ff, 00:ff. */
static bool resembles_hex(const char *text, size_t length)
{
    size_t digits = 0;

    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return all_hex(text + 2, length - 2);
    for (size_t i = 0; i < length; i++) {
        bool colon = i % 3 == 2;
        if (colon ? text[i] != ':' : !all_hex(text + i, 1))
            return false;
        digits += !colon;
    }
    return digits > 2 && digits % 2 == 0;
}

const char *key_decode(struct key *key, const char *text, size_t length)
{
    key->form = tag_of(text, length);
    if (key->form != KEY_FORM_COUNT) {
        text += strlen(forms[key->form].tag);
        length -= strlen(forms[key->form].tag);
    } else if (length > 0 && all_hex(text, length)) {
        if (length < HEX_DIGITS_MIN || length % 2 != 0)
            return "could be hex or text: write it as hex:... or as text:...";
        key->form = KEY_HEX;
    } else if (resembles_hex(text, length)) {
        return "could be text, or hex with other signs: write it as text:... or as hex:... with "
               "the digits alone";
    } else {
        key->form = KEY_TEXT;
    }
    if (length == 0)
        return "is empty";
    const char *wrong = forms[key->form].read(key, text, length);
    return wrong != NULL || key->length > 0 ? wrong : "is empty";
}
