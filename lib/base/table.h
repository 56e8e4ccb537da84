/*
 * table.h - an intrusive hash table: an entry is a member of the structure that it finds. The hash
 * is keyed, so that an attacker cannot choose keys that collide.
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
/* Releases the buckets. The caller has removed every entry. */
void table_end(table_t *table, const alloc_t *alloc);
uint64_t table_hash(const table_t *table, const uint8_t *bytes, size_t length);
/* Returns the first entry with that hash, or NULL. Different keys can have the same hash, so the
 * caller compares keys and calls table_next() until it finds a match. */
table_entry_t *table_find(const table_t *table, uint64_t hash);
/* Returns the next entry with the same hash, or NULL. */
table_entry_t *table_next(const table_entry_t *entry);
void table_insert(table_t *table, const alloc_t *alloc, table_entry_t *entry, uint64_t hash);
void table_remove(table_t *table, table_entry_t *entry);

#endif
