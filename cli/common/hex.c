#include "common/hex.h"

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

bool is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (hex_digit(text[i]) < 0)
            return false;
    return true;
}

int hex_decode(uint8_t *out, size_t size, const char *text, size_t length)
{
    if (length % 2 != 0 || length / 2 > size || !is_hex(text, length))
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
