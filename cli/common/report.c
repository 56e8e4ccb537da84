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

/* What report_divert() has set. */
static struct {
    void (*hook)(bool error, const char *line);
    bool only;
} diverted;

void report_hide_controls(char *text, size_t length)
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

/* Formats a line. Returns its length. */
static size_t format_line(char line[LINES_MAX], const char *format, va_list arguments)
{
    int length = vsnprintf(line, LINES_MAX, format, arguments);
    size_t used = length > 0 ? (size_t)length : 0;

    if (used > LINES_MAX - 1)
        used = LINES_MAX - 1;
    /* A word of the command line or a file name may have come from elsewhere, and must not control
     * the terminal or look like a second line. */
    report_hide_controls(line, used);
    return used;
}

static void put_line(enum lines_kind kind, const char *prefix, enum report_color color,
                     const char *text, size_t length)
{
    char line[LINES_MAX];
    bool stays = kind != LINES_TRANSIENT;
    const char *end = in_color && color != REPORT_PLAIN ? "\033[m" : "";
    size_t used = (size_t)snprintf(line, sizeof line, "%s%s%s", over || !stays ? CLEAR_LINE : "",
                                   *end != '\0' ? colors[color] : "", prefix);
    size_t room = sizeof line - strlen(end);

    if (diverted.only)
        return;
    if (length > room - 1 - used)
        length = room - 1 - used;
    memcpy(line + used, text, length);
    used += length;
    used += (size_t)sprintf(line + used, "%s", end);
    if (stays)
        line[used++] = '\n';
    over = !stays;
    lines_put(line, used, kind);
}

void report_divert(void (*hook)(bool error, const char *line), bool only)
{
    diverted.hook = hook;
    diverted.only = only;
}

static void put_report(bool error, bool secret, const char *format, va_list arguments)
{
    char line[LINES_MAX];
    size_t length = format_line(line, format, arguments);

    put_line(LINES_ERROR, "dtlscat: ", REPORT_PLAIN, line, length);
    if (diverted.hook != NULL && !secret)
        diverted.hook(error, line);
    if (secret)
        explicit_bzero(line, sizeof line);
}

void report(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_report(true, false, format, arguments);
    va_end(arguments);
}

void report_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_report(false, false, format, arguments);
    va_end(arguments);
}

void report_secret(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_report(false, true, format, arguments);
    va_end(arguments);
}

static void put_format(enum lines_kind kind, enum report_color color, const char *format,
                       va_list arguments)
{
    char line[LINES_MAX];

    put_line(kind, "", color, line, format_line(line, format, arguments));
}

void report_bare(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_format(LINES_TRACE, REPORT_PLAIN, format, arguments);
    va_end(arguments);
}

void report_colored(enum report_color color, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_format(LINES_TRACE, color, format, arguments);
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
    put_format(LINES_TRANSIENT, REPORT_PLAIN, format, arguments);
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

/* Returns true for a character that show_bytes() copies. It escapes " and \ too. */
static bool is_shown(uint32_t code)
{
    return utf8_is_visible(code) && code != '"' && code != '\\';
}

/* Returns the length in bytes of the printable UTF-8 character at bytes, or 0 if there is none. */
static size_t printable(const uint8_t *bytes, size_t length)
{
    uint32_t code;
    size_t size = utf8_decode(&code, bytes, length);

    return size > 0 && is_shown(code) ? size : 0;
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
