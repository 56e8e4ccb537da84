/*
 * numbers.h - numbers of the command line. The whole text must be the number. Signs and spaces are
 * errors. The parsers return false on error.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a decimal integer from low to high. */
bool parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number);

#define SECONDS 1000

/* Parses a time such as "1.5", "500ms", "2s", "1m" or "1h" to milliseconds. Rounds up, so that only
 * 0 becomes 0. bare_ms is the unit in milliseconds of a number without a unit. */
bool parse_time(const char *text, unsigned bare_ms, int64_t *ms);

/* Parses a size such as "1500", "64k", "20M" or "1.5G". The units are powers of 1000. */
bool parse_size(const char *text, uint64_t *size);

/* Parses a port number from least to 65535. If names is set, the name of a UDP service is accepted
 * too. */
bool parse_port(const char *text, unsigned long least, bool names, uint16_t *port);

/* Formats a number of bytes as in "1.5 MB". Returns text. */
#define AMOUNT_MAX 32
const char *show_amount(char text[AMOUNT_MAX], uint64_t bytes);

#endif
