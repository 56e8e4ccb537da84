/*
 * keyring.h - a list of PSK identities with their keys.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include "common/keyedhash.h"
#include "key/keytext.h"

struct credential {
    uint8_t *identity; /* NULL: the key is valid for any identity */
    size_t identity_length;
    struct key key;
};

/* The hash table finds the key of an identity in a time that depends neither on the number of keys nor on whether the
 * identity is known. A peer that has not authenticated chooses the identity. */
struct keyring {
    struct credential *entries;
    size_t count;
    /* The hash table: each slot has 1 + the number of an entry, or 0. NULL: there is one entry, and no table. */
    uint32_t *slots;
    size_t slot_count; /* a power of two */
    struct hash_key hash_key;
};

/* Allocates count credentials, all zeros, and sets ring->count to 0. Returns false after reporting
 * that memory is exhausted. */
bool keyring_allocate(struct keyring *ring, size_t count);

/* Stores a copy of identity in entry. Returns false after reporting that memory is exhausted. */
bool keyring_set_identity(struct credential *entry, const uint8_t *identity, size_t length);

/* Builds the hash table. Each credential must have an identity. Sets *repeated to a credential whose identity an
 * earlier one has too, or to NULL. Returns false after reporting an error of the system. */
bool keyring_index(struct keyring *ring, const struct credential **repeated);

/* Keeps the credential of this identity, and removes all others. A key for any identity becomes the
 * key of this identity. Returns false if no key fits, or memory is exhausted. */
bool keyring_select(struct keyring *ring, const uint8_t *identity, size_t length);

/* Returns the key of an identity, or NULL if the identity is unknown. */
const struct key *keyring_find(const struct keyring *ring, const uint8_t *identity, size_t length);

/* Wipes and frees all credentials. */
void keyring_clear(struct keyring *ring);

#endif
