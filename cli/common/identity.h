/*
 * identity.h - PSK identities as text. An identity is a string of arbitrary bytes. A printable
 * identity that does not begin with '#' is written as it is. Any other identity is written as #HEX,
 * as in key files.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

#define IDENTITY_TEXT_MAX (2 * DTLS_MAX_IDENTITY + 2)

/* Writes an identity as text with a terminating zero. out must have room for IDENTITY_TEXT_MAX
 * characters. Returns out. */
const char *identity_text(char *out, const uint8_t *identity, size_t length);

/* Converts text back to an identity. out must have room for length bytes, and may be equal
 * to text. Returns the length of the identity, or -1 if '#' is not followed by an even
 * number of hex digits. */
int identity_bytes(uint8_t *out, const char *text, size_t length);

#endif
