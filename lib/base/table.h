/*
 * table.h - a hash table. The caller embeds a table_entry_t in each structure that the table is to
 * find, so an insertion allocates no memory for the entry. The hash is keyed, so that an attacker
 * cannot choose keys that collide.
 */
#ifndef TABLE_H
#define TABLE_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct table_entry table_entry_t;
struct table_entry {
    table_entry_t *next; /* the next entry in the same bucket */
    uint64_t hash;
};

typedef struct {
    table_entry_t **buckets;
    size_t bucket_count, count;
    uint8_t key[16];
} table_t;

/* Makes an empty table whose hash uses key. Returns false if there is not enough memory. */
bool table_start(table_t *table, const alloc_t *alloc, const uint8_t key[16]);
/* Frees the buckets. The table must be empty. */
void table_end(table_t *table, const alloc_t *alloc);
/* Returns the hash of length bytes under the key of the table. */
uint64_t table_hash(const table_t *table, const uint8_t *bytes, size_t length);
/* Returns the bucket for this hash, for a prefetch. It has the address of its first entry, or NULL,
 * and is valid until the next table_insert(). */
table_entry_t *const *table_bucket(const table_t *table, uint64_t hash);
/* Returns the first entry with this hash, or NULL if there is none. Different keys can have the
 * same hash: the caller compares keys, and calls table_next() until it finds a match. */
table_entry_t *table_find(const table_t *table, uint64_t hash);
/* Returns the next entry with the same hash, or NULL if there is none. */
table_entry_t *table_next(const table_entry_t *entry);
/* Adds an entry. If there are already as many entries as buckets, first doubles the number of
 * buckets. Cannot fail: if memory for more buckets is short, the table keeps its buckets. */
void table_insert(table_t *table, const alloc_t *alloc, table_entry_t *entry, uint64_t hash);
/* Removes an entry, which must be in the table. */
void table_remove(table_t *table, table_entry_t *entry);

#endif
