/*
 * report.h - lines on stderr. Bytes from a peer are escaped, so that they cannot control the
 * terminal.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOWN_MAX 288 /* bytes that the result of show_bytes() needs at most */

/* Prints the line "dtlscat: ..." with one write(2). */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, without the prefix. */
void report_bare(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line that the next line overwrites. stderr must be a terminal. */
void report_over(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Erases the line of report_over(), or keeps it and starts a new line. */
void report_clear(void);
void report_keep(void);

/* True if all characters are quotes, backslashes or printable UTF-8 as in show_bytes(). */
bool is_printable(const uint8_t *bytes, size_t length);

/* Quotes bytes for an error line. Printable UTF-8 is copied. Everything else, a quote and a
 * backslash become \xHH. Input beyond 64 bytes is cut. out has room for SHOWN_MAX. Returns out. */
const char *show_bytes(char *out, const uint8_t *bytes, size_t length);

#endif
