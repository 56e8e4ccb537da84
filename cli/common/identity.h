/*
 * identity.h - PSK identities as text. An identity is opaque bytes. If it is printable and does not
 * begin with '#', the text is the identity itself. Otherwise the text is #HEX, as in key files.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

#define IDENTITY_TEXT_MAX (2 * DTLS_MAX_IDENTITY + 2)

/* Writes the text form with a terminating zero. out has room for IDENTITY_TEXT_MAX. Returns out. */
const char *identity_text(char *out, const uint8_t *identity, size_t length);

/* Decodes the text form to out, which has room for length bytes. out may be equal to text. Returns
 * the length of the identity, or -1 if '#' is not followed by an even number of hex digits. */
int identity_bytes(uint8_t *out, const char *text, size_t length);

#endif
