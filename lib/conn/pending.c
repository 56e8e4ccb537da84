#include "conn/pending.h"

#include "base/address.h"

#include <string.h>

/* A handshake that began less than FRESH_MS ago is evicted only if its network has more handshakes
 * than the network of the new client. Otherwise the new ClientHello is dropped, which costs no key
 * exchange, and a genuine client retransmits it. So a handshake that has begun has the time for
 * some round trips. If the oldest handshake were evicted each time, a fast flood would leave no
 * handshake enough time. */
#define FRESH_MS 1000

/* The half-open handshakes with the clients of one network, oldest first. */
struct pending_network {
    table_entry_t entry; /* by the hash of the network, which is keyed and has 64 bits */
    heap_node_t rank;    /* in pending_t.ranking */
    pending_t *set;
    conn_t *oldest, *newest;
    size_t count;
};

/* ---- networks ---- */

static bool start_set(dtls_context_t *ctx, pending_t *set)
{
    uint8_t key[16];
    return random_of(ctx, key, sizeof key) && table_start(&set->networks, &ctx->alloc, key) &&
           heap_reserve(&set->ranking, &ctx->alloc, 1);
}

bool pending_start(dtls_context_t *ctx)
{
    return start_set(ctx, &ctx->unauthenticated) && start_set(ctx, &ctx->authenticated);
}

static void end_set(dtls_context_t *ctx, pending_t *set)
{
    table_end(&set->networks, &ctx->alloc);
    heap_end(&set->ranking, &ctx->alloc);
}

void pending_end(dtls_context_t *ctx)
{
    end_set(ctx, &ctx->unauthenticated);
    end_set(ctx, &ctx->authenticated);
}

static uint64_t hash_of(const pending_t *set, const session_t *session)
{
    uint8_t network[ADDRESS_MAX];
    writer_t w = writer(network, sizeof network);
    put_network(&w, session);
    return table_hash(&set->networks, network, writer_length(&w));
}

/* Returns the network of a table entry, which is its first member. */
static pending_network_t *network_of(table_entry_t *entry)
{
    return (pending_network_t *)entry;
}

static pending_network_t *add_network(dtls_context_t *ctx, pending_t *set, uint64_t hash)
{
    if (!heap_reserve(&set->ranking, &ctx->alloc, set->networks.count + 1))
        return NULL;
    pending_network_t *network = alloc_zeroed(&ctx->alloc, sizeof *network);
    if (!network)
        return NULL;
    network->set = set;
    table_insert(&set->networks, &ctx->alloc, &network->entry, hash);
    return network;
}

/* Ranks the network with the most handshakes first, and of equal ones that with the oldest. */
static void rank(pending_network_t *network)
{
    uint64_t fewer = UINT16_MAX - (network->count < UINT16_MAX ? network->count : UINT16_MAX);
    uint64_t began = network->oldest->hs->started & (((uint64_t)1 << 48) - 1);
    heap_set(&network->set->ranking, &network->rank, fewer << 48 | began);
}

static const pending_network_t *first_ranked(const pending_t *set)
{
    const heap_node_t *first = heap_first(&set->ranking);
    return (const pending_network_t *)((const uint8_t *)first - offsetof(pending_network_t, rank));
}

/* ---- half-open handshakes ---- */

/* Returns the network of an association's client in this set, and adds it if it is missing. NULL:
 * memory is short. */
static pending_network_t *network_for(const conn_t *conn, pending_t *set)
{
    uint64_t hash = hash_of(set, &conn->peer->session);
    pending_network_t *network = network_of(table_find(&set->networks, hash));
    return network ? network : add_network(conn->ctx, set, hash);
}

static void half_open_add(conn_t *conn, pending_network_t *network)
{
    handshake_t *hs = conn->hs;
    hs->network = network;
    hs->older = network->newest;
    *(hs->older ? &hs->older->hs->newer : &network->oldest) = conn;
    network->newest = conn;
    network->count++;
    network->set->count++;
    rank(network);
}

static void half_open_remove(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    pending_network_t *network = hs->network;
    pending_t *set = network->set;
    *(hs->older ? &hs->older->hs->newer : &network->oldest) = hs->newer;
    *(hs->newer ? &hs->newer->hs->older : &network->newest) = hs->older;
    hs->older = hs->newer = NULL;
    hs->network = NULL;
    network->count--;
    set->count--;
    if (network->count > 0) {
        rank(network);
        return;
    }
    heap_remove(&set->ranking, &network->rank);
    table_remove(&set->networks, &network->entry);
    alloc_wipe(&conn->ctx->alloc, network, sizeof *network);
}

size_t pending_half_open(const dtls_context_t *ctx)
{
    return ctx->unauthenticated.count + ctx->authenticated.count;
}

void pending_authenticated(conn_t *conn)
{
    pending_network_t *network = network_for(conn, &conn->ctx->authenticated);
    if (!network)
        return;
    half_open_remove(conn);
    half_open_add(conn, network);
}

/* Returns the network whose handshake ends if the limit is reached. Half of the limit is for clients
 * that have been authenticated, and half for those that have not. What one half does not need, the
 * other one may use. */
static const pending_network_t *most_served(const dtls_context_t *ctx)
{
    const pending_t *others = &ctx->unauthenticated;
    bool too_many = others->count > ctx->config.max_half_open / 2 || ctx->authenticated.count == 0;
    return first_ranked(too_many ? others : &ctx->authenticated);
}

/* Returns true if a network has at least its share of the half-open handshakes. There are shares only
 * while the clients that have not been authenticated take more than half of the limit. */
static bool has_its_share(const dtls_context_t *ctx, const pending_network_t *network)
{
    const pending_t *set = &ctx->unauthenticated;
    size_t most = ctx->config.max_half_open;
    return network && set->count > most / 2 && network->count >= most / set->networks.count;
}

bool pending_has_room(const dtls_context_t *ctx, const session_t *session, conn_t **evict)
{
    const pending_t *set = &ctx->unauthenticated;
    const pending_network_t *own = network_of(table_find(&set->networks, hash_of(set, session)));
    const pending_network_t *from = NULL;
    if (has_its_share(ctx, own))
        from = own;
    else if (pending_half_open(ctx) >= ctx->config.max_half_open)
        from = most_served(ctx);
    if (!from)
        return true;
    bool more_equal = from->count > (own ? own->count : 0) + 1;
    bool fresh = now_of(ctx) < from->oldest->hs->started + FRESH_MS;
    *evict = more_equal || !fresh ? from->oldest : NULL;
    return false;
}

/* ---- client handshakes under way ---- */

static void outbound_add(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    handshake_t *hs = conn->hs;
    hs->older = ctx->newest_outbound;
    if (hs->older)
        hs->older->hs->newer = conn;
    ctx->newest_outbound = conn;
}

static void outbound_remove(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (hs->older)
        hs->older->hs->newer = hs->newer;
    *(hs->newer ? &hs->newer->hs->older : &conn->ctx->newest_outbound) = hs->older;
    hs->older = hs->newer = NULL;
}

bool pending_is_own(const dtls_context_t *ctx, const uint8_t *client_random)
{
    for (const conn_t *conn = ctx->newest_outbound; conn; conn = conn->hs->older)
        if (memcmp(conn->hs->randoms.client, client_random, RANDOM_LENGTH) == 0)
            return true;
    return false;
}

bool pending_add(conn_t *conn)
{
    pending_network_t *network = NULL;
    if (conn->client)
        outbound_add(conn);
    else if ((network = network_for(conn, &conn->ctx->unauthenticated)))
        half_open_add(conn, network);
    return conn->client || network;
}

void pending_remove(conn_t *conn)
{
    if (conn->phase != PHASE_HANDSHAKE)
        return;
    if (conn->client)
        outbound_remove(conn);
    else
        half_open_remove(conn);
}
