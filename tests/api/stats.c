/*
 * stats.c - the counters are exact for a known pattern of loss.
 */
#include "jar.h"
#include "wire.h"

#include <string.h>

enum { RECORDS = 600 };

/* Sends records that the network holds, so that the test delivers them. Returns the index of the
 * first one. */
static size_t write_records(node_t *client, node_t *server)
{
    size_t first = client->net->packet_count;

    client->loss = 100;
    for (unsigned i = 0; i < RECORDS; i++) {
        CHECK_EQ(node_write(client, server, "ten bytes."), 10);
    }
    return first;
}

static void deliver(node_t *client, node_t *server, size_t place)
{
    const net_packet_t *packet = &client->net->packets[place];

    CHECK_EQ(net_inject(server, &client->address, packet->data, packet->length), 0);
}

typedef struct {
    unsigned order[16];
    size_t count;
    unsigned lost, late, replayed;
} pattern_t;

static const pattern_t patterns[] = {
    {{0, 1, 2, 3}, 4, 0, 0, 0},
    {{0, 2, 3}, 3, 1, 0, 0},
    {{3}, 1, 3, 0, 0},
    {{0, 2, 1, 3}, 4, 0, 1, 0},
    {{3, 2, 1, 0}, 4, 0, 3, 0},
    {{0, 0, 1, 1, 1}, 5, 0, 0, 3},
    {{1, 0, 0, 1}, 4, 0, 1, 2},
    {{0, 5, 3, 9, 4, 3}, 6, 5, 2, 1},
    {{0, 63, 1, 0}, 4, 61, 1, 1},
    {{98, 99, 40, 98}, 4, 97, 1, 1},
};

EACH_VERSION(lost_late_and_replayed_are_exact)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        const pattern_t *pattern = &patterns[i];
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);
        dtls_stats_t stats;
        size_t first, good = pattern->count - pattern->replayed;

        NOTE("pattern %zu", i);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        first = write_records(client, server);
        for (size_t k = 0; k < pattern->count; k++) {
            deliver(client, server, first + pattern->order[k]);
        }
        stats = node_stats(server, client);
        CHECK_EQ(stats.records_in, good);
        CHECK_EQ(stats.bytes_in, good * 10);
        CHECK_EQ(server->message_count, good);
        CHECK_EQ(stats.lost, pattern->lost);
        CHECK_EQ(stats.arrived, good);
        CHECK_EQ(stats.late, pattern->late);
        CHECK_EQ(stats.replayed, pattern->replayed);
        CHECK_EQ(stats.dropped[DTLS_DROP_REPLAYED], pattern->replayed);
        net_end(net);
    }
}

/* A record below the window may be late or replayed: it is dropped. */
EACH_VERSION(left_of_the_window_is_dropped)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t first;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    first = write_records(client, server);
    deliver(client, server, first + 599);
    deliver(client, server, first + 599 - 63);
    CHECK_EQ(server->message_count, 2);
    deliver(client, server, first);
    CHECK_EQ(server->message_count, 2);
    CHECK_EQ(node_stats(server, client).dropped[DTLS_DROP_REPLAYED], 1);
    net_end(net);
}

EACH_VERSION(datagrams_and_octets_are_exact)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_stats_t up, down, stray;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(node_write(client, server, "12345"), 5);
    CHECK_EQ(node_write(client, server, "123"), 3);
    CHECK_EQ(node_write(server, client, "1"), 1);
    net_run(net, 10);
    up = node_stats(client, server);
    down = node_stats(server, client);
    stray = node_stats(server, NULL);
    CHECK_EQ(up.records_out, 2);
    CHECK_EQ(up.bytes_out, 8);
    CHECK_EQ(up.records_in, 1);
    CHECK_EQ(up.bytes_in, 1);
    CHECK_EQ(down.records_in, 2);
    CHECK_EQ(down.bytes_in, 8);
    CHECK_EQ(up.datagrams_out, client->sent);
    CHECK_EQ(up.octets_out, client->sent_bytes);
    CHECK_EQ(up.datagrams_in, server->sent);
    CHECK_EQ(up.octets_in, server->sent_bytes);
    /* Before the cookie the server had no association to count for. */
    CHECK_EQ(down.datagrams_in + stray.datagrams_in, client->sent);
    CHECK_EQ(down.octets_in + stray.octets_in, client->sent_bytes);
    CHECK_EQ(down.datagrams_out + stray.datagrams_out, server->sent);
    CHECK_EQ(down.octets_out + stray.octets_out, server->sent_bytes);
    CHECK_EQ(up.timeouts + up.resent + up.write_failed, 0);
    CHECK_EQ(node_drops(client, server) + node_drops(server, client), 0);
    net_end(net);
}

EACH_VERSION(refused_writes_are_counted_and_repeated)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->refuse_writes = true;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 500);
    CHECK_EQ(node_stats(client, server).write_failed, 2); /* hello, and one retransmission */
    CHECK_EQ(node_ends(client), 0);
    client->refuse_writes = false;
    net_run(net, 2000);
    CHECK(node_connected(client, server));
    CHECK_EQ(node_stats(client, server).timeouts, 2);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(refused_write_of_data_is_an_error)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    client->refuse_writes = true;
    CHECK_EQ(node_write(client, server, "refused"), -(int)DTLS_ERR_WRITE);
    client->refuse_writes = false;
    CHECK_EQ(node_stats(client, server).write_failed, 1);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_stats(server, client).records_in, 1);
    net_end(net);
}

EACH_VERSION(timeouts_and_repeats_are_counted)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 400 + 800 + 1600);
    CHECK_EQ(node_stats(client, server).timeouts, 3);
    CHECK_EQ(node_stats(client, server).resent, 0);
    CHECK_EQ(client->sent, 4);
    net_end(net);
}

/* A datagram from an unknown address is counted with session NULL. */
EACH_VERSION(unmatched_datagrams_are_counted_without_a_peer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    static const uint8_t junk[] = {0xff, 0x00, 0x01};
    wire_t data = {.length = 0};
    dtls_stats_t stats;

    net_start(net);
    wire_put_record(&data, DATA, 1, 0, "0123456789abcdef01234567", 24);
    CHECK_EQ(net_inject(server, &client->address, junk, sizeof(junk)), 0);
    CHECK_EQ(net_inject(server, &client->address, data.data, data.length), 0);
    stats = node_stats(server, NULL);
    CHECK_EQ(stats.datagrams_in, 2);
    CHECK_EQ(stats.octets_in, sizeof(junk) + data.length);
    CHECK_EQ(stats.dropped[DTLS_DROP_NOT_A_RECORD] + stats.dropped[DTLS_DROP_TRUNCATED] +
                 stats.dropped[DTLS_DROP_NO_PEER],
             node_drops(server, NULL));
    CHECK(stats.dropped[DTLS_DROP_NO_PEER] >= 1);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    net_end(net);
}

/* Loses the server's first ServerHello. */
static void lose_server_hello(net_t *net, net_packet_t *packet)
{
    size_t *seen = net->user;
    wire_record_t record;

    if (packet->from == net->nodes[1] && wire_find(packet, SERVER_HELLO, &record))
        packet->copies = (*seen)++ > 0;
}

/* The client stores the Finished, because the messages before it are missing. When they arrive, a
 * copy of the Finished arrives with them. */
TEST(copy_of_the_finished_is_not_counted_as_lost)
{
    static uint8_t identity[200] = "i";
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS12, &client, &server, &jar);
    size_t seen = 0;

    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    server->config.mtu = 256;
    net_start(net);
    CHECK(net_connect(client, server, 10000));
    part(client, server);
    net->tap = lose_server_hello;
    net->user = &seen;
    CHECK(resume(client, server, &jar, 0) > 0);
    net_run(net, 5000);
    CHECK(seen >= 2);
    CHECK(info_of(client, server).resumed && node_connected(server, client));
    CHECK(net_echo(client, server));
    CHECK_EQ(node_stats(client, server).lost, 0);
    CHECK_EQ(node_stats(server, client).lost, 0);
    net_end(net);
}
