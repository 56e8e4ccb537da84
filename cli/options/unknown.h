/*
 * unknown.h - error lines about options that do not exist: which one is probably meant.
 */
#ifndef UNKNOWN_H
#define UNKNOWN_H

/* word: as typed, with its dashes. What follows '=' or ':' is not shown, as it may be a key. */
void unknown_name(const char *word);

/* One of the two words contains the letter. */
void unknown_letter(int letter, const char *before, const char *after);

#endif
