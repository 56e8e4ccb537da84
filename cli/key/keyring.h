/*
 * keyring.h - which identity has which key.
 *
 * The text of a key file is either one key, or lines IDENTITY:KEY. The identity ends at the first colon, so
 * one that contains a colon is written in quotes, "IDENTITY":KEY, or in hex, #HEX:KEY, as are other bytes. This
 * reads the files of psktool (GnuTLS) and of stunnel's PSKsecrets as they are. Empty lines and lines that
 * begin with "# " are skipped. A line that is probably meant otherwise, and a repeated identity, are
 * errors.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include "key/keytext.h"

struct credential {
    uint8_t *identity; /* NULL: a key without identity, good for any */
    size_t identity_length;
    struct key key;
};

struct keyring {
    struct credential *entries;
    size_t count;
};

/* Both return false after having said what is wrong with `source`. */
bool keyring_from_text(struct keyring *ring, const char *source, const char *text, size_t length);
bool keyring_from_key(struct keyring *ring, const char *source, const char *text, size_t length);

/* Leaves one credential: the one of that identity, or the key without identity, which takes it.
 * False if there is none. */
bool keyring_select(struct keyring *ring, const uint8_t *identity, size_t length);

/* NULL if the identity is unknown. */
const struct key *keyring_find(const struct keyring *ring, const uint8_t *identity, size_t length);

/* Wipes and frees. */
void keyring_clear(struct keyring *ring);

#endif
