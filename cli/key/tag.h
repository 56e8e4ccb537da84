/*
 * tag.h - the tags that give the form of a key: hex:00ff, text:secret, b64:AP8=.
 */
#ifndef TAG_H
#define TAG_H

#include <stdbool.h>
#include <stddef.h>

enum key_form { KEY_HEX, KEY_TEXT, KEY_B64, KEY_FORM_COUNT };

#define TAGS "expected \"hex:\", \"text:\" or \"b64:\", in lower case"

/* Returns "hex", "text" or "base64". */
const char *key_form_name(enum key_form form);

/* Returns the form of the tag with which text begins, or KEY_FORM_COUNT if it begins with none. */
enum key_form tag_find(const char *text, size_t length);
/* Returns the length of the tag of a form, with its colon. */
size_t tag_length(enum key_form form);

/* Returns true for white space, which is ignored before a tag. */
bool tag_skips(char c);

/* Returns true if text begins with a tag, possibly after white space. */
bool key_is_tagged(const char *text, size_t length);

/* Returns true if text begins with a misspelt tag, as in HEX: or base64:. */
bool tag_is_wrong(const char *text, size_t length);

#endif
