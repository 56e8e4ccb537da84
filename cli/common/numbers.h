/*
 * numbers.h - numbers of the command line: the whole text counts, signs and spaces do not.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

bool parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number);

#define SECONDS 1000

/* "1.5", "500ms", "2s", "1m", "1h" to ms, rounded up, so that nothing short becomes 0; bare_ms is the unit
 * of a number without one. */
bool parse_time(const char *text, unsigned bare_ms, int64_t *ms);

/* "1500", "64k", "20M", "1.5G": in thousands. */
bool parse_size(const char *text, uint64_t *size);

/* A number least..65535, or with names the name of a UDP service. */
bool parse_port(const char *text, unsigned long least, bool names, uint16_t *port);

/* "1.5 MB". Returns text. */
#define AMOUNT_MAX 32
const char *show_amount(char text[AMOUNT_MAX], uint64_t bytes);

#endif
