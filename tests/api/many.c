/*
 * many.c - several peers in one context, and the limits on their number.
 */
#include "wire.h"

#include <stdio.h>
#include <string.h>

enum { CLIENTS = 100 };

static net_t *with_clients(size_t count, node_t **server)
{
    net_t *net = net_new(count);

    *server = net_node(net, "server");
    for (size_t i = 0; i < count; i++) {
        net_node(net, "client")->config.accept = false;
    }
    return net;
}

static void connect_all(net_t *net, const node_t *server)
{
    for (size_t i = 1; i < net->node_count; i++) {
        CHECK(dtls_connect(net->nodes[i]->ctx, &server->address) > 0);
    }
}

EACH_VERSION(hundred_clients_of_one_server)
{
    node_t *server;
    net_t *net = with_clients(CLIENTS, &server);
    size_t filled = 0, emptied = 0;

    server->delay = 1;
    net_start(net);
    for (unsigned round = 0; round < 2; round++) {
        connect_all(net, server);
        net_run(net, 1000);
        filled = server->live_bytes;
        for (size_t i = 1; i <= CLIENTS; i++) {
            CHECK(net_echo(net->nodes[i], server));
        }
        for (size_t i = 1; i <= CLIENTS; i++) {
            CHECK_EQ(dtls_close(net->nodes[i]->ctx, &server->address), 0);
        }
        net_run(net, 10000);
        if (round == 0) {
            emptied = server->live_bytes;
        }
    }
    CHECK(server->live_bytes <= emptied && emptied < filled);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 2 * CLIENTS);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 2 * CLIENTS);
    CHECK_EQ(node_ends(server), 2 * CLIENTS);
    net_end(net);
}

EACH_VERSION(hundred_clients_in_a_storm)
{
    node_t *server;
    net_t *net = with_clients(CLIENTS, &server);

    for (size_t i = 0; i < net->node_count; i++) {
        net->nodes[i]->loss = 20;
        net->nodes[i]->duplicate = 10;
        net->nodes[i]->reorder = 10;
        net->nodes[i]->delay = 1;
    }
    net_start(net);
    connect_all(net, server);
    net_run(net, 60000);
    for (size_t i = 1; i <= CLIENTS; i++) {
        CHECK(node_connected(net->nodes[i], server));
        CHECK(net_echo(net->nodes[i], server));
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), CLIENTS);
    net_end(net);
}

EACH_VERSION(one_context_is_client_and_server)
{
    net_t *net = net_new(1);
    node_t *middle = net_node(net, "middle"), *a = net_node(net, "a"), *b = net_node(net, "b");

    net_start(net);
    CHECK(net_connect(a, middle, 1000));
    CHECK(net_connect(middle, b, 1000));
    CHECK(net_echo(a, middle));
    CHECK(net_echo(middle, b));
    CHECK(net_echo(b, middle));
    CHECK_EQ(dtls_close(middle->ctx, &a->address), 0);
    net_run(net, 1000);
    CHECK(net_echo(middle, b));
    net_end(net);
}

/* Each side starts as client, and receives the hello of the other. Both attempts must come to an
 * end. */
EACH_VERSION(both_connect_at_once)
{
    for (uint64_t delay = 0; delay < 3; delay++) {
        node_t *a, *b;
        net_t *net = net_pair(delay, &a, &b);
        size_t sent;

        a->config.accept = true;
        a->delay = b->delay = delay;
        net_start(net);
        CHECK(dtls_connect(a->ctx, &b->address) > 0);
        dtls_connect(b->ctx, &a->address);
        net_run(net, 200000);
        sent = net->packet_count;
        net_run(net, 600000);
        CHECK_EQ(net->packet_count, sent);
        CHECK_EQ(node_connected(a, b), node_connected(b, a));
        CHECK(!node_connected(a, b) || net_echo(a, b));
        net_end(net);
    }
}

EACH_VERSION(max_peers_limits_connects)
{
    node_t *server;
    net_t *net = with_clients(3, &server);
    node_t *client = net->nodes[1];

    client->config.max_peers = 2;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK(dtls_connect(client->ctx, &net->nodes[2]->address) > 0);
    CHECK_EQ(dtls_connect(client->ctx, &net->nodes[3]->address), -(int)DTLS_ERR_PEER_LIMIT);
    CHECK(dtls_get_peer(client->ctx, &net->nodes[3]->address) == NULL);
    net_run(net, 1000);
    CHECK(net_echo(client, server));
    dtls_reset_peer(client->ctx, dtls_get_peer(client->ctx, &server->address));
    CHECK(dtls_connect(client->ctx, &net->nodes[3]->address) > 0);
    net_end(net);
}

EACH_VERSION(max_peers_limits_accepts)
{
    enum { LIMIT = 10 };
    node_t *server;
    net_t *net = with_clients(LIMIT + 5, &server);
    size_t connected = 0;

    server->config.max_peers = LIMIT;
    net_start(net);
    for (size_t i = 1; i < net->node_count; i++) {
        dtls_connect(net->nodes[i]->ctx, &server->address);
        net_run(net, 100);
        connected += node_connected(net->nodes[i], server);
    }
    CHECK_EQ(connected, LIMIT + 5);
    for (size_t i = 1; i < net->node_count; i++) {
        bool evicted = i <= 5; /* the clients 1 to 5 have been silent longest */
        CHECK_EQ(node_connected(net->nodes[i], server), !evicted);
        CHECK_EQ(node_events(net->nodes[i], DTLS_EVENT_CLOSED), evicted);
        CHECK(evicted || net_echo(net->nodes[i], server));
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), LIMIT + 5);
    CHECK_EQ(node_events(server, DTLS_EVENT_FAILED), 5);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_PEER_LIMIT);
    net_end(net);
}

/* Returns the same key for every identity. */
static int any_identity(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                        const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)peer;
    (void)desc;
    (void)desc_length;
    if (type != DTLS_PSK_KEY || room < node->key_length) {
        return 0;
    }
    memcpy(result, node->key, node->key_length);
    return (int)node->key_length;
}

/* A newcomer evicts a client of the identity with most clients. A client without the key evicts
 * none. */
EACH_VERSION(the_identity_with_most_clients_is_evicted)
{
    enum { LIMIT = 6, GREEDY = 3 }; /* clients 1..3 share an identity; 4..6 have one each */
    node_t *server;
    net_t *net = with_clients(LIMIT + 3, &server);
    static const char *const names[] = {"dave", "erin", "frank", "grace"};
    static const uint8_t wrong[16] = "another key";

    server->config.max_peers = LIMIT;
    for (size_t i = 0; i < 4; i++) {
        net->nodes[GREEDY + 1 + i]->identity = (const uint8_t *)names[i];
        net->nodes[GREEDY + 1 + i]->identity_length = strlen(names[i]);
    }
    net->nodes[LIMIT + 2]->key = wrong;
    net_start(net);
    server->on_psk = any_identity;
    server->delay = 1;
    /* The clients that have an identity of their own have been silent longest. */
    for (size_t i = LIMIT; i > 0; i--) {
        CHECK(net_connect(net->nodes[i], server, 1000));
    }
    CHECK(!net_connect(net->nodes[LIMIT + 2], server, 3000));
    CHECK_EQ(node_ends(server), 1); /* the client with the wrong key */
    CHECK(dtls_connect(net->nodes[LIMIT + 1]->ctx, &server->address) > 0);
    net_run(net, 1000);
    CHECK(!node_connected(net->nodes[GREEDY], server));
    for (size_t i = 1; i <= LIMIT + 1; i++) {
        CHECK(i == GREEDY || net_echo(net->nodes[i], server));
    }
    net_end(net);
}

/* Drops what clients send after their hello with cookie, so that their handshakes stay
 * half-open. */
static void stop_after_hello(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    bool answer = wire_find(packet, CLIENT_KEY_EXCHANGE, &record) || wire_has(packet, HIDDEN, 2);

    if (packet->from != net->user && answer) {
        packet->copies = 0;
    }
}

EACH_VERSION(max_half_open_drops_the_oldest)
{
    enum { LIMIT = 5 };
    node_t *server;
    net_t *net = with_clients(3 * LIMIT, &server);

    server->config.max_half_open = LIMIT;
    net_start(net);
    CHECK(net_connect(net->nodes[1], server, 1000));
    net->tap = stop_after_hello;
    net->user = server;
    for (size_t i = 2; i < net->node_count; i++) {
        CHECK(dtls_connect(net->nodes[i]->ctx, &server->address) > 0);
        net_run(net, 250); /* a handshake is not evicted in its first second */
        CHECK(dtls_get_peer(server->ctx, &net->nodes[i]->address) != NULL);
        if (i >= 2 + LIMIT) {
            CHECK(dtls_get_peer(server->ctx, &net->nodes[i - LIMIT]->address) == NULL);
            CHECK(dtls_get_peer(server->ctx, &net->nodes[i - LIMIT + 1]->address) != NULL);
        }
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_FAILED), 3 * LIMIT - 1 - LIMIT);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_PEER_LIMIT);
    CHECK(net_echo(net->nodes[1], server));
    net_end(net);
}

/* A handshake that has just begun is not evicted for another one from its own network. */
EACH_OF_DTLS12(max_half_open_keeps_a_fresh_handshake)
{
    node_t *server;
    net_t *net = with_clients(2, &server);

    server->config.max_half_open = 1;
    net_start(net);
    net->tap = stop_after_hello;
    net->user = server;
    CHECK(dtls_connect(net->nodes[1]->ctx, &server->address) > 0);
    net_run(net, 1);
    CHECK(dtls_connect(net->nodes[2]->ctx, &server->address) > 0);
    net_run(net, 900);
    CHECK(dtls_get_peer(server->ctx, &net->nodes[1]->address) != NULL);
    CHECK(dtls_get_peer(server->ctx, &net->nodes[2]->address) == NULL);
    CHECK(node_stats(server, NULL).dropped[DTLS_DROP_LIMIT] > 0);
    net_run(net, 2000);
    CHECK(dtls_get_peer(server->ctx, &net->nodes[2]->address) != NULL);
    net_end(net);
}

/* Connected peers do not count as half-open. */
EACH_VERSION(max_half_open_counts_handshakes_only)
{
    node_t *server;
    net_t *net = with_clients(20, &server);

    server->config.max_half_open = 1;
    net_start(net);
    for (size_t i = 1; i < net->node_count; i++) {
        CHECK(net_connect(net->nodes[i], server, 1000));
    }
    for (size_t i = 1; i < net->node_count; i++) {
        CHECK(net_echo(net->nodes[i], server));
    }
    net_end(net);
}
