/*
 * ambiguity.h - recognizes keys that look like text but may be meant as something else, such as hex
 * or IDENTITY:KEY. Such a key is rejected with an error that names the accepted spelling.
 */
#ifndef AMBIGUITY_H
#define AMBIGUITY_H

#include <stdbool.h>
#include <stddef.h>

/* Checks a key that has no tag (tag.h) and is not all hex digits. Returns NULL if the key can only
 * be meant as text. Otherwise returns the reason for rejecting the key, and its accepted spelling,
 * as in "is in quotes: remove the quotes". The error line is "the key" and this reason. */
const char *key_ambiguity(const char *text, size_t length);

/* Returns true if text begins and ends with the character quote. */
bool key_is_quoted(const char *text, size_t length, char quote);
/* Returns true if text begins or ends with white space. */
bool key_has_edge_space(const char *text, size_t length);

#endif
