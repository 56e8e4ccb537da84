#include "peers.h"

#include "address.h"
#include "siphash.h"

#define BUCKETS_FIRST 16 /* doubled whenever there are as many peers as buckets */

static dtls_peer_t **bucket_of(const peers_t *peers, const session_t *session)
{
    uint8_t address[ADDRESS_MAX];
    writer_t w = writer(address, sizeof address);
    put_address(&w, session);
    return &peers->buckets[siphash(peers->key, address, writer_length(&w)) &
                           (peers->bucket_count - 1)];
}

static dtls_peer_t **allocate_buckets(const dtls_context_t *ctx, size_t count)
{
    return alloc_zeroed(&ctx->alloc, count * sizeof(dtls_peer_t *));
}

bool peers_start(dtls_context_t *ctx)
{
    ctx->peers.buckets = allocate_buckets(ctx, BUCKETS_FIRST);
    ctx->peers.bucket_count = BUCKETS_FIRST;
    return ctx->peers.buckets && random_of(ctx, ctx->peers.key, sizeof ctx->peers.key);
}

void peers_end(dtls_context_t *ctx)
{
    alloc_wipe(&ctx->alloc, ctx->peers.buckets, ctx->peers.bucket_count * sizeof(dtls_peer_t *));
}

dtls_peer_t *peers_find(const dtls_context_t *ctx, const session_t *session)
{
    dtls_peer_t *peer = *bucket_of(&ctx->peers, session);
    while (peer && !dtls_session_equals(&peer->session, session))
        peer = peer->next;
    return peer;
}

static void insert(peers_t *peers, dtls_peer_t *peer)
{
    dtls_peer_t **bucket = bucket_of(peers, &peer->session);
    peer->next = *bucket;
    *bucket = peer;
}

/* Without memory the table stays as it is, only slower. */
static void grow(dtls_context_t *ctx)
{
    peers_t old = ctx->peers;
    dtls_peer_t **buckets = allocate_buckets(ctx, 2 * old.bucket_count);
    if (!buckets)
        return;
    ctx->peers.buckets = buckets;
    ctx->peers.bucket_count = 2 * old.bucket_count;
    for (size_t i = 0; i < old.bucket_count; i++) {
        dtls_peer_t *peer = old.buckets[i];
        while (peer) {
            dtls_peer_t *next = peer->next;
            insert(&ctx->peers, peer);
            peer = next;
        }
    }
    alloc_wipe(&ctx->alloc, old.buckets, old.bucket_count * sizeof(dtls_peer_t *));
}

dtls_peer_t *peers_add(dtls_context_t *ctx, const session_t *session)
{
    if (ctx->peers.count >= ctx->config.max_peers)
        return NULL;
    dtls_peer_t *peer = alloc_zeroed(&ctx->alloc, sizeof *peer);
    if (!peer)
        return NULL;
    if (ctx->peers.count >= ctx->peers.bucket_count)
        grow(ctx);
    peer->ctx = ctx;
    peer->session = *session;
    insert(&ctx->peers, peer);
    ctx->peers.count++;
    ctx->peers.changes++;
    return peer;
}

void peers_remove(dtls_peer_t *peer)
{
    dtls_context_t *ctx = peer->ctx;
    dtls_peer_t **link = bucket_of(&ctx->peers, &peer->session);
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    ctx->peers.count--;
    ctx->peers.changes++;
    peer->next = ctx->ended_peers;
    ctx->ended_peers = peer;
}
