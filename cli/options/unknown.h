/*
 * unknown.h - reports an unknown option, and suggests a known one.
 */
#ifndef UNKNOWN_H
#define UNKNOWN_H

/* Reports an unknown or ambiguous long option. word is the argument as typed. What follows '=' or
 * ':' in it may be a key, and is not shown. */
void unknown_name(const char *word);

/* Reports an unknown letter. before and after are the arguments around the position of getopt(3);
 * one of them contains the letter. after may be NULL. */
void unknown_letter(int letter, const char *before, const char *after);

#endif
