/*
 * utf8.h - a decoder for UTF-8 (RFC 3629).
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the first character of bytes. length must be at least 1. Returns the length of the
 * character in bytes, or 0 if it is truncated, overlong, a surrogate, or above U+10FFFF. */
size_t utf8_decode(uint32_t *code, const uint8_t *bytes, size_t length);

/* Returns true if all bytes are valid UTF-8. */
bool utf8_is_valid(const uint8_t *bytes, size_t length);

/* Returns false for control characters (C0 and C1), bidirectional controls and invisible
 * characters, because they could deceive the reader. */
bool utf8_is_visible(uint32_t code);

#endif
