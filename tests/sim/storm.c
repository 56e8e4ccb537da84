/*
 * storm.c - loss, duplication and reordering at once. Every handshake completes or is given up in
 * time, no timer stalls, and no memory leaks.
 */
#include "jar.h"
#include "wire.h"

#include <string.h>

enum { SEEDS = 1000, LIMIT = 60000 };

static net_t *stormy(uint64_t seed, unsigned loss, node_t **client, node_t **server)
{
    net_t *net = net_pair(seed, client, server);

    NOTE("seed %u at %u %% loss", (unsigned)seed, loss);
    for (size_t i = 0; i < net->node_count; i++) {
        net->nodes[i]->loss = loss;
        net->nodes[i]->duplicate = 10;
        net->nodes[i]->reorder = 10;
        net->nodes[i]->delay = 1;
        net->nodes[i]->config.handshake_ms = LIMIT;
    }
    return net;
}

/* Checks that a handshake that did not complete has ended exactly once, and in time. */
static void check_given_up(const node_t *node, uint64_t from)
{
    const net_event_t *end = node_last_end(node);

    CHECK_EQ(node_ends(node), 1);
    if (node->loss > 30 && end->code == DTLS_EVENT_FAILED) {
        /* To the client, such losses look like a server that rejects its key. */
        CHECK_EQ(end->info.error, DTLS_ERR_WRONG_PSK);
    } else {
        CHECK_EQ(end->code, DTLS_EVENT_TIMEOUT);
        CHECK(end->info.error == DTLS_ERR_TIMEOUT ||
              end->info.error == DTLS_ERR_FINISHED_UNANSWERED);
    }
    CHECK(end->at - from <= LIMIT);
}

static bool settle(net_t *net, node_t *client, node_t *server)
{
    uint64_t from = net->now;

    if (net_connect(client, server, 2 * LIMIT)) {
        CHECK(wire_nonces_are_unique(client));
        CHECK(node_events(server, DTLS_EVENT_CONNECT) > 1 || wire_nonces_are_unique(server));
        CHECK_EQ(node_ends(client) + node_ends(server), 0);
        net_calm(net);
        net_run(net, 100); /* datagrams that are still in transit */
        CHECK(net_echo(client, server));
        return true;
    }
    net_run(net, 2 * LIMIT); /* the other side started later */
    if (!node_connected(client, server)) {
        check_given_up(client, from);
    }
    CHECK(node_ends(server) <= 1);
    return false;
}

static unsigned storm(unsigned loss, size_t mtu, size_t identity_length, unsigned seeds)
{
    static uint8_t text[1024];
    unsigned completed = 0;

    memset(text, 's', sizeof(text));
    for (unsigned seed = 1; seed <= seeds; seed++) {
        node_t *client, *server;
        net_t *net = stormy(seed, loss, &client, &server);

        client->identity = server->identity = text;
        client->identity_length = server->identity_length = identity_length;
        client->config.mtu = server->config.mtu = mtu;
        net_start(net);
        completed += settle(net, client, server);
        net_end(net);
    }
    return completed;
}

EACH_VERSION(storm_1000_seeds_at_30_percent)
{
    CHECK(storm(30, 1232, 15, SEEDS) >= SEEDS * 99 / 100);
}

EACH_VERSION(storm_in_fragments)
{
    bool fragments = net_version == DTLS12; /* a DTLS 1.3 hello is not fragmented */

    CHECK(storm(30, fragments ? 256 : 1232, 700, SEEDS) >= SEEDS * 90 / 100);
}

EACH_VERSION(storm_at_60_percent_ends_in_time)
{
    storm(60, 1232, 15, SEEDS);
}

EACH_VERSION(storm_at_90_percent_ends_in_time)
{
    storm(90, 1232, 15, SEEDS);
}

/* ---- every variant of a DTLS 1.3 handshake ---- */

static const struct shape {
    const char *name;
    dtls_cookie_t cookie;
    dtls_ke_t key_exchange;
    bool other_group, cid, tickets, resumes;
    uint32_t early_data;
    uint16_t version;
} shapes13[] = {
    {.name = "psk_ke", .key_exchange = DTLS_KE_PSK_ONLY, .version = DTLS13},
    {.name = "psk_ke, no cookie",
     .key_exchange = DTLS_KE_PSK_ONLY,
     .cookie = DTLS_COOKIE_OFF,
     .version = DTLS13},
    {.name = "no cookie", .cookie = DTLS_COOKIE_OFF, .version = DTLS13},
    {.name = "another group", .other_group = true, .version = DTLS13},
    {.name = "connection IDs", .cid = true, .version = DTLS13},
    {.name = "both versions, tickets", .tickets = true, .version = BOTH_VERSIONS},
    {.name = "resumption", .tickets = true, .resumes = true, .version = DTLS13},
    {.name = "resumption, psk_ke",
     .tickets = true,
     .resumes = true,
     .key_exchange = DTLS_KE_PSK_ONLY,
     .version = DTLS13},
    {.name = "early data, connection IDs",
     .tickets = true,
     .resumes = true,
     .cid = true,
     .early_data = 1000,
     .version = DTLS13},
};

static void shape(node_t *node, const struct shape *shape, bool server)
{
    static const uint16_t p256 = 23;
    dtls_config_t *config = &node->config;

    config->only_version = shape->version;
    config->cookie = shape->cookie;
    config->key_exchange = shape->key_exchange;
    config->use_cid = shape->cid;
    config->cid_length = server ? 8 : 3;
    config->early_data = shape->early_data;
    config->tickets = server && shape->tickets;
    if (server && shape->other_group) {
        config->groups = &p256;
        config->group_count = 1;
    }
}

/* Gets a ticket by a first session on a network without loss. */
static void get_ticket(net_t *net, node_t *client, node_t *server)
{
    unsigned loss = client->loss;

    client->loss = server->loss = client->duplicate = server->duplicate = 0;
    CHECK(net_connect(client, server, 1000));
    net_run(net, 1000);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 10000);
    client->loss = server->loss = loss;
    client->duplicate = server->duplicate = 10;
    client->event_count = server->event_count = 0;
}

static bool weather(const struct shape *s, uint64_t seed)
{
    static uint8_t early[] = "early";
    node_t *client, *server;
    net_t *net = stormy(seed, 30, &client, &server);
    jar_t jar;

    NOTE("%s, seed %u", s->name, (unsigned)seed);
    shape(client, s, false);
    shape(server, s, true);
    jar_use(client, &jar);
    net_start(net);
    if (s->resumes) {
        get_ticket(net, client, server);
        CHECK(resume(client, server, &jar, 10000) > 0);
    }
    if (s->early_data) {
        CHECK(dtls_write_early(client->ctx, &server->address, early, sizeof(early)) > 0);
    }
    size_t delivered = server->message_count;
    bool completed;
    if (s->resumes) {
        net_run(net, LIMIT);
        completed = node_connected(client, server) && node_connected(server, client);
        net_calm(net);
        net_run(net, 1000);
        CHECK(server->message_count <= delivered + 1); /* early data is delivered at most once */
        CHECK(!completed || net_echo(client, server));
    } else {
        completed = settle(net, client, server);
    }
    net_end(net);
    return completed;
}

TEST(storm_over_every_shape_of_dtls13)
{
    net_version = DTLS13;
    for (size_t i = 0; i < sizeof(shapes13) / sizeof(*shapes13); i++) {
        unsigned completed = 0;

        for (unsigned seed = 1; seed <= SEEDS; seed++) {
            completed += weather(&shapes13[i], seed);
        }
        CHECK(completed >= SEEDS * 98 / 100);
    }
    net_version = DTLS12;
}

/* A thousand messages in each direction. Each is delivered at most once, and none is altered. */
EACH_VERSION(storm_delivers_data_at_most_once)
{
    node_t *client, *server;
    net_t *net = stormy(1, 0, &client, &server);
    bool seen[1000] = {false};
    dtls_stats_t stats;

    net_start(net);
    CHECK(net_connect(client, server, LIMIT));
    client->loss = 30;
    for (unsigned i = 0; i < 1000; i++) {
        session_t peer = server->address;
        uint8_t data[2] = {(uint8_t)(i >> 8), (uint8_t)i};

        CHECK_EQ(dtls_write(client->ctx, &peer, data, sizeof(data)), 2);
        net_run(net, 1);
    }
    net_calm(net);
    net_run(net, 100);
    for (size_t i = 0; i < server->message_count; i++) {
        const uint8_t *data = server->messages[i].data;
        unsigned n = (unsigned)(data[0] << 8 | data[1]);

        CHECK_EQ(server->messages[i].length, 2);
        CHECK(n < 1000 && !seen[n]);
        seen[n] = true;
    }
    stats = node_stats(server, client);
    CHECK_EQ(stats.records_in, server->message_count);
    CHECK(stats.replayed > 0 && stats.late > 0 && stats.lost > 0);
    net_end(net);
}
