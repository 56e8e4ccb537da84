#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096 /* what a pipe takes at once */
#define SHOWN_BYTES 64

#define CLEAR_LINE "\r\033[K"

static bool over; /* a line that goes when another comes */

static void put_line(const char *prefix, const char *format, va_list arguments, bool stays)
{
    char line[LINE_MAX_BYTES];
    size_t used =
        (size_t)snprintf(line, sizeof line, "%s%s", over || !stays ? CLEAR_LINE : "", prefix);

    int length = vsnprintf(line + used, sizeof line - used, format, arguments);
    if (length < 0)
        return;
    used += (size_t)length;
    if (used > sizeof line - 1)
        used = sizeof line - 1;
    if (stays)
        line[used++] = '\n';
    over = !stays;
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored; /* nowhere is left to complain */
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("dtlscat: ", format, arguments, true);
    va_end(arguments);
}

void say_bare(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("", format, arguments, true);
    va_end(arguments);
}

void say_over(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("", format, arguments, false);
    va_end(arguments);
}

/* Length of the printable UTF-8 character at bytes, 0 if there is none. C1 controls (U+0080 to
 * U+009F), bidirectional controls, surrogates and overlong forms do not count. */
static size_t printable(const uint8_t *bytes, size_t length)
{
    static const struct {
        uint8_t lead, mask;
        size_t size;
        uint32_t least;
    } forms[] = {{0xc0, 0xe0, 2, 0xa0}, {0xe0, 0xf0, 3, 0x800}, {0xf0, 0xf8, 4, 0x10000}};

    if (bytes[0] < 0x80)
        return bytes[0] >= 0x20 && bytes[0] != 0x7f && bytes[0] != '"' && bytes[0] != '\\';
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((bytes[0] & forms[i].mask) != forms[i].lead || length < forms[i].size)
            continue;
        uint32_t code = bytes[0] & (uint8_t)~forms[i].mask;
        for (size_t k = 1; k < forms[i].size; k++) {
            if ((bytes[k] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (bytes[k] & 0x3f);
        }
        bool hidden = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
        bool legal = code >= forms[i].least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        return legal && !hidden ? forms[i].size : 0;
    }
    return 0;
}

bool is_printable(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t size = printable(bytes + i, length - i);
        if (size == 0 && bytes[i] != '"' && bytes[i] != '\\')
            return false;
        i += size > 0 ? size : 1;
    }
    return true;
}

const char *show_bytes(char *out, const uint8_t *bytes, size_t length)
{
    char *p = out;
    size_t shown = length < SHOWN_BYTES ? length : SHOWN_BYTES;

    *p++ = '"';
    for (size_t i = 0; i < shown;) {
        size_t size = printable(bytes + i, shown - i);
        if (size == 0) {
            p += sprintf(p, "\\x%02x", bytes[i++]);
            continue;
        }
        memcpy(p, bytes + i, size);
        p += size;
        i += size;
    }
    *p++ = '"';
    *p = '\0';
    if (shown < length)
        sprintf(p, "... (%zu bytes)", length);
    return out;
}
