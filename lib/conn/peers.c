#include "conn/peers.h"

#include "base/address.h"

bool peers_start(dtls_context_t *ctx)
{
    uint8_t key[16];
    return random_of(ctx, key, sizeof key) && table_start(&ctx->peers.table, &ctx->alloc, key) &&
           heap_reserve(&ctx->peers.timers, &ctx->alloc, 1);
}

void peers_end(dtls_context_t *ctx)
{
    table_end(&ctx->peers.table, &ctx->alloc);
    heap_end(&ctx->peers.timers, &ctx->alloc);
}

uint64_t peers_hash(const dtls_context_t *ctx, const session_t *session)
{
    uint8_t address[ADDRESS_MAX];
    writer_t w = writer(address, sizeof address);
    put_address(&w, session);
    return table_hash(&ctx->peers.table, address, writer_length(&w));
}

/* Returns the peer of a table entry. The entry is the first member of dtls_peer_t. */
static dtls_peer_t *peer_of(table_entry_t *entry)
{
    return (dtls_peer_t *)entry;
}

dtls_peer_t *peers_find(const dtls_context_t *ctx, const session_t *session)
{
    table_entry_t *entry = table_find(&ctx->peers.table, peers_hash(ctx, session));
    while (entry && !dtls_session_equals(&peer_of(entry)->session, session))
        entry = table_next(entry);
    return peer_of(entry);
}

static void insert(dtls_peer_t *peer)
{
    dtls_context_t *ctx = peer->ctx;
    table_insert(&ctx->peers.table, &ctx->alloc, &peer->entry, peers_hash(ctx, &peer->session));
    ctx->peers.changes++;
}

/* Returns true if there are fewer peers than max_peers + max_half_open. Handshakes in progress
 * count against max_half_open, connected peers against max_peers. */
bool peers_have_room(const dtls_context_t *ctx)
{
    size_t most = ctx->config.max_peers, on_top = ctx->config.max_half_open;
    return ctx->peers.table.count < (most < SIZE_MAX - on_top ? most + on_top : SIZE_MAX);
}

dtls_peer_t *peers_add(dtls_context_t *ctx, const session_t *session)
{
    /* Reserve room in the heap for each peer, so that starting a timer later cannot fail. */
    if (!peers_have_room(ctx) ||
        !heap_reserve(&ctx->peers.timers, &ctx->alloc, ctx->peers.table.count + 1))
        return NULL;
    dtls_peer_t *peer = alloc_zeroed(&ctx->alloc, sizeof *peer);
    if (!peer)
        return NULL;
    peer->ctx = ctx;
    peer->session = *session;
    insert(peer);
    return peer;
}

void peers_move(dtls_peer_t *peer, const session_t *session)
{
    table_remove(&peer->ctx->peers.table, &peer->entry);
    peer->session = *session;
    peer->candidate_ifindex = session->ifindex;
    insert(peer);
}

void peers_remove(dtls_peer_t *peer)
{
    dtls_context_t *ctx = peer->ctx;
    table_remove(&ctx->peers.table, &peer->entry);
    heap_remove(&ctx->peers.timers, &peer->timer);
    ctx->peers.changes++;
    peer->next_ended = ctx->ended_peers;
    ctx->ended_peers = peer;
}

void peers_free_ended(dtls_context_t *ctx)
{
    while (ctx->ended_peers && !ctx->ended_peers->is_due) {
        dtls_peer_t *peer = ctx->ended_peers;
        ctx->ended_peers = peer->next_ended;
        alloc_wipe(&ctx->alloc, peer, sizeof *peer);
    }
}

conn_t *peers_conn(const dtls_context_t *ctx, const session_t *session)
{
    const dtls_peer_t *peer = ctx && session ? peers_find(ctx, session) : NULL;
    return peer ? peer->conn : NULL;
}
