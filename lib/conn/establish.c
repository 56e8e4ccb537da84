#include "conn/establish.h"

#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/rules.h"

#include <stdlib.h>

/* ---- the limit of config.max_peers ---- */

typedef struct {
    uint64_t identity; /* keyed hash of the identity; no client knows the key */
    conn_t *conn;
} holder_t;

static int by_identity(const void *a, const void *b)
{
    const holder_t *one = a, *other = b;
    return one->identity < other->identity ? -1 : one->identity > other->identity;
}

static size_t collect(const dtls_context_t *ctx, holder_t *holders)
{
    const table_t *table = &ctx->peers.table;
    size_t count = 0;
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (table_entry_t *entry = table->buckets[i]; entry; entry = entry->next) {
            conn_t *conn = ((dtls_peer_t *)entry)->conn;
            if (conn->phase == PHASE_CONNECTED && !conn->client)
                holders[count++] =
                    (holder_t){table_hash(table, conn->identity, conn->identity_length), conn};
        }
    }
    return count;
}

/* Returns how many entries at the start of the array have the identity of the first entry. */
static size_t run_length(const holder_t *holders, size_t count)
{
    size_t length = 1;
    while (length < count && holders[length].identity == holders[0].identity)
        length++;
    return length;
}

static conn_t *most_silent(const holder_t *holders, size_t count, const conn_t *newcomer)
{
    conn_t *chosen = NULL;
    for (size_t i = 0; i < count; i++) {
        conn_t *conn = holders[i].conn;
        if (conn != newcomer &&
            (!chosen || conn->liveness.last_received < chosen->liveness.last_received))
            chosen = conn;
    }
    return chosen;
}

static conn_t *choose_victim(const holder_t *holders, size_t count, const conn_t *newcomer)
{
    conn_t *chosen = NULL;
    size_t most = 0, length;
    for (size_t i = 0; i < count; i += length) {
        length = run_length(holders + i, count - i);
        conn_t *conn = most_silent(holders + i, length, newcomer);
        bool better =
            length > most || (length == most && chosen && conn &&
                              conn->liveness.last_received < chosen->liveness.last_received);
        if (!conn || !better)
            continue;
        most = length;
        chosen = conn;
    }
    return chosen;
}

static conn_t *find_victim(const conn_t *newcomer)
{
    dtls_context_t *ctx = newcomer->ctx;
    size_t size = ctx->peers.table.count * sizeof(holder_t);
    holder_t *holders = alloc_zeroed(&ctx->alloc, size);
    if (!holders)
        return NULL;
    size_t count = collect(ctx, holders);
    qsort(holders, count, sizeof *holders, by_identity);
    conn_t *chosen = choose_victim(holders, count, newcomer);
    alloc_wipe(&ctx->alloc, holders, size);
    return chosen;
}

/* If more than config.max_peers clients are connected, ends the association of one of them. Finds
 * the PSK identity with the most associations, and chooses the client with that identity that has
 * been silent longest. Sorts all peers, so call it only when a client has been authenticated. */
static void evict_for(conn_t *newcomer)
{
    const dtls_context_t *ctx = newcomer->ctx;
    if (newcomer->client || ctx->connected <= ctx->config.max_peers)
        return;
    conn_t *victim = find_victim(newcomer);
    if (victim)
        conn_close_for(victim, DTLS_ERR_PEER_LIMIT, DTLS_EVENT_FAILED);
    else
        conn_fail(newcomer, DTLS_ERR_PEER_LIMIT);
}

/* ---- the end of a handshake ---- */

void establish(conn_t *conn)
{
    dtls_peer_t *peer = conn->peer;
    if (conn->phase != PHASE_HANDSHAKE)
        return; /* a callback has ended the association */
    conn_connected(conn);
    held_retry(conn);
    if (rules_of(conn)->acks)
        reassembly_drop_plaintext(&conn->reassembly, &conn->ctx->alloc);
    else
        reassembly_end(&conn->reassembly, &conn->ctx->alloc);
    if (peer->conn == conn) {
        evict_for(conn);
        if (conn->phase == PHASE_CONNECTED)
            conn_event(conn, 0, DTLS_EVENT_CONNECTED);
    } else {
        /* End the old association: the client's Finished proves that the client has abandoned it
         * (RFC 6347 section 4.2.8). */
        conn_end_for(peer->conn, DTLS_ERR_REPLACED, DTLS_EVENT_FAILED);
    }
}
