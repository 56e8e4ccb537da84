#include "options/similar.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 31

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Returns the Damerau-Levenshtein distance: the number of letters to substitute, insert, delete or
 * swap with the next one. */
static size_t distance(const char *a, size_t length, const char *b, size_t width)
{
    size_t rows[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];

    for (size_t i = 0; i <= length; i++)
        for (size_t j = 0; j <= width; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            rows[i][j] = least(rows[i - 1][j - 1] + !same(a[i - 1], b[j - 1]),
                               least(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[length][width];
}

struct similar similar_to(const char *name, size_t length)
{
    return (struct similar){.name = name, .length = length, .best = (length + 2) / 3 + 1};
}

void similar_compare(struct similar *similar, const char *known)
{
    size_t width = strlen(known);

    if (similar->length > NAME_MAX_BYTES || width > NAME_MAX_BYTES)
        return;
    bool begins = similar->length > 3 && similar->length < width &&
                  strncasecmp(known, similar->name, similar->length) == 0;
    size_t far = begins ? 1 : distance(similar->name, similar->length, known, width);
    if (far < similar->best) {
        similar->best = far;
        similar->found = known;
    }
}
