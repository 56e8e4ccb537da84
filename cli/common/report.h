/*
 * report.h - lines on stderr, and how bytes of a stranger are shown in them.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOWN_MAX 288 /* room for what show_bytes() makes of any input */

/* One line "dtlscat: ...", one write. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line without the prefix. */
void report_bare(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that the next one takes the place of; on a terminal. */
void report_over(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Erases such a line, or keeps it. */
void report_clear(void);
void report_keep(void);

/* Whether all of it is printable UTF-8, as show_bytes() sees it, or quotes and backslashes. */
bool is_printable(const uint8_t *bytes, size_t length);

/* Quotes bytes so that no terminal obeys them: printable UTF-8 as it is, quote, backslash and
 * everything else as \xHH, cut after 64 bytes. Returns out, which holds SHOWN_MAX. */
const char *show_bytes(char *out, const uint8_t *bytes, size_t length);

#endif
