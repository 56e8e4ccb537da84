#include "common/base64.h"

size_t base64_encode(char *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *p = out;

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)bytes[i] << 16;
        if (left > 1)
            group |= (unsigned)bytes[i + 1] << 8;
        if (left > 2)
            group |= bytes[i + 2];
        *p++ = digits[group >> 18];
        *p++ = digits[group >> 12 & 63];
        *p++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *p++ = left > 2 ? digits[group & 63] : '=';
    }
    return (size_t)(p - out);
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(uint8_t *out, size_t size, const char *text, size_t length)
{
    unsigned held = 0, bits = 0;
    size_t digits = length, used = 0;

    while (digits > 0 && length - digits < 2 && text[digits - 1] == '=')
        digits--;
    if (digits % 4 == 1 || (digits < length && length % 4 != 0))
        return BASE64_BAD_LENGTH;
    if (digits / 4 * 3 + digits % 4 * 3 / 4 > size)
        return BASE64_TOO_LONG;
    for (size_t i = 0; i < digits; i++) {
        int digit = value_of(text[i]);
        if (digit < 0)
            return BASE64_BAD_CHARACTER;
        held = (held << 6 | (unsigned)digit) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[used++] = (uint8_t)(held >> bits);
        }
    }
    return (int)used;
}
