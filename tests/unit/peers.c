#include "conn/peers.h"
#include "common.h"

#include <arpa/inet.h>
#include <string.h>

enum { MANY = 3000 };

static int no_random(void *hook, uint8_t *out, size_t length)
{
    (void)hook;
    memset(out, 0x11, length);
    return 0;
}

static dtls_context_t *context(memory_t *memory, size_t max_peers)
{
    dtls_config_t config;
    dtls_config_init(&config);
    config.hook = memory;
    config.allocate = memory_allocate;
    config.release = memory_release;
    config.random = no_random;
    config.max_peers = max_peers;
    config.max_half_open = 1;
    dtls_context_t *ctx = dtls_new_context_config(NULL, &config);
    CHECK(ctx != NULL);
    return ctx;
}

static session_t address(size_t n)
{
    session_t session;
    dtls_session_init(&session);
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_port = htons((uint16_t)(1 + n % 50000));
    session.addr.sin.sin_addr.s_addr = htonl(0x7f000001 + (uint32_t)(n / 50000));
    return session;
}

static void free_removed(dtls_context_t *ctx)
{
    dtls_check_retransmit(ctx, NULL);
    CHECK(ctx->ended_peers == NULL);
}

/* Checks that the table holds those of the peers 0 to count - 1 that are in the set, each under
 * its own address, and no others. */
static void check_all(const dtls_context_t *ctx, const bool *there, dtls_peer_t *const *peers,
                      size_t count)
{
    size_t live = 0;
    for (size_t n = 0; n < count; n++) {
        const session_t session = address(n);
        CHECK(peers_find(ctx, &session) == (there[n] ? peers[n] : NULL));
        live += there[n];
    }
    CHECK_EQ(ctx->peers.table.count, live);
}

TEST(peers_come_and_go)
{
    static bool there[MANY];
    static dtls_peer_t *peers[MANY];
    uint64_t state = unit_seed();
    memory_t memory = {0};
    dtls_context_t *ctx = context(&memory, MANY);
    for (int step = 0; step < 12000; step++) {
        size_t n = unit_below(&state, MANY);
        const session_t session = address(n);
        uint64_t changes = ctx->peers.changes;
        if (there[n]) {
            peers_remove(peers[n]);
            free_removed(ctx);
        } else {
            peers[n] = peers_add(ctx, &session);
            CHECK(peers[n] && peers[n]->ctx == ctx);
            CHECK(dtls_session_equals(&peers[n]->session, &session));
        }
        there[n] = !there[n];
        CHECK_EQ(ctx->peers.changes, changes + 1);
        if (step % 1000 == 0)
            check_all(ctx, there, peers, MANY);
    }
    check_all(ctx, there, peers, MANY);
    for (size_t n = 0; n < MANY; n++)
        if (there[n])
            peers_remove(peers[n]);
    free_removed(ctx);
    dtls_free_context(ctx);
    memory_check(&memory);
}

TEST(the_table_grows_with_its_peers)
{
    static bool there[MANY];
    static dtls_peer_t *peers[MANY];
    memory_t memory = {0};
    dtls_context_t *ctx = context(&memory, MANY);
    for (size_t n = 0; n < MANY; n++) {
        const session_t session = address(n);
        peers[n] = peers_add(ctx, &session);
        there[n] = true;
        CHECK(ctx->peers.table.bucket_count >= ctx->peers.table.count);
        CHECK_EQ(ctx->peers.table.bucket_count & (ctx->peers.table.bucket_count - 1), 0);
    }
    check_all(ctx, there, peers, MANY);
    size_t longest = 0;
    for (size_t i = 0; i < ctx->peers.table.bucket_count; i++) {
        size_t length = 0;
        for (const table_entry_t *at = ctx->peers.table.buckets[i]; at; at = at->next)
            length++;
        longest = length > longest ? length : longest;
    }
    CHECK(longest <= 10);
    for (size_t n = 0; n < MANY; n++)
        peers_remove(peers[n]);
    free_removed(ctx);
    dtls_free_context(ctx);
    memory_check(&memory);
}

/* Peers that share a bucket: the first one, one in the middle and the last one are removed. */
TEST(collisions)
{
    for (size_t removed = 0; removed < 16; removed++) {
        bool there[16];
        dtls_peer_t *peers[16];
        memory_t memory = {0};
        dtls_context_t *ctx = context(&memory, 100);
        NOTE("without peer %zu", removed);
        ctx->peers.table.bucket_count = 1; /* all peers share one bucket */
        for (size_t n = 0; n < 16; n++) {
            const session_t session = address(n);
            memory.fail_at = memory.calls + 2; /* no memory for more buckets */
            peers[n] = peers_add(ctx, &session);
            there[n] = true;
        }
        memory.fail_at = 0;
        CHECK_EQ(ctx->peers.table.bucket_count, 1);
        check_all(ctx, there, peers, 16);
        peers_remove(peers[removed]);
        there[removed] = false;
        check_all(ctx, there, peers, 16);
        for (size_t n = 0; n < 16; n++)
            if (there[n])
                peers_remove(peers[n]);
        free_removed(ctx);
        ctx->peers.table.bucket_count = 16;
        dtls_free_context(ctx);
        memory_check(&memory);
    }
}

TEST(full_or_without_memory)
{
    memory_t memory = {0};
    dtls_context_t *ctx = context(&memory, 1); /* plus one handshake */
    const session_t sessions[] = {address(0), address(1), address(2)};
    memory.fail_at = memory.calls + 1;
    CHECK(peers_add(ctx, &sessions[0]) == NULL);
    CHECK_EQ(ctx->peers.table.count, 0);
    CHECK(peers_add(ctx, &sessions[0]) != NULL);
    CHECK(peers_add(ctx, &sessions[1]) != NULL);
    CHECK(peers_add(ctx, &sessions[2]) == NULL);
    CHECK_EQ(ctx->peers.table.count, 2);
    peers_remove(peers_find(ctx, &sessions[0]));
    CHECK(peers_add(ctx, &sessions[2]) != NULL);
    peers_remove(peers_find(ctx, &sessions[1]));
    peers_remove(peers_find(ctx, &sessions[2]));
    free_removed(ctx);
    dtls_free_context(ctx);
    memory_check(&memory);
}
