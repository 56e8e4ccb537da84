#include "lossy.h"

#include <stdlib.h>

enum { LIMIT = 60000, UNTIL_SILENT = 120000 };

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static bool both_connected(net_t *net)
{
    return node_connected(net->nodes[0], net->nodes[1]) &&
           node_connected(net->nodes[1], net->nodes[0]);
}

/* Returns true if both ends have connected. */
static bool handshake(const lossy_t *path, uint64_t seed, uint64_t *ms, uint64_t *datagrams)
{
    node_t *client, *server;
    net_t *net = net_pair(seed, &client, &server);
    uint64_t from = net->now;

    client->config.only_version = server->config.only_version = path->version;
    client->config.key_exchange = server->config.key_exchange = DTLS_KE_PSK_ONLY;
    server->config.cookie = path->cookie;
    client->loss = server->loss = path->loss;
    client->delay = path->round_trip / 2;
    server->delay = path->round_trip - client->delay;
    if (path->configure)
        path->configure(client, server);
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    bool done = net_until(net, both_connected, LIMIT);
    *ms = done ? net->now - from : LIMIT;
    net_run(net, UNTIL_SILENT);
    *datagrams = net->packet_count;
    net_end(net);
    return done;
}

lossy_result_t lossy_run(const lossy_t *path)
{
    static uint64_t times[LOSSY_MAX], datagrams[LOSSY_MAX];
    lossy_result_t result = {.failed = 0};

    for (unsigned i = 0; i < path->count; i++) {
        NOTE("version %04x, cookie %d, round trip %u ms, loss %u %%, seed %u", path->version,
             (int)path->cookie, (unsigned)path->round_trip, path->loss, i + 1);
        result.failed += !handshake(path, i + 1, &times[i], &datagrams[i]);
    }
    qsort(times, path->count, sizeof *times, compare);
    qsort(datagrams, path->count, sizeof *datagrams, compare);
    result.median = times[path->count / 2];
    result.p95 = times[path->count * 95 / 100];
    result.longest = times[path->count - 1];
    result.datagrams = datagrams[path->count / 2];
    return result;
}
