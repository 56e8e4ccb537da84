/*
 * lookalike.c - an observer cannot distinguish the response to an unknown identity from that to a
 * wrong key.
 */
#include "net.h"

#include <string.h>

enum { MOST = 64 };

/* What an observer sees of the server's datagrams: times, lengths, first bytes and plaintext
 * alerts. */
typedef struct {
    size_t count;
    uint64_t at[MOST];
    size_t length[MOST];
    uint8_t head[MOST][16]; /* the first bytes of the datagram, before random bytes begin */
} view_t;

static void watch(view_t *view, const net_t *net, const node_t *server, uint64_t from)
{
    view->count = 0;
    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];

        if (packet->from != server) {
            continue;
        }
        CHECK(view->count < MOST);
        view->at[view->count] = packet->at - from;
        view->length[view->count] = packet->length;
        memset(view->head[view->count], 0, sizeof(view->head[0]));
        memcpy(view->head[view->count++], packet->data, packet->length < 15 ? packet->length : 15);
    }
}

static void see(view_t *view, bool unknown, const char *hint, size_t mtu)
{
    static const uint8_t other[16] = "some other key";
    node_t *client, *server;
    net_t *net = net_pair(77, &client, &server);
    uint64_t from = net->now;

    server->hint = (const uint8_t *)hint;
    server->hint_length = strlen(hint);
    client->config.mtu = server->config.mtu = mtu;
    client->delay = server->delay = 3;
    if (unknown) {
        client->identity = (const uint8_t *)"Client_identitz";
    } else {
        client->key = other;
    }
    net_start(net);
    CHECK(!net_connect(client, server, 60000));
    net_run(net, 100000);
    watch(view, net, server, from);
    net_end(net);
}

static void check_alike(const char *hint, size_t mtu)
{
    view_t wrong_key, unknown;

    see(&wrong_key, false, hint, mtu);
    see(&unknown, true, hint, mtu);
    CHECK_EQ(unknown.count, wrong_key.count);
    for (size_t i = 0; i < wrong_key.count; i++) {
        NOTE("datagram %zu of the server", i);
        CHECK_EQ(unknown.at[i], wrong_key.at[i]);
        CHECK_EQ(unknown.length[i], wrong_key.length[i]);
        CHECK_MEM(unknown.head[i], wrong_key.head[i], sizeof(unknown.head[i]));
    }
}

EACH_OF_DTLS12(unknown_identity_looks_like_a_wrong_key)
{
    check_alike("", 1232);
    check_alike("hint", 1232);
    check_alike("hint", 256);
}
