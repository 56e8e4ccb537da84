/*
 * hex.h - hexadecimal encoding and decoding.
 */
#ifndef HEX_H
#define HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns true if text contains only hex digits, or is empty. */
bool is_hex(const char *text, size_t length);

/* Writes length bytes as lower-case hex digits with a terminating zero. out must have room for 2 *
 * length + 1 characters. Returns out. */
const char *hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Decodes hex digits. out must have room for size bytes. Returns the number of bytes. Returns -1 if
 * text is not an even number of hex digits, or needs more than size bytes. */
int hex_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
