/*
 * utf8.h - RFC 3629.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at bytes, of which there is at least one. Returns its length, 0 if it is not valid:
 * cut off, overlong, a surrogate, or above U+10FFFF. */
size_t utf8_decode(uint32_t *code, const uint8_t *bytes, size_t length);

#endif
