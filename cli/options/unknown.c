#include "options/unknown.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "options/optiontable.h"

#define NAME_MAX_BYTES 31
#define TRY "try dtlscat --help"

static size_t length_of(const char *word)
{
    return strcspn(word, "=:");
}

/* ---- similar names ---------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the Damerau-Levenshtein distance: how many letters to substitute, insert, delete or swap
 * with the next one. */
static size_t distance(const char *a, size_t length, const char *b)
{
    size_t rows[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1], width = strlen(b);

    for (size_t i = 0; i <= length; i++)
        for (size_t j = 0; j <= width; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            rows[i][j] = least(rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
                               least(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[length][width];
}

static const char *nearest(const char *name, size_t length)
{
    size_t best = (length + 2) / 3 + 1; /* up to a third of the letters may be wrong */
    const char *found = NULL;

    for (size_t i = 0; i < OPTION_ROWS && length <= NAME_MAX_BYTES; i++) {
        const char *known = option_rows[i].name;
        size_t far = known != NULL ? distance(name, length, known) : best;
        if (far < best) {
            best = far;
            found = known;
        }
    }
    return found;
}

/* Finds the letter of an option that has a long name in other netcats, but not here. Returns 0 if
 * there is none. */
static char letter_of(const char *name, size_t length)
{
    static const struct {
        const char *name;
        char letter;
    } others[] = {{"keep-open", 'k'}, {"exec", 'e'},   {"sh-exec", 'c'},     {"wait", 'w'},
                  {"port", 'p'},      {"source", 's'}, {"source-port", 'p'}, {"max-conns", 'm'},
                  {"output", 'o'},    {"nodns", 'n'},  {"hex-dump", 'x'},    {"udp", 'u'},
                  {"crlf", 'C'}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strlen(others[i].name) == length && memcmp(others[i].name, name, length) == 0)
            return others[i].letter;
    for (size_t i = 0; length == 1 && i < OPTION_ROWS; i++)
        if (option_rows[i].letter == name[0])
            return name[0];
    return 0;
}

/* ---- abbreviated names ------------------------------------------------------------- */

/* Writes the options whose names begin with name, as "--a, --b or --c". Returns their number. */
static size_t list_matches(char *list, size_t size, const char *name, size_t length)
{
    const char *last = NULL;
    size_t count = 0, used = 0;

    list[0] = '\0';
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const char *known = option_rows[i].name;
        if (known == NULL || length == 0 || strncmp(known, name, length) != 0)
            continue;
        if (last != NULL && used < size)
            used +=
                (size_t)snprintf(list + used, size - used, "%s--%s", count > 1 ? ", " : "", last);
        last = known;
        count++;
    }
    if (last != NULL && used < size)
        snprintf(list + used, size - used, "%s--%s", count > 1 ? " or " : "", last);
    return count;
}

void unknown_name(const char *word)
{
    const char *name = word + 2;
    size_t length = length_of(name);
    char list[512];
    size_t matches = list_matches(list, sizeof list, name, length);
    char letter = letter_of(name, length);
    const char *near = nearest(name, length);

    if (matches > 1)
        report("ambiguous option --%.*s: it could be %s", (int)length, name, list);
    else if (matches == 1 && name[length] == ':')
        report("unknown option %s:...; did you mean %s=...?", list, list);
    else if (matches == 1)
        report("%s does not take a value: remove the value", list);
    else if (letter != 0)
        report("unknown option --%.*s; did you mean -%c?", (int)length, name, letter);
    else if (near != NULL)
        report("unknown option --%.*s; did you mean --%s?", (int)length, name, near);
    else
        report("unknown option --%.*s; " TRY, (int)length, name);
}

/* ---- letters -------------------------------------------------------------------------------- */

/* Recognizes a long option that was typed with one dash, such as -listen. */
static bool is_long(const char *word)
{
    if (word == NULL || word[0] != '-' || word[1] == '-')
        return false;
    size_t length = length_of(word + 1);
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const char *known = option_rows[i].name;
        if (known != NULL && strlen(known) == length && memcmp(known, word + 1, length) == 0)
            return true;
    }
    return false;
}

void unknown_letter(int letter, const char *before, const char *after)
{
    const char *word = is_long(after) ? after : is_long(before) ? before : NULL;

    if (word != NULL) {
        report("unknown option -%c; did you mean -%.*s?", letter, (int)length_of(word), word);
        return;
    }
    switch (letter) { /* nc and ncat give these letters different meanings */
    case 'i': report("unknown option -i; use --delay (-i in nc) or --idle (-i in ncat)"); break;
    case 'd':
        report("unknown option -d; use --recv-only (-d in nc) or --delay (-d in ncat)");
        break;
    default: report("unknown option -%c; " TRY, letter);
    }
}
