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

INLINE void warm_lines(const void *from, size_t length)
{
    for (size_t at = 0; at < length; at += CACHE_LINE)
        __builtin_prefetch((const void *)((uintptr_t)from + at), 1); /* `from` may be NULL */
}

/* How many bytes to fetch for a context of libcrypto and its key. libcrypto does not tell where the
 * key is, but usually the key is stored behind the context. */
#define WITH_KEY 1152
#define WITH_MASK_KEY 640

/* Fetches what the next record in one direction needs. warm: peer->in or peer->out. The addresses
 * in *warm may point to freed memory: a prefetch reads no value. */
INLINE void warm_fetch(const dtls_peer_t *peer, const warm_t *warm)
{
    warm_lines(peer->conn, offsetof(conn_t, handshake_ms));
    warm_lines(warm->epoch, sizeof(epoch_t));
    warm_lines(warm->aead, CACHE_LINE);
    warm_lines(warm->cipher, WITH_KEY);
    if (warm->mask) {
        warm_lines(warm->mask, WITH_MASK_KEY);
        warm_lines(peer->v13, offsetof(conn13_t, read_secret));
    }
}

/* Stores in *warm the addresses of what the next record of this epoch needs. Call this when the
 * epoch has opened or sealed a record. */
static inline void warm_note(conn_t *conn, warm_t *warm, const epoch_t *epoch)
{
    if (warm->epoch == epoch)
        return;
    conn->peer->v13 = conn->v13;
    *warm = (warm_t){epoch, epoch->aead, epoch->aead ? aead_context(epoch->aead) : NULL,
                     epoch->mask ? mask_context(epoch->mask) : NULL};
}

#endif
