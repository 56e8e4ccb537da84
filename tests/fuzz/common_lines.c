#include "fuzz/common_lines.h"

#include "fuzz/common_input.h"

/* What a terminal gets is one line, without control characters. */
void __wrap_lines_put(const char *line, size_t length, enum lines_kind kind)
{
    (void)kind;
    FUZZ_CHECK(length > 0 && length <= LINES_MAX && line[length - 1] == '\n');
    for (size_t i = 0; i + 1 < length; i++) {
        unsigned char byte = (unsigned char)line[i];
        FUZZ_CHECK(byte >= ' ' && byte != 0x7f);
    }
}
