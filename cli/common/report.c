#include "common/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/lines.h"
#include "common/utf8.h"

#define SHOWN_BYTES 64 /* show_bytes() shows at most this number of bytes */

#define CLEAR_LINE "\r\033[K"

static bool in_color;
static bool over; /* the last line was printed by report_over() */

/* Replaces control characters (C0, DEL and C1). A word of the command line or a file name may have
 * come from elsewhere, and must not control the terminal or look like a second line. */
static void hide_controls(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        unsigned char next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        if (byte < 0x20 || byte == 0x7f)
            text[i] = '?';
        else if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
            text[i] = text[i + 1] = '?';
    }
}

/* The control sequences (ECMA-48) before the text of a line. */
static const char *const colors[] = {[REPORT_PLAIN] = "",
                                     [REPORT_DIM] = "\033[2m",
                                     [REPORT_OUT] = "\033[36m",
                                     [REPORT_IN] = "\033[32m",
                                     [REPORT_ALARM] = "\033[1;31m"};

static void put_line(enum lines_kind kind, const char *prefix, enum report_color color,
                     const char *format, va_list arguments)
{
    char line[LINES_MAX];
    bool stays = kind != LINES_TRANSIENT;
    const char *end = in_color && color != REPORT_PLAIN ? "\033[m" : "";
    size_t used = (size_t)snprintf(line, sizeof line, "%s%s%s", over || !stays ? CLEAR_LINE : "",
                                   *end != '\0' ? colors[color] : "", prefix);
    size_t room = sizeof line - strlen(end);

    size_t start = used;
    int length = vsnprintf(line + used, room - used, format, arguments);
    if (length < 0)
        return;
    used += (size_t)length;
    if (used > room - 1)
        used = room - 1;
    hide_controls(line + start, used - start);
    used += (size_t)sprintf(line + used, "%s", end);
    if (stays)
        line[used++] = '\n';
    over = !stays;
    lines_put(line, used, kind);
}

void report(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line(LINES_ERROR, "dtlscat: ", REPORT_PLAIN, format, arguments);
    va_end(arguments);
}

void report_bare(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line(LINES_TRACE, "", REPORT_PLAIN, format, arguments);
    va_end(arguments);
}

void report_colored(enum report_color color, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line(LINES_TRACE, "", color, format, arguments);
    va_end(arguments);
}

void report_in_color(bool on)
{
    in_color = on;
}

void report_over(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line(LINES_TRANSIENT, "", REPORT_PLAIN, format, arguments);
    va_end(arguments);
}

void report_clear(void)
{
    if (over)
        lines_put(CLEAR_LINE, sizeof CLEAR_LINE - 1, LINES_TRANSIENT);
    over = false;
}

void report_keep(void)
{
    if (over)
        lines_put("\n", 1, LINES_TRANSIENT);
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
