/* warm.h - fetches what the next record of a peer needs into the cache. With thousands of peers
 * these data are in main memory, at the end of a chain of pointers: peer, association, epoch,
 * context of libcrypto. The peer stores the addresses of all of them, so that they are fetched at
 * the same time. */
#ifndef WARM_H
#define WARM_H

#include "conn/state.h"

#define CACHE_LINE 64

/* The functions are always inline, because gcc omits the call of a function that only
 * prefetches. */
#define INLINE static inline __attribute__((always_inline))

INLINE void warm_line(uintptr_t address)
{
    __builtin_prefetch((const void *)address);
}

/* Fetches `length` bytes at `from`, which may be NULL. */
INLINE void warm_lines(const void *from, size_t length)
{
    for (size_t at = 0; at < length; at += CACHE_LINE)
        warm_line((uintptr_t)from + at);
    warm_line((uintptr_t)from + length - 1); /* `from` may be inside a line */
}

/* Fetches what the next record of an epoch needs. The addresses in *warm may point to freed memory:
 * a prefetch reads no value. */
INLINE void warm_fetch(const dtls_peer_t *peer, const warm_t *warm, size_t epoch_size)
{
    warm_lines(peer->conn, CONN_HOT_SIZE);
    warm_lines(warm->epoch, epoch_size);
    warm_lines(warm->aead, CACHE_LINE);
    warm_lines(warm->context, AEAD_CONTEXT);
    warm_lines(warm->key, peer->key_length);
    if (warm->mask) {
        warm_lines(warm->mask, CACHE_LINE);
        warm_lines(peer->v13, offsetof(conn13_t, read_secret));
    }
}

/* Fetches what the next record of the peer needs. */
INLINE void warm_for_opening(const dtls_peer_t *peer)
{
    warm_fetch(peer, &peer->in, sizeof(epoch_t));
}

/* Fetches what our next record to the peer needs. */
INLINE void warm_for_sealing(const dtls_peer_t *peer)
{
    warm_fetch(peer, &peer->out, EPOCH_WRITE_SIZE);
}

/* Stores in *warm the addresses of what the next record of this epoch needs. Call this when the
 * epoch has opened or sealed a record. */
static inline void warm_note(conn_t *conn, warm_t *warm, const epoch_t *epoch)
{
    if (warm->epoch == epoch)
        return;
    conn->peer->v13 = conn->v13;
    *warm = (warm_t){.epoch = epoch, .aead = epoch->aead, .mask = epoch->mask};
    if (epoch->aead) {
        aead_memory_t memory = aead_memory(epoch->aead);
        warm->context = memory.context;
        warm->key = memory.key;
        conn->peer->key_length = memory.key_length;
    }
}

#endif
