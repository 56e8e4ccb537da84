/*
 * ambiguity.h - rejects a key without a tag that may not be meant as text.
 */
#ifndef AMBIGUITY_H
#define AMBIGUITY_H

#include <stdbool.h>
#include <stddef.h>

/* Checks a text that has no tag and other characters than hex digits. Returns NULL if it can only
 * be text. Otherwise returns the error: the end of a sentence that begins with "the key", with the
 * accepted spelling. */
const char *key_ambiguity(const char *text, size_t length);

/* True if the text begins and ends with this quote. */
bool key_is_quoted(const char *text, size_t length, char quote);
/* True if the text begins or ends with white space. */
bool key_has_edge_space(const char *text, size_t length);

#endif
