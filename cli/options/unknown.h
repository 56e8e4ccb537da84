/*
 * unknown.h - error lines for unknown options, with a suggestion.
 */
#ifndef UNKNOWN_H
#define UNKNOWN_H

/* Reports an unknown or ambiguous long option. word: the argument as typed. The text after '=' or ':' is not shown,
 * as it may be a key. */
void unknown_name(const char *word);

/* Reports an unknown letter. before, after: the arguments at the position of getopt(3), of which one contains the
 * letter. after may be NULL. */
void unknown_letter(int letter, const char *before, const char *after);

#endif
