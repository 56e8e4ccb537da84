/*
 * keyedhash.h - SipHash-2-4, a keyed hash for tables whose keys a peer chooses (Aumasson and Bernstein, 2012).
 */
#ifndef KEYEDHASH_H
#define KEYEDHASH_H

#include <stddef.h>
#include <stdint.h>

/* The key of the hash. It must be random: otherwise a peer could choose values that collide. */
struct hash_key {
    uint64_t words[2];
};

/* Returns the 64-bit hash of length bytes. */
uint64_t keyed_hash(const struct hash_key *key, const uint8_t *bytes, size_t length);

#endif
