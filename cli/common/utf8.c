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

/* Control characters, and characters of which a terminal shows nothing: with the latter, two
 * identities could look alike. */
static const struct {
    uint32_t first, last;
} invisible[] = {
    {0x00, 0x1f},       /* C0 */
    {0x7f, 0x9f},       /* DEL, C1 */
    {0xad, 0xad},       /* soft hyphen */
    {0x34f, 0x34f},     /* combining grapheme joiner */
    {0x61c, 0x61c},     /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian selectors */
    {0x200b, 0x200f},   /* zero width, directional marks */
    {0x2028, 0x202e},   /* separators, bidirectional controls */
    {0x2060, 0x206f},   /* word joiner, bidirectional and deprecated controls */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfe00, 0xfe0f},   /* variation selectors */
    {0xfeff, 0xfeff},   /* zero width no-break space */
    {0xffa0, 0xffa0},   /* Hangul filler */
    {0xfff0, 0xfffb},   /* unassigned, interlinear annotation */
    {0xe0000, 0xe0fff}, /* tags, variation selectors */
};

bool utf8_is_visible(uint32_t code)
{
    for (size_t i = 0; i < sizeof invisible / sizeof invisible[0]; i++)
        if (code >= invisible[i].first && code <= invisible[i].last)
            return false;
    return true;
}
