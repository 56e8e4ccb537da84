/*
 * table.h - a hash table whose entries are parts of what they find. The hash is keyed, so that nobody
 * can choose keys that collide.
 */
#ifndef TABLE_H
#define TABLE_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct table_entry table_entry_t;
struct table_entry {
    table_entry_t *next; /* in its bucket */
    uint64_t hash;
};

typedef struct {
    table_entry_t **buckets;
    size_t bucket_count, count;
    uint8_t key[16];
} table_t;

/* False: no memory. */
bool table_start(table_t *table, const alloc_t *alloc, const uint8_t key[16]);
void table_end(table_t *table, const alloc_t *alloc); /* it must be empty */
uint64_t table_hash(const table_t *table, const uint8_t *bytes, size_t length);
/* The first entry with that hash, and the next one: the caller compares. NULL: no more. */
table_entry_t *table_find(const table_t *table, uint64_t hash);
table_entry_t *table_next(const table_entry_t *entry);
void table_insert(table_t *table, const alloc_t *alloc, table_entry_t *entry, uint64_t hash);
void table_remove(table_t *table, table_entry_t *entry);

#endif
