#include "keyring.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

struct line {
    const char *text, *next; /* next: where the line after it begins */
    size_t length, number;
};

/* Takes the next line that is neither empty nor a comment; false at the end. */
static bool next_line(struct line *line, const char *end)
{
    while (line->next < end) {
        const char *stop = memchr(line->next, '\n', (size_t)(end - line->next));
        const char *text = line->next;
        line->next = stop != NULL ? stop + 1 : end;
        if (stop == NULL)
            stop = end;
        if (stop > text && stop[-1] == '\r')
            stop--;
        line->text = text;
        line->length = (size_t)(stop - text);
        line->number++;
        bool comment = line->length > 0 && text[0] == '#' && (line->length == 1 || text[1] == ' ');
        if (line->length > 0 && !comment)
            return true;
    }
    return false;
}

static bool complain(const char *source, const struct line *line, const char *wrong)
{
    say("%s, line %zu: %s", source, line->number, wrong);
    return false;
}

static bool set_identity(struct credential *entry, const uint8_t *identity, size_t length)
{
    entry->identity = malloc(length + 1); /* an empty identity is one, too */
    if (entry->identity == NULL) {
        say("out of memory");
        return false;
    }
    memcpy(entry->identity, identity, length);
    entry->identity_length = length;
    return true;
}

/* #HEX before the colon: decoded in a buffer of its own, since the text is not ours to change. */
static bool set_hex_identity(struct credential *entry, const char *hex, size_t length)
{
    entry->identity = malloc(length / 2 + 1);
    if (entry->identity == NULL)
        return false;
    int bytes = hex_decode(entry->identity, length / 2, hex, length);
    entry->identity_length = bytes > 0 ? (size_t)bytes : 0;
    return bytes > 0;
}

static bool read_identity_line(struct credential *entry, const char *source,
                               const struct line *line)
{
    const char *colon = memchr(line->text, ':', line->length);

    if (colon == NULL || key_is_tagged(line->text, line->length))
        return complain(source, line,
                        "a key alone: in a file of several lines each is IDENTITY:KEY");
    size_t length = (size_t)(colon - line->text);
    bool hex = line->text[0] == '#';
    if (length > (hex ? 2 * DTLS_MAX_IDENTITY + 1 : DTLS_MAX_IDENTITY))
        return complain(source, line, "the identity is too long");
    if (hex) {
        if (!set_hex_identity(entry, line->text + 1, length - 1))
            return complain(source, line,
                            "neither #HEX:KEY nor a comment, which begins with \"# \"");
    } else if (!set_identity(entry, (const uint8_t *)line->text, length)) {
        return false;
    }
    const char *key = colon + 1;
    const char *wrong = key_decode(&entry->key, key, line->length - length - 1);
    if (wrong != NULL)
        say("%s, line %zu: the key %s", source, line->number, wrong);
    return wrong == NULL;
}

static bool allocate(struct keyring *ring, size_t count)
{
    ring->count = 0;
    ring->entries = calloc(count, sizeof *ring->entries);
    if (ring->entries == NULL)
        say("out of memory");
    return ring->entries != NULL;
}

bool keyring_from_key(struct keyring *ring, const char *source, const char *text, size_t length)
{
    if (!allocate(ring, 1))
        return false;
    const char *wrong = key_decode(&ring->entries[0].key, text, length);
    ring->count = 1;
    if (wrong != NULL)
        say("%s: the key %s", source, wrong);
    return wrong == NULL;
}

bool keyring_from_text(struct keyring *ring, const char *source, const char *text, size_t length)
{
    const char *end = text + length;
    struct line line = {.next = text}, first = line;
    size_t lines = 0;

    for (; next_line(&line, end); lines++)
        if (lines == 0)
            first = line;
    if (lines == 0) {
        say("%s is empty: it should hold a key, or lines IDENTITY:KEY", source);
        return false;
    }
    bool bare =
        key_is_tagged(first.text, first.length) || memchr(first.text, ':', first.length) == NULL;
    if (lines == 1 && bare)
        return keyring_from_key(ring, source, first.text, first.length);
    if (!allocate(ring, lines))
        return false;
    for (line = (struct line){.next = text}; next_line(&line, end);)
        if (!read_identity_line(&ring->entries[ring->count++], source, &line))
            return false;
    return true;
}

static struct credential *find(const struct keyring *ring, const uint8_t *identity, size_t length)
{
    for (size_t i = 0; i < ring->count; i++) {
        struct credential *entry = &ring->entries[i];
        if (entry->identity == NULL ||
            (entry->identity_length == length && memcmp(entry->identity, identity, length) == 0))
            return entry;
    }
    return NULL;
}

const struct key *keyring_find(const struct keyring *ring, const uint8_t *identity, size_t length)
{
    const struct credential *entry = find(ring, identity, length);

    return entry != NULL ? &entry->key : NULL;
}

bool keyring_select(struct keyring *ring, const uint8_t *identity, size_t length)
{
    struct credential *found = find(ring, identity, length);

    if (found == NULL)
        return false;
    struct credential chosen = *found;
    explicit_bzero(&found->key, sizeof found->key);
    found->identity = NULL;
    for (size_t i = 0; i < ring->count; i++) {
        free(ring->entries[i].identity);
        explicit_bzero(&ring->entries[i], sizeof ring->entries[i]);
    }
    ring->entries[0] = chosen;
    ring->count = 1;
    explicit_bzero(&chosen.key, sizeof chosen.key);
    return ring->entries[0].identity != NULL || set_identity(&ring->entries[0], identity, length);
}

void keyring_clear(struct keyring *ring)
{
    for (size_t i = 0; i < ring->count; i++) {
        free(ring->entries[i].identity);
        explicit_bzero(&ring->entries[i], sizeof ring->entries[i]);
    }
    free(ring->entries);
    *ring = (struct keyring){0};
}
