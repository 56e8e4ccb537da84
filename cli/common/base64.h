/*
 * base64.h - base64 with the standard alphabet (RFC 4648 section 4).
 */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <stdint.h>

/* The length of the text that encodes length bytes, without a terminating zero. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* Encodes length bytes to out, which has room for BASE64_LENGTH(length). Adds no terminating zero.
 * Returns the length of the text. */
size_t base64_encode(char *out, const uint8_t *bytes, size_t length);

/* Decodes text to out, which has room for size bytes. The padding may be missing. out may be equal
 * to text. Returns the number of bytes, or one of these errors. */
#define BASE64_BAD_LENGTH (-1)
#define BASE64_BAD_CHARACTER (-2)
#define BASE64_TOO_LONG (-3) /* the result exceeds size */
int base64_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
