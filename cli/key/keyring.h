/*
 * keyring.h - PSK identities and their keys.
 *
 * A key file contains either one key, or lines IDENTITY:KEY. The identity ends at the first colon.
 * An identity with a colon is written in quotes, "IDENTITY":KEY, or in hex, #HEX:KEY. Bytes that
 * are not printable are written in hex. The files of psktool (GnuTLS) and of PSKsecrets (stunnel)
 * have this form. Empty lines and lines that begin with "# " are skipped. An ambiguous line is an
 * error, and so is a repeated identity.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include "key/keytext.h"

struct credential {
    uint8_t *identity; /* NULL: the key is for any identity */
    size_t identity_length;
    struct key key;
};

struct keyring {
    struct credential *entries;
    size_t count;
};

/* Parse the contents of a key file, or one key. source is the name for error lines. Return false
 * after reporting the error. The caller then still calls keyring_clear(). */
bool keyring_from_text(struct keyring *ring, const char *source, const char *text, size_t length);
bool keyring_from_key(struct keyring *ring, const char *source, const char *text, size_t length);

/* Removes all credentials but the one of this identity. A key for any identity is assigned to this
 * identity. Returns false if there is no key, or no memory. */
bool keyring_select(struct keyring *ring, const uint8_t *identity, size_t length);

/* Returns the key of an identity, or NULL if the identity is unknown. */
const struct key *keyring_find(const struct keyring *ring, const uint8_t *identity, size_t length);

/* Wipes and frees all credentials. */
void keyring_clear(struct keyring *ring);

#endif
