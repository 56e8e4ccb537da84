/*
 * memory.c - the memory of a server for one peer: half-open, just connected, and after DTLS 1.3 has
 * deleted the state of the handshake. It counts the allocation hooks, and libcrypto's allocations
 * while the server runs.
 */
#include "common_bench.h"
#include "common_series.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

enum { PEERS = 200 };

static size_t crypto_bytes[2]; /* bytes allocated by libcrypto while this side runs */

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    void *block = malloc(size);
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] += malloc_usable_size(block);
    return block;
}

static void crypto_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] -= malloc_usable_size(block);
    free(block);
}

static void *crypto_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] -= malloc_usable_size(block);
    block = realloc(block, size);
    if (bench_inside >= 0)
        crypto_bytes[bench_inside] += malloc_usable_size(block);
    return block;
}

__attribute__((constructor)) static void count_allocations(void)
{
    CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

typedef struct {
    const char *name;
    uint16_t suite;
    void (*tune)(dtls_config_t *config);
} shape_t;

static dtls_tick_t now;

static dtls_tick_t on_clock(void *hook)
{
    (void)hook;
    return now;
}

static void psk_alone(dtls_config_t *config)
{
    config->key_exchange = DTLS_KE_PSK_ONLY;
}

static void with_cids(dtls_config_t *config)
{
    config->use_cid = true;
    config->cid_length = 8;
}

static void with_tickets(dtls_config_t *config)
{
    config->tickets = true;
}

static const shape_t *tuned;

static void tune(dtls_config_t *config)
{
    config->clock = on_clock;
    if (tuned->tune)
        tuned->tune(config);
}

static void pass(side_t *side, dtls_tick_t ms)
{
    now += ms;
    bench_inside = side->side;
    dtls_check_retransmit(side->ctx, NULL);
    bench_inside = -1;
}

/* Runs PEERS handshakes up to this number of datagrams, lets ms pass, and prints the memory of a
 * peer. Returns its bytes. */
static size_t cost(const char *what, const shape_t *shape, size_t datagrams, dtls_tick_t ms)
{
    static line_t line;
    packet_t packet;
    tuned = shape;
    now = 1;
    line_start_as(&line, shape->suite, tune);
    line_connect(&line, PEERS); /* allocates what is allocated only once */
    line_deliver(&line);
    side_t *server = &line.sides[SERVER];
    size_t ours = server->live_bytes, theirs = crypto_bytes[SERVER];
    for (unsigned n = 0; n < PEERS; n++) {
        line_connect(&line, n);
        for (size_t i = 0; i < datagrams && line_pop(&line, &packet); i++)
            line_push(&line, &packet);
        while (line_pop(&line, &packet))
            ;
        if (ms == 0)
            continue;
        pass(&line.sides[CLIENT], 200); /* acknowledges the messages after the handshake */
        line_deliver(&line);
    }
    pass(server, ms);
    size_t each = (server->live_bytes - ours) / PEERS;
    char figure[64], series[32];
    snprintf(series, sizeof series, "%04x %s", shape->suite, shape->name);
    snprintf(figure, sizeof figure, "memory of a server for a peer, %s", what);
    sample(figure, "bytes", series, (double)each);
    snprintf(figure, sizeof figure, "memory of libcrypto for a peer, %s", what);
    sample(figure, "bytes", series, (double)((crypto_bytes[SERVER] - theirs) / PEERS));
    bench_inside = SERVER;
    line_end(&line);
    bench_inside = -1;
    return each;
}

static void within(const char *what, size_t bytes, size_t limit)
{
    if (bytes >= limit)
        printf("warning: %s: %zu bytes, not less than %zu\n", what, bytes, limit);
}

TEST(peer)
{
    static const shape_t shapes[] = {
        {"", 0xc0a8, NULL},          {"", 0x00a8, NULL},
        {"", 0x00a9, NULL},          {"", 0xccab, NULL},
        {"", 0x1301, NULL},          {"psk_ke", 0x1301, psk_alone},
        {"CIDs", 0x1301, with_cids}, {"ticket", 0x1301, with_tickets},
        {"", 0x1302, NULL},          {"", 0x1303, NULL},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t limit = shapes[i].tune == with_cids ? 3500 : 1500; /* as dtls.h states */
        bool is_13 = dtls_suite_version(shapes[i].suite) == 0xfefc;
        within("half-open", cost("half-open", &shapes[i], 3, 0), is_13 ? 7168 : 4096);
        within("fresh", cost("fresh", &shapes[i], 12, 0),
               limit + 2048); /* more: the replaced keys, and a ticket */
        within("connected", cost("connected", &shapes[i], 12, 600000), limit);
    }
}
