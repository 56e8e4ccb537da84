#include "base/table.h"

#include "base/siphash.h"

#include <string.h>

/* Initial number of buckets. The number doubles when the table has as many entries as buckets. */
#define BUCKETS_FIRST 16

static table_entry_t **allocate_buckets(const alloc_t *alloc, size_t count)
{
    return alloc_zeroed(alloc, count * sizeof(table_entry_t *));
}

bool table_start(table_t *table, const alloc_t *alloc, const uint8_t key[16])
{
    memcpy(table->key, key, sizeof table->key);
    table->buckets = allocate_buckets(alloc, BUCKETS_FIRST);
    table->bucket_count = BUCKETS_FIRST;
    return table->buckets != NULL;
}

void table_end(table_t *table, const alloc_t *alloc)
{
    alloc_wipe(alloc, table->buckets, table->bucket_count * sizeof(table_entry_t *));
    table->buckets = NULL;
}

uint64_t table_hash(const table_t *table, const uint8_t *bytes, size_t length)
{
    return siphash(table->key, bytes, length);
}

static table_entry_t **bucket_of(const table_t *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

static table_entry_t *with_hash(table_entry_t *entry, uint64_t hash)
{
    while (entry && entry->hash != hash)
        entry = entry->next;
    return entry;
}

table_entry_t *const *table_bucket(const table_t *table, uint64_t hash)
{
    return bucket_of(table, hash);
}

table_entry_t *table_find(const table_t *table, uint64_t hash)
{
    return with_hash(*bucket_of(table, hash), hash);
}

table_entry_t *table_next(const table_entry_t *entry)
{
    return with_hash(entry->next, entry->hash);
}

static void link_in(table_t *table, table_entry_t *entry)
{
    table_entry_t **bucket = bucket_of(table, entry->hash);
    entry->next = *bucket;
    *bucket = entry;
}

/* Doubles the number of buckets. If memory is short, the table keeps its buckets: look-ups become
 * slower, but stay correct. */
static void grow(table_t *table, const alloc_t *alloc)
{
    const table_t old = *table;
    table_entry_t **buckets = allocate_buckets(alloc, 2 * old.bucket_count);
    if (!buckets)
        return;
    table->buckets = buckets;
    table->bucket_count = 2 * old.bucket_count;
    for (size_t i = 0; i < old.bucket_count; i++) {
        table_entry_t *entry = old.buckets[i];
        while (entry) {
            table_entry_t *next = entry->next;
            link_in(table, entry);
            entry = next;
        }
    }
    alloc_wipe(alloc, old.buckets, old.bucket_count * sizeof(table_entry_t *));
}

void table_insert(table_t *table, const alloc_t *alloc, table_entry_t *entry, uint64_t hash)
{
    if (table->count >= table->bucket_count)
        grow(table, alloc);
    entry->hash = hash;
    link_in(table, entry);
    table->count++;
}

void table_remove(table_t *table, table_entry_t *entry)
{
    table_entry_t **link = bucket_of(table, entry->hash);
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    table->count--;
}
