#include "key/keyfile.h"

#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "common/report.h"
#include "key/ambiguity.h"

#define TEXT_OF(number) #number
#define LIMIT(number) TEXT_OF(number)

struct line {
    const char *text;
    const char *next; /* beginning of the following line */
    size_t length, number;
};

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (memchr(" \t\r", text[i], 3) == NULL)
            return false;
    return true;
}

static bool is_comment(const char *text, size_t length)
{
    return length > 0 && text[0] == '#' && (length == 1 || text[1] == ' ');
}

/* Moves to the next line that is neither blank nor a comment. Returns false at the end of
 * the file. */
static bool next_line(struct line *line, const char *end)
{
    while (line->next < end) {
        const char *stop = memchr(line->next, '\n', (size_t)(end - line->next));
        const char *text = line->next;
        line->next = stop != NULL ? stop + 1 : end;
        if (stop == NULL)
            stop = end;
        else if (stop > text && stop[-1] == '\r')
            stop--;
        line->text = text;
        line->length = (size_t)(stop - text);
        line->number++;
        if (!is_blank(text, line->length) && !is_comment(text, line->length))
            return true;
    }
    return false;
}

static bool report_fault(const char *source, const struct line *line, const char *wrong)
{
    report("%s, line %zu: %s", source, line->number, wrong);
    return false;
}

/* ---- a line IDENTITY:KEY -------------------------------------------------------------------- */

/* The two parts of a line IDENTITY:KEY. */
struct fields {
    const char *identity, *key;
    size_t identity_length, key_length;
};

/* An identity in quotes ends at the first quote that a colon follows, any other identity at the
 * first colon. Returns false if the line has no such colon. */
static bool split(struct fields *fields, const struct line *line)
{
    bool quoted = line->text[0] == '"';
    const char *text = line->text + quoted, *end = line->text + line->length;
    const char *colon = quoted ? memmem(text, (size_t)(end - text), "\":", 2)
                               : memchr(text, ':', (size_t)(end - text));

    if (colon == NULL)
        return false;
    fields->identity = text;
    fields->identity_length = (size_t)(colon - text);
    fields->key = colon + 1 + quoted;
    fields->key_length = (size_t)(end - fields->key);
    return true;
}

static bool set_hex_identity(struct credential *entry, const char *hex, size_t length)
{
    entry->identity = malloc(length / 2 + 1);
    if (entry->identity == NULL)
        return false;
    int bytes = hex_decode(entry->identity, length / 2, hex, length);
    entry->identity_length = bytes > 0 ? (size_t)bytes : 0;
    return bytes > 0;
}

/* Returns NULL, or the error if the line has several possible meanings. */
static const char *find_fault(const struct fields *fields, const struct line *line)
{
    const char *key = fields->key, *identity = fields->identity;
    size_t key_length = fields->key_length, length = fields->identity_length;
    bool quoted = line->text[0] == '"';

    if (!quoted && tag_is_wrong(line->text, line->length))
        return "could be a key with a misspelt prefix: " TAGS
               "; if it is an identity, write \"IDENTITY\":KEY";
    if (!quoted && key_has_edge_space(identity, length))
        return "white space around the identity: remove it, or, if it belongs to the identity, "
               "write \"IDENTITY\":KEY";
    if (!quoted && key_is_quoted(identity, length, '\''))
        return "single quotes around the identity: remove them, or, if they belong to the "
               "identity, write \"IDENTITY\":KEY";
    if (key_length > 0 && (key[0] == ' ' || key[0] == '\t'))
        return "white space after the colon: write IDENTITY:KEY, or, if the space belongs to "
               "the key, write IDENTITY:text:KEY";
    if (!key_is_tagged(key, key_length) && !tag_is_wrong(key, key_length) &&
        memchr(key, ':', key_length) != NULL)
        return "more than one colon: if the identity has a colon, write \"IDENTITY\":KEY or "
               "#HEX:KEY; if a text key has one, write IDENTITY:text:KEY; if the key is hex, "
               "remove "
               "the colons from it";
    return length > (line->text[0] == '#' ? 2 * DTLS_MAX_IDENTITY + 1 : DTLS_MAX_IDENTITY)
               ? "the identity is too long: the limit is " LIMIT(DTLS_MAX_IDENTITY) " bytes"
               : NULL;
}

/* Returns the error for a line without an identity. first is the first character of the line. */
static const char *find_missing(char first)
{
    if (first == '#')
        return "a line that begins with # is neither #HEX:KEY nor a comment: begin a comment with "
               "\"# \", and write a key that begins with # as text:#...";
    return first == '"'
               ? "no closing quote and colon after the identity: expected \"IDENTITY\":KEY"
               : "no identity: expected IDENTITY:KEY in each line of a file with several keys";
}

static bool read_identity_line(struct credential *entry, const char *source,
                               const struct line *line)
{
    struct fields fields;

    if (key_is_tagged(line->text, line->length) || !split(&fields, line))
        return report_fault(source, line, find_missing(line->text[0]));
    const char *wrong = find_fault(&fields, line);
    if (wrong != NULL)
        return report_fault(source, line, wrong);
    if (line->text[0] == '#') {
        if (!set_hex_identity(entry, fields.identity + 1, fields.identity_length - 1))
            return report_fault(source, line, find_missing('#'));
    } else if (!keyring_set_identity(entry, (const uint8_t *)fields.identity,
                                     fields.identity_length)) {
        return false;
    }
    wrong = key_decode(&entry->key, fields.key, fields.key_length);
    if (wrong != NULL)
        report("%s, line %zu: the key %s", source, line->number, wrong);
    return wrong == NULL;
}

/* ---- repeated identities -------------------------------------------------------------------- */

static bool are_different(struct keyring *ring, const char *source)
{
    const struct credential *repeated;
    char shown[SHOWN_MAX];

    if (!keyring_index(ring, &repeated))
        return false;
    if (repeated != NULL)
        report("%s: two keys for the identity %s: remove one of them", source,
               show_bytes(shown, repeated->identity, repeated->identity_length));
    return repeated == NULL;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Recognizes the byte order mark of UTF-16, in either byte order. */
static bool is_utf16(const char *text, size_t length)
{
    return length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

static bool read_lines(struct keyring *ring, const char *source, const char *text, const char *end)
{
    for (struct line line = {.next = text}; next_line(&line, end);)
        if (!read_identity_line(&ring->entries[ring->count++], source, &line))
            return false;
    return are_different(ring, source);
}

bool keyfile_read_key(struct keyring *ring, const char *source, const char *text, size_t length)
{
    if (!keyring_allocate(ring, 1))
        return false;
    const char *wrong = key_decode(&ring->entries[0].key, text, length);
    ring->count = 1;
    if (wrong != NULL)
        report("%s: the key %s", source, wrong);
    return wrong == NULL;
}

bool keyfile_read(struct keyring *ring, const char *source, const char *text, size_t length)
{
    const char *end = text + length;
    bool has_bom = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; /* the BOM of UTF-8 */
    struct line line = {.next = text + 3 * has_bom}, first = line;
    size_t lines = 0;

    text = line.next;
    if (is_utf16(text, (size_t)(end - text))) {
        report("%s is encoded in UTF-16: save it as UTF-8", source);
        return false;
    }
    for (; next_line(&line, end); lines++)
        if (lines == 0)
            first = line;
    if (lines == 0) {
        report("%s has no key: expected one key, or lines IDENTITY:KEY", source);
        return false;
    }
    bool bare = key_is_tagged(first.text, first.length) ||
                (first.text[0] != '#' && memchr(first.text, ':', first.length) == NULL);
    if (lines == 1 && bare)
        return keyfile_read_key(ring, source, first.text, first.length);
    return keyring_allocate(ring, lines) && read_lines(ring, source, text, end);
}
