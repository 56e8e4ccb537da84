#include "common/identity.h"

#include <string.h>

#include "common/hex.h"
#include "common/report.h"

const char *identity_text(char *out, const uint8_t *identity, size_t length)
{
    if (length > 0 && (identity[0] == '#' || !is_printable(identity, length))) {
        out[0] = '#';
        hex_encode(out + 1, identity, length);
        return out;
    }
    if (length > 0)
        memcpy(out, identity, length);
    out[length] = '\0';
    return out;
}

int identity_bytes(uint8_t *out, const char *text, size_t length)
{
    if (length > 0 && text[0] == '#')
        return length > 1 ? hex_decode(out, length / 2, text + 1, length - 1) : -1;
    memmove(out, text, length);
    return (int)length;
}
