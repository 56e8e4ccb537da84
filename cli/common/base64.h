/*
 * base64.h - RFC 4648 section 4.
 */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <stdint.h>

/* What BASE64_LENGTH bytes take as text, without a zero at the end. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* Returns the length of the text. */
size_t base64_encode(char *out, const uint8_t *bytes, size_t length);

/* The padding may be missing; out may be where text is. Returns the number of bytes, or what is wrong. */
#define BASE64_BAD_LENGTH (-1)
#define BASE64_BAD_CHARACTER (-2)
#define BASE64_TOO_LONG (-3) /* more than size bytes */
int base64_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
