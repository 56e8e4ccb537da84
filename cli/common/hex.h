/*
 * hex.h - bytes as hex digits, and back.
 */
#ifndef HEX_H
#define HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether text consists of hex digits alone. An empty text does. */
bool is_hex(const char *text, size_t length);

/* Returns out, which holds 2 * length + 1. */
const char *hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Returns the number of bytes, -1 if text is not an even number of hex digits or exceeds size. */
int hex_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
