#include "options/unknown.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "options/optiontable.h"
#include "options/similar.h"

#define TRY "try dtlscat --help"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static size_t length_of(const char *word)
{
    return strcspn(word, "=:");
}

/* ---- similar names ---------------------------------------------------------------- */

static const char *nearest(const char *name, size_t length)
{
    struct similar similar = similar_to(name, length);

    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].name != NULL)
            similar_compare(&similar, option_rows[i].name);
    return similar.found;
}

/* Returns the letter of an option of dtlscat. name is either the long name of this option in other
 * netcats, or the letter itself. Returns 0 if there is no such option. */
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

/* Writes the options whose names begin with name, as "--a, --b or --c". Returns the number
 * of these options. */
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

/* Returns the number that is typed directly after letters, as in -l5684. Returns NULL if there is
 * no number. */
static const char *number_in(const char *word)
{
    size_t letters = word != NULL && word[0] == '-' ? strspn(word + 1, LETTERS) : 0;
    const char *number = letters > 0 ? word + 1 + letters : "";

    return number[0] != '\0' && strspn(number, "0123456789") == strlen(number) ? number : NULL;
}

void unknown_letter(int letter, const char *before, const char *after)
{
    const char *word = is_long(after) ? after : is_long(before) ? before : NULL;
    const char *with_number = number_in(after) != NULL ? after : before;
    const char *number = number_in(with_number);

    if (word != NULL) {
        report("unknown option -%c; did you mean -%.*s?", letter, (int)length_of(word), word);
        return;
    }
    if (number != NULL) {
        report("unknown option -%c; did you mean %.*s %s?", letter, (int)(number - with_number),
               with_number, number);
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
