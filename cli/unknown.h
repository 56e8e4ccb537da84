/*
 * unknown.h - what is said of an option that there is not: which one may be meant.
 */
#ifndef UNKNOWN_H
#define UNKNOWN_H

/* word: as typed, with its dashes. Nothing behind '=' or ':' is shown, as it may be a key. */
void unknown_name(const char *word);

/* before, after: the words around the letter, one of which has it. */
void unknown_letter(int letter, const char *before, const char *after);

#endif
