/*
 * keytext.h - decodes the text of a key.
 *
 * A tag tells the form: hex:00ff, text:secret or b64:AP8=. A key without a tag is hex if it is an
 * even number of hex digits, at least 32. Other printable text is text. An ambiguous key is an
 * error: see ambiguity.h. A byte order mark is ignored, and so is white space around hex and
 * base64. One newline at the end of text is removed.
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
    enum key_form form; /* the form in which the text was decoded */
};

/* Decodes a key. Returns NULL, or the error: the end of a sentence that begins with "the key",
 * without any part of the key. */
const char *key_decode(struct key *key, const char *text, size_t length);

#endif
