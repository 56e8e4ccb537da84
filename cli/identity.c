#include "identity.h"

#include <string.h>

#include "keytext.h"
#include "say.h"

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
