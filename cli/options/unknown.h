/*
 * unknown.h - reports an unknown option, and suggests a known one.
 */
#ifndef UNKNOWN_H
#define UNKNOWN_H

/* Reports an unknown or ambiguous long option. word is the argument as typed. What follows '=' or
 * ':' in it may be a key, and is not shown. */
void unknown_name(const char *word);

/* Reports an unknown letter. before is argv[optind - 1], and after is argv[optind] or NULL. One of
 * these two arguments contains the letter. */
void unknown_letter(int letter, const char *before, const char *after);

#endif
