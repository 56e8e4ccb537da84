/*
 * numbers.h - numbers of the command line. A parser accepts a number only if nothing precedes or
 * follows it, not even a sign or a space. It returns false on error.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a decimal integer from low to high. */
bool parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number);

/* bare_ms for parse_time(): a number without a unit is in seconds. */
#define SECONDS 1000

/* Parses a time such as "1.5", "500ms", "2s", "1m" or "1h". A number without a unit is multiplied
 * by bare_ms. The result is in milliseconds and rounded up, so a short time never becomes 0. */
bool parse_time(const char *text, unsigned bare_ms, int64_t *ms);

/* Parses a number of bytes such as "1500", "64k", "20M" or "1.5G". k is 1000 bytes. */
bool parse_size(const char *text, uint64_t *size);

/* Parses a percentage from 0 to 100, such as "5%" or "0.1%". */
bool parse_percent(const char *text, double *percent);

/* Parses a port number of at least `least`. If names is true, also accepts the name of a UDP
 * service. */
bool parse_port(const char *text, unsigned long least, bool names, uint16_t *port);

/* Writes a number of bytes as in "1.5 MB" to text. Returns text. */
#define AMOUNT_MAX 32
const char *show_amount(char text[AMOUNT_MAX], uint64_t bytes);

static inline uint64_t number_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t number_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
