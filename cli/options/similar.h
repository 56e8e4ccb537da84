/*
 * similar.h - finds the known name that is most similar to a misspelt one.
 */
#ifndef SIMILAR_H
#define SIMILAR_H

#include <stddef.h>

struct similar {
    const char *name; /* the misspelt name */
    size_t length;
    size_t best;       /* edit distance from name to found; if found is NULL, the limit */
    const char *found; /* the most similar known name; NULL: none is similar */
};

/* Begins a search. At most a third of the letters may be wrong. */
struct similar similar_to(const char *name, size_t length);
/* Compares the name with a known name, ignoring case. An abbreviation counts as similar. */
void similar_compare(struct similar *similar, const char *known);

#endif
