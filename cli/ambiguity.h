/*
 * ambiguity.h - what a key without a tag could be instead of text.
 */
#ifndef AMBIGUITY_H
#define AMBIGUITY_H

#include <stdbool.h>
#include <stddef.h>

/* For text that has no tag, and is not hex digits alone. NULL: it is text. Else why it is refused: a
 * sentence that continues "the key " and names the spelling that is accepted. */
const char *key_ambiguity(const char *text, size_t length);

/* Whether text begins with what somebody could take for a tag, as HEX: or base64:, but is none. */
bool key_has_wrong_tag(const char *text, size_t length);
#define KEY_TAGS "the tags are hex: text: b64:, in small letters"

bool key_is_quoted(const char *text, size_t length, char quote);
bool key_has_edge_space(const char *text, size_t length);

#endif
