#include "key/keyring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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

/* ---- the hash table ------------------------------------------------------------------------- */

static bool has_identity(const struct credential *entry, const uint8_t *identity, size_t length)
{
    return entry->identity_length == length && memcmp(entry->identity, identity, length) == 0;
}

/* Returns the slot of an identity, or the empty slot in which the identity belongs. At least half of the slots are
 * empty, so the search ends after few slots. */
static uint32_t *find_slot(const struct keyring *ring, const uint8_t *identity, size_t length)
{
    size_t at = (size_t)keyed_hash(&ring->hash_key, identity, length);

    for (;; at++) {
        uint32_t *slot = &ring->slots[at & (ring->slot_count - 1)];
        if (*slot == 0 || has_identity(&ring->entries[*slot - 1], identity, length))
            return slot;
    }
}

static bool allocate_slots(struct keyring *ring)
{
    if (getrandom(&ring->hash_key, sizeof ring->hash_key, 0) != sizeof ring->hash_key) {
        report("cannot read random bytes: %s", strerror(errno));
        return false;
    }
    for (ring->slot_count = 4; ring->slot_count < 2 * ring->count;)
        ring->slot_count *= 2;
    ring->slots = calloc(ring->slot_count, sizeof *ring->slots);
    if (ring->slots == NULL)
        report("cannot store the keys: out of memory");
    return ring->slots != NULL;
}

bool keyring_index(struct keyring *ring, const struct credential **repeated)
{
    *repeated = NULL;
    if (!allocate_slots(ring))
        return false;
    for (size_t i = 0; i < ring->count && *repeated == NULL; i++) {
        const struct credential *entry = &ring->entries[i];
        uint32_t *slot = find_slot(ring, entry->identity, entry->identity_length);
        if (*slot != 0)
            *repeated = entry;
        *slot = (uint32_t)i + 1;
    }
    return true;
}

static void end_index(struct keyring *ring)
{
    free(ring->slots);
    ring->slots = NULL;
}

/* ---- look-up -------------------------------------------------------------------------------- */

static struct credential *find(const struct keyring *ring, const uint8_t *identity, size_t length)
{
    struct credential *only = ring->entries;

    if (ring->slots != NULL) {
        uint32_t found = *find_slot(ring, identity, length);
        return found != 0 ? &ring->entries[found - 1] : NULL;
    }
    bool fits = ring->count > 0 && (only->identity == NULL || has_identity(only, identity, length));
    return fits ? only : NULL;
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
    end_index(ring);
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
    end_index(ring);
    *ring = (struct keyring){0};
}
