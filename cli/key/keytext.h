/*
 * keytext.h - how the text of a key becomes its bytes.
 *
 *   hex:00ff  text:secret  b64:AP8=   say it themselves.
 *   Without a tag, an even number of hex digits, 32 or more, is hex, and printable text is text. What could
 *   be something else is refused: see ambiguity.h.
 *   White space and a byte order mark around hex and base64 do not count. Text loses one final newline.
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
    enum key_form form; /* how the text was read */
};

/* NULL, or what is wrong: a sentence that goes on after "the key " and shows nothing of it. */
const char *key_decode(struct key *key, const char *text, size_t length);

#endif
