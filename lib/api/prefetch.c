/*
 * The calls of dtls.h that fetch the memory of several peers into the CPU cache at the same time.
 */
#include "conn/peers.h"
#include "conn/warm.h"

static size_t at_most(size_t count)
{
    return count < DTLS_PREFETCH_MAX ? count : DTLS_PREFETCH_MAX;
}

/* In each loop, the addresses to fetch come from memory that the loop before has fetched. */
void dtls_prefetch(const dtls_context_t *ctx, const session_t *const sessions[], size_t count)
{
    uint64_t hashes[DTLS_PREFETCH_MAX];
    if (!ctx || !sessions)
        return;
    const table_t *table = &ctx->peers.table;
    count = at_most(count);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = peers_hash(ctx, sessions[i]);
        warm_lines(table_bucket(table, hashes[i]), sizeof(table_entry_t *));
    }
    for (size_t i = 0; i < count; i++)
        warm_lines(*table_bucket(table, hashes[i]), PEER_HOT_SIZE);
    for (size_t i = 0; i < count; i++) {
        /* The entry is the first member of dtls_peer_t. */
        const dtls_peer_t *peer = (dtls_peer_t *)table_find(table, hashes[i]);
        if (peer)
            warm_for_opening(peer);
    }
}

void dtls_prefetch_peers(dtls_peer_t *const peers[], size_t count)
{
    if (!peers)
        return;
    count = at_most(count);
    for (size_t i = 0; i < count; i++)
        warm_lines(peers[i], sizeof(dtls_peer_t));
    for (size_t i = 0; i < count; i++)
        if (peers[i])
            warm_for_sealing(peers[i]);
}
