/*
 * table.c - the hash table: entries with equal hashes, growth, and no memory for growth.
 */
#include "base/table.h"
#include "test.h"

#include <stdlib.h>

enum { ENTRIES = 1000, HASHES = 250 /* each is the hash of four entries */ };

static bool full;

static void *allocate(void *hook, size_t size)
{
    (void)hook;
    return full ? NULL : malloc(size);
}

static void release(void *hook, void *memory)
{
    (void)hook;
    free(memory);
}

static const alloc_t memory = {NULL, allocate, release};

static table_entry_t entries[ENTRIES];

static uint64_t hash_of(size_t number)
{
    return (number % HASHES) * 0x9e3779b97f4a7c15;
}

/* Returns how many entries with the hash the table has, and whether this entry is one of them. */
static size_t count_equal(const table_t *table, uint64_t hash, const table_entry_t *wanted,
                          bool *found)
{
    size_t count = 0;

    *found = false;
    for (const table_entry_t *at = table_find(table, hash); at; at = table_next(at)) {
        CHECK_EQ(at->hash, hash);
        *found |= at == wanted;
        count++;
    }
    return count;
}

static void check_equal_hashes(bool grows)
{
    static const uint8_t key[16] = {1};
    table_t table = {.count = 0};
    bool found;

    CHECK(table_start(&table, &memory, key));
    full = !grows;
    for (size_t i = 0; i < ENTRIES; i++)
        table_insert(&table, &memory, &entries[i], hash_of(i));
    full = false;
    CHECK_EQ(table.count, ENTRIES);
    for (size_t i = 0; i < ENTRIES; i++) {
        NOTE("entry %zu", i);
        CHECK_EQ(count_equal(&table, hash_of(i), &entries[i], &found), ENTRIES / HASHES);
        CHECK(found);
    }
    for (size_t i = 0; i < ENTRIES; i++) {
        NOTE("removed entry %zu", i);
        table_remove(&table, &entries[i]);
        CHECK_EQ(count_equal(&table, hash_of(i), &entries[i], &found),
                 ENTRIES / HASHES - 1 - i / HASHES);
        CHECK(!found);
    }
    CHECK_EQ(table.count, 0);
    table_end(&table, &memory);
}

TEST(entries_with_equal_hashes_are_found)
{
    check_equal_hashes(true);
}

TEST(table_works_without_memory_to_grow)
{
    check_equal_hashes(false);
}
