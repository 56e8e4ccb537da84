/*
 * report.h - formats lines for stderr, which lines.h writes. show_bytes() escapes bytes from a peer, so that they cannot
 * control the terminal.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOWN_MAX 288 /* the longest result of show_bytes(), with its terminating zero */

/* Prints an error: a line that begins with "dtlscat: ", with a single write(2). */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a line that is not about an error: a warning, or what has happened. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a note with a secret, which report_divert() does not pass on. */
void report_secret(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line of a trace: as report() does, but without "dtlscat: ". If stderr does not accept
 * all lines, those of a trace are dropped first. */
void report_bare(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As report_bare(), in a color of the terminal if report_in_color(true) was called. */
enum report_color { REPORT_PLAIN, REPORT_DIM, REPORT_OUT, REPORT_IN, REPORT_ALARM };
void report_colored(enum report_color color, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void report_in_color(bool on);

/* Prints a line without a newline. The next line that is printed overwrites it. stderr must be a
 * terminal. */
void report_over(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* report_clear() erases the line of report_over(). report_keep() leaves it on the terminal. */
void report_clear(void);
void report_keep(void);

/* Passes errors and notes to hook too, without "dtlscat: ". only: nothing is printed from now on. */
void report_divert(void (*hook)(bool error, const char *line), bool only);

/* Replaces each byte of the control characters (C0, DEL and C1) in a text by "?". */
void report_hide_controls(char *text, size_t length);

/* Returns true if bytes are valid UTF-8 without control characters or invisible characters. */
bool is_printable(const uint8_t *bytes, size_t length);

/* Quotes bytes for an error line: copies printable UTF-8, and writes everything else, " and \ as
 * \xHH. Only the first 64 bytes are shown. out must have room for SHOWN_MAX characters. Returns
 * out. */
const char *show_bytes(char *out, const uint8_t *bytes, size_t length);

#endif
