/*
 * identity.h - an identity, which is opaque bytes, as text: as it is if it is printable and does not begin
 * with '#', else #HEX, as key files write it.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

#define IDENTITY_TEXT_MAX (2 * DTLS_MAX_IDENTITY + 2)

/* Returns out, which holds IDENTITY_TEXT_MAX. */
const char *identity_text(char *out, const uint8_t *identity, size_t length);

/* The other way; out may be where text is. Returns the length, -1: no hex digits follow '#'. */
int identity_bytes(uint8_t *out, const char *text, size_t length);

#endif
