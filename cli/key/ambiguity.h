/*
 * ambiguity.h - what a key without a tag could be instead of text.
 */
#ifndef AMBIGUITY_H
#define AMBIGUITY_H

#include <stdbool.h>
#include <stddef.h>

/* text has no tag and is not hex digits alone. Returns NULL if it can only be text, else why it is refused: the
 * end of a sentence that begins with "the key", and names the accepted spelling. */
const char *key_ambiguity(const char *text, size_t length);

bool key_is_quoted(const char *text, size_t length, char quote);
bool key_has_edge_space(const char *text, size_t length);

#endif
