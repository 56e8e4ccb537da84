/*
 * base64.h - base64 with the standard alphabet (RFC 4648 section 4).
 */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Length of the base64 text for length bytes, without a terminating zero. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* Encodes length bytes. out must have room for BASE64_LENGTH(length) characters; no terminating
 * zero is added. Returns the length of the text. */
size_t base64_encode(char *out, const uint8_t *bytes, size_t length);

/* Decodes base64 text. The padding may be missing. out must have room for size bytes, and may be
 * equal to text. Returns the number of bytes, or one of the errors below. */
#define BASE64_BAD_LENGTH (-1)
#define BASE64_BAD_CHARACTER (-2)
#define BASE64_TOO_LONG (-3) /* the decoded bytes do not fit out */
int base64_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
