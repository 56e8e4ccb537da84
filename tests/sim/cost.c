/*
 * cost.c - the cost of a handshake: datagrams, bytes, and the time when datagrams are lost.
 */
#include "jar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 2000, LIMIT = 60000 };

static const uint16_t ccm8 = 0xc0a8;

static const struct {
    const char *name;
    uint16_t version;
    bool ecdhe; /* DTLS 1.2 only */
    dtls_cookie_t cookie;
    const uint16_t *suite;
    dtls_ke_t key_exchange;
    size_t datagrams, octets; /* the most that the handshake may take */
} shapes[] = {
    {"PSK-AES128-CCM8", DTLS12, false, DTLS_COOKIE_ON, &ccm8, DTLS_KE_DEFAULT, 6, 500},
    {"plain PSK", DTLS12, false, DTLS_COOKIE_ON, NULL, DTLS_KE_DEFAULT, 6, 600},
    {"plain PSK, no cookie", DTLS12, false, DTLS_COOKIE_OFF, NULL, DTLS_KE_DEFAULT, 4, 450},
    {"ECDHE_PSK", DTLS12, true, DTLS_COOKIE_ON, NULL, DTLS_KE_DEFAULT, 6, 750},
    {"ECDHE_PSK, no cookie", DTLS12, true, DTLS_COOKIE_OFF, NULL, DTLS_KE_DEFAULT, 4, 550},
    {"psk_dhe_ke", DTLS13, false, DTLS_COOKIE_ON, NULL, DTLS_KE_DEFAULT, 6, 1050},
    {"psk_dhe_ke, no cookie", DTLS13, false, DTLS_COOKIE_OFF, NULL, DTLS_KE_DEFAULT, 4, 600},
    {"psk_ke", DTLS13, false, DTLS_COOKIE_ON, NULL, DTLS_KE_PSK_ONLY, 6, 850},
    {"psk_ke, no cookie", DTLS13, false, DTLS_COOKIE_OFF, NULL, DTLS_KE_PSK_ONLY, 4, 500},
    {"1.2 offered too", BOTH_VERSIONS, false, DTLS_COOKIE_ON, NULL, DTLS_KE_DEFAULT, 6, 1100},
    {"1.2 offered too, no cookie", BOTH_VERSIONS, false, DTLS_COOKIE_OFF, NULL, DTLS_KE_DEFAULT, 4,
     600},
};

TEST(datagrams_and_octets)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        size_t octets;

        NOTE("%04x, %s", shapes[i].version, shapes[i].name);
        client->config.only_version = server->config.only_version = shapes[i].version;
        client->config.key_exchange = shapes[i].key_exchange;
        client->config.suites = shapes[i].suite;
        client->config.suite_count = shapes[i].suite != NULL;
        server->config.cookie = shapes[i].cookie;
        net_ecdhe = shapes[i].ecdhe;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        octets = client->sent_bytes + server->sent_bytes;
        fprintf(stderr, "    %04x, %s: %zu datagrams, %zu octets of UDP payload\n",
                shapes[i].version, shapes[i].name, net->packet_count, octets);
        CHECK_EQ(net->packet_count, shapes[i].datagrams);
        CHECK(octets <= shapes[i].octets);
        net_end(net);
    }
}

/* ---- round trips before the client sends its first data ---- */

enum { ROUND_TRIP = 20 };

static jar_t jar;
static uint8_t first_data[] = "first";

/* Returns the time from dtls_connect() until the server has received data, less half a round
 * trip. */
static uint64_t before_data(node_t *client, node_t *server, bool early)
{
    uint64_t start = client->net->now;

    CHECK(resume(client, server, &jar, 100) > 0);
    if (early) {
        CHECK(dtls_write_early(client->ctx, &server->address, first_data, sizeof(first_data)) > 0);
    } else {
        while (!node_connected(client, server)) {
            net_run(client->net, 1);
            CHECK(client->net->now < start + 1000);
        }
        CHECK(dtls_write(client->ctx, &server->address, first_data, sizeof(first_data)) > 0);
    }
    size_t delivered = server->message_count;
    while (server->message_count == delivered) {
        net_run(client->net, 1);
        CHECK(client->net->now < start + 1000);
    }
    return server->messages[delivered].at - start - ROUND_TRIP / 2;
}

TEST(round_trips_before_data)
{
    static const struct {
        const char *name;
        uint16_t version;
        dtls_cookie_t cookie;
        unsigned round_trips, resumed, early;
    } rows[] = {
        {"cookie", DTLS12, DTLS_COOKIE_ON, 3, 2, 2},
        {"no cookie", DTLS12, DTLS_COOKIE_OFF, 2, 1, 1},
        /* the ticket validates the address, as a cookie would */
        {"cookie", DTLS13, DTLS_COOKIE_ON, 2, 1, 0},
        {"no cookie", DTLS13, DTLS_COOKIE_OFF, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const unsigned expected[] = {rows[i].round_trips, rows[i].resumed, rows[i].early};
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        client->config.only_version = server->config.only_version = rows[i].version;
        client->config.early_data = server->config.early_data = 1000;
        jar_use(client, &jar);
        server->config.tickets = true;
        server->config.cookie = rows[i].cookie;
        client->delay = server->delay = ROUND_TRIP / 2;
        net_start(net);
        for (size_t n = 0; n < 3; n++) {
            size_t sent = client->sent_bytes + server->sent_bytes;
            bool early = n == 2 && rows[i].version == DTLS13;
            uint64_t found = before_data(client, server, early);
            net_run(net, 15);
            NOTE("%04x, %s, session %zu", rows[i].version, rows[i].name, n + 1);
            fprintf(stderr, "    %04x, %s, session %zu: data after %u round trips, %zu octets\n",
                    rows[i].version, rows[i].name, n + 1, (unsigned)found / ROUND_TRIP,
                    client->sent_bytes + server->sent_bytes - sent);
            CHECK_EQ(found, ROUND_TRIP * expected[n]);
            net_run(net, 200);
            CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
            net_run(net, 5000);
        }
        net_end(net);
    }
}

/* ---- delays ---- */

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Returns the duration of a handshake with a round trip of 1 ms, or UINT64_MAX if it does not
 * complete. */
static uint64_t duration(uint64_t seed, unsigned loss)
{
    node_t *client, *server;
    net_t *net = net_pair(seed, &client, &server);
    uint64_t from = net->now, took;

    NOTE("%04x, seed %u at %u %% loss", net_version, (unsigned)seed, loss);
    client->loss = server->loss = loss;
    client->delay = 1;
    net_start(net);
    took = net_connect(client, server, LIMIT) ? net->now - from : UINT64_MAX;
    net_end(net);
    return took;
}

static uint64_t measure(unsigned loss)
{
    static uint64_t took[RUNS];
    size_t completed = 0;

    for (uint64_t seed = 0; seed < RUNS; seed++) {
        took[seed] = duration(seed, loss);
        completed += took[seed] != UINT64_MAX;
    }
    qsort(took, RUNS, sizeof(*took), by_size);
    fprintf(stderr,
            "    %04x, %u %% lost each way: median %llu ms, 95 %% %llu ms, %zu of %d completed\n",
            net_version, loss, (unsigned long long)took[RUNS / 2],
            (unsigned long long)took[RUNS * 95 / 100], completed, RUNS);
    return took[RUNS / 2];
}

/* Figures that were measured once. The seeds are always the same. */
static uint64_t median(unsigned loss)
{
    static uint64_t known[2][101];
    uint64_t *found = &known[net_version == DTLS13][loss];

    if (*found == 0) {
        *found = measure(loss);
    }
    return *found;
}

EACH_VERSION(median_time_at_25_percent_loss_is_at_most_600_ms)
{
    CHECK(median(0) <= 3);
    CHECK(median(25) <= 600);
}

EACH_VERSION(time_at_other_loss)
{
    static const unsigned losses[] = {10, 20, 30, 50};

    for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
        CHECK(median(losses[i]) < LIMIT);
    }
}

TEST(dtls13_is_not_slower_than_dtls12)
{
    uint64_t other = median(25), ours;

    net_version = DTLS13;
    ours = median(25);
    net_version = DTLS12;
    CHECK(ours <= other);
}
