#include "key/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "common/report.h"

bool keyring_allocate(struct keyring *ring, size_t count)
{
    ring->count = 0;
    ring->entries = calloc(count, sizeof *ring->entries);
    if (ring->entries == NULL)
        report("cannot store the keys: out of memory");
    return ring->entries != NULL;
}

bool keyring_set_identity(struct credential *entry, const uint8_t *identity, size_t length)
{
    entry->identity = malloc(length + 1); /* + 1: malloc(0) may return NULL even on success */
    if (entry->identity == NULL) {
        report("cannot store the keys: out of memory");
        return false;
    }
    memcpy(entry->identity, identity, length);
    entry->identity_length = length;
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
    return ring->entries[0].identity != NULL ||
           keyring_set_identity(&ring->entries[0], identity, length);
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
