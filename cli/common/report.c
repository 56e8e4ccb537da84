#include "common/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"

/* PIPE_BUF of Linux: a write(2) of at most this size is not mixed with writes of other programs. */
#define LINE_MAX_BYTES 4096
#define SHOWN_BYTES 64 /* show_bytes() shows at most this number of bytes */

#define CLEAR_LINE "\r\033[K"

static bool over; /* the last line was printed by report_over() */

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
    (void)ignored; /* a failure cannot be reported anywhere else */
}

void report(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("dtlscat: ", format, arguments, true);
    va_end(arguments);
}

void report_bare(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("", format, arguments, true);
    va_end(arguments);
}

void report_over(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("", format, arguments, false);
    va_end(arguments);
}

void report_clear(void)
{
    ssize_t ignored = over ? write(STDERR_FILENO, CLEAR_LINE, sizeof CLEAR_LINE - 1) : 0;

    (void)ignored;
    over = false;
}

void report_keep(void)
{
    ssize_t ignored = over ? write(STDERR_FILENO, "\n", 1) : 0;

    (void)ignored;
    over = false;
}

/* Returns false for control characters (C0 and C1), bidirectional controls and invisible
 * characters, because they could deceive the reader. Returns false for " and \ too, because
 * show_bytes() escapes them. */
static bool is_visible(uint32_t code)
{
    if (code < 0x80)
        return code >= 0x20 && code != 0x7f && code != '"' && code != '\\';
    return code >= 0xa0 && !(code >= 0x200b && code <= 0x200f) &&
           !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069) &&
           code != 0xfeff;
}

/* Returns the length in bytes of the printable UTF-8 character at bytes, or 0 if there is none. */
static size_t printable(const uint8_t *bytes, size_t length)
{
    uint32_t code;
    size_t size = utf8_decode(&code, bytes, length);

    return size > 0 && is_visible(code) ? size : 0;
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
