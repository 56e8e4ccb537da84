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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

enum key_form { KEY_HEX, KEY_TEXT, KEY_B64, KEY_FORM_COUNT };

struct key {
    uint8_t data[DTLS_MAX_PSK];
    size_t length;
    enum key_form form; /* how the text was read */
};

/* "hex", "text", "base64" */
const char *key_form_name(enum key_form form);

/* Whether text begins with one of the tags. */
bool key_is_tagged(const char *text, size_t length);

/* NULL, or what is wrong: a sentence that goes on after "the key " and shows nothing of it. */
const char *key_decode(struct key *key, const char *text, size_t length);

/* Returns out, which holds 2 * length + 1. */
const char *hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Returns the number of bytes, -1 if text is not an even number of hex digits or exceeds size. */
int hex_decode(uint8_t *out, size_t size, const char *text, size_t length);

#endif
