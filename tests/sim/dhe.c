/*
 * dhe.c - DHE_PSK on an unreliable network: its messages are longer than a small datagram.
 */
#include "net.h"

#include <string.h>

static net_t *dhe_pair(uint64_t seed, size_t mtu, node_t **client, node_t **server)
{
    static const uint16_t suite = 0x00aa;
    net_t *net = net_pair(seed, client, server);

    (*client)->config.suites = (*server)->config.suites = &suite;
    (*client)->config.suite_count = (*server)->config.suite_count = 1;
    (*client)->config.mtu = (*server)->config.mtu = mtu;
    (*client)->delay = (*server)->delay = 1;
    return net;
}

static uint32_t lost; /* one bit for each datagram: 1 if it is lost */

static void lose(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->index < 32 && lost >> packet->index & 1) {
        packet->copies = 0;
    }
}

/* Completes a handshake. Returns how many datagrams were sent. */
static size_t complete(size_t mtu)
{
    node_t *client, *server;
    net_t *net = dhe_pair(3, mtu, &client, &server);
    size_t datagrams;

    NOTE("MTU %zu, lost %x", mtu, (unsigned)lost);
    net_start(net);
    net->tap = lose;
    CHECK(net_connect(client, server, 60000));
    datagrams = net->packet_count;
    for (size_t i = 0; i < datagrams; i++) {
        CHECK(net->packets[i].length <= mtu);
    }
    CHECK(net_echo(client, server));
    net_end(net);
    return datagrams;
}

TEST(each_datagram_and_each_pair_lost)
{
    static const size_t mtus[] = {256, 1232};

    for (size_t i = 0; i < 2; i++) {
        size_t datagrams;

        lost = 0;
        datagrams = complete(mtus[i]);
        CHECK_EQ(datagrams, i == 0 ? 10 : 6);
        for (size_t k = 0; k < datagrams; k++) {
            for (size_t j = 0; j <= k; j++) {
                lost = UINT32_C(1) << k | UINT32_C(1) << j;
                complete(mtus[i]);
            }
        }
    }
}

TEST(each_mtu)
{
    lost = 0;
    for (size_t mtu = 256; mtu <= 1232; mtu += 13) {
        complete(mtu);
    }
}

TEST(a_quarter_lost_and_reordered)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        node_t *client, *server;
        net_t *net = dhe_pair(seed, seed % 2 ? 256 : 1232, &client, &server);

        NOTE("seed %u", (unsigned)seed);
        client->loss = server->loss = 25;
        client->reorder = server->reorder = client->duplicate = server->duplicate = 20;
        net_start(net);
        CHECK(net_connect(client, server, 60000));
        CHECK(net_echo(client, server));
        net_end(net);
    }
}
