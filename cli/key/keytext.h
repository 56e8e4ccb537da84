/*
 * keytext.h - decodes one key from its text.
 *
 * The form of a key is given by a tag before the key (tag.h): hex:00ff, text:secret or b64:AP8=.
 * Without a tag, an even number of hex digits, at least 32, is hex. Other printable text is used as
 * it is, unless it is ambiguous (see ambiguity.h): then it is an error. A byte order mark is
 * ignored, as is white space around hex and base64. One newline at the end of text is removed.
 */
#ifndef KEYTEXT_H
#define KEYTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "dtls.h"
#include "key/tag.h"

struct key {
    uint8_t data[DTLS_MAX_PSK];
    size_t length;
    enum key_form form; /* how the text was decoded */
};

/* Decodes a key. Returns NULL on success. Otherwise returns the reason, as in "is empty": the error
 * line is "the key" and this reason. The reason contains no part of the key. */
const char *key_decode(struct key *key, const char *text, size_t length);

#endif
