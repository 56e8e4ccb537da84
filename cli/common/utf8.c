#include "common/utf8.h"

size_t utf8_decode(uint32_t *code, const uint8_t *bytes, size_t length)
{
    static const struct {
        uint8_t lead, mask;
        uint32_t least;
    } forms[] = {{0x00, 0x80, 0}, {0xc0, 0xe0, 0x80}, {0xe0, 0xf0, 0x800}, {0xf0, 0xf8, 0x10000}};
    size_t form = 0;

    while (form < sizeof forms / sizeof forms[0] &&
           (bytes[0] & forms[form].mask) != forms[form].lead)
        form++;
    if (form == sizeof forms / sizeof forms[0] || length < form + 1)
        return 0;
    *code = bytes[0] & (uint8_t)~forms[form].mask;
    for (size_t i = 1; i <= form; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code >= forms[form].least && *code <= 0x10ffff && !surrogate ? form + 1 : 0;
}

bool utf8_is_valid(const uint8_t *bytes, size_t length)
{
    uint32_t code;

    for (size_t size; length > 0; bytes += size, length -= size) {
        size = utf8_decode(&code, bytes, length);
        if (size == 0)
            return false;
    }
    return true;
}

bool utf8_is_visible(uint32_t code)
{
    if (code < 0x80)
        return code >= 0x20 && code != 0x7f;
    return code >= 0xa0 && !(code >= 0x200b && code <= 0x200f) &&
           !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069) &&
           code != 0xfeff;
}
