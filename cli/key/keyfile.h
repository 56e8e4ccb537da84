/*
 * keyfile.h - parses the text of a key file.
 *
 * A key file contains either one key, or lines IDENTITY:KEY. The identity ends at the first colon.
 * An identity with a colon is written in quotes, "IDENTITY":KEY, or in hex, #HEX:KEY. An identity
 * with bytes that are not printable is written in hex. The files of psktool (GnuTLS) and of
 * PSKsecrets (stunnel) have this form. The parser skips empty lines and lines that begin with "# ".
 * An ambiguous line is an error, and so is a repeated identity.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include "key/keyring.h"

/* Both functions parse text into an empty keyring, and return false after reporting an error. Even
 * then the caller must call keyring_clear(). source is the name of the text in error lines. */
/* Parses the contents of a key file. */
bool keyfile_read(struct keyring *ring, const char *source, const char *text, size_t length);
/* Parses one key, which is valid for any identity. */
bool keyfile_read_key(struct keyring *ring, const char *source, const char *text, size_t length);

#endif
