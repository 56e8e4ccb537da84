/*
 * hex.h - hexadecimal encoding and decoding.
 */
#ifndef HEX_H
#define HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if text has no character but hex digits. An empty text qualifies. */
bool is_hex(const char *text, size_t length);

/* Encodes length bytes in lower case, with a terminating zero. out has room for 2 * length + 1.
 * Returns out. */
const char *hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Decodes text to out, which has room for size bytes. Returns the number of bytes, or -1 if text is
 * not an even number of hex digits or encodes more than size bytes. */
int hex_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
