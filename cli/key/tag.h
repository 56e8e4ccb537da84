/*
 * tag.h - the tags that say how the text of a key is to be read: hex:00ff, text:secret, b64:AP8=.
 */
#ifndef TAG_H
#define TAG_H

#include <stdbool.h>
#include <stddef.h>

enum key_form { KEY_HEX, KEY_TEXT, KEY_B64, KEY_FORM_COUNT };

#define TAGS "the tags are hex: text: b64:, in small letters"

/* "hex", "text", "base64" */
const char *key_form_name(enum key_form form);

/* The form whose tag text begins with; KEY_FORM_COUNT: none. */
enum key_form tag_find(const char *text, size_t length);
size_t tag_length(enum key_form form);

/* White space that may stand before a tag. */
bool tag_skips(char c);

/* Whether text begins with one of the tags, after white space. */
bool key_is_tagged(const char *text, size_t length);

/* Whether text begins with something that looks like a tag and is not one: HEX: or base64:. */
bool tag_is_wrong(const char *text, size_t length);

#endif
