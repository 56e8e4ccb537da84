/*
 * mtu.c - every MTU from 256 to 1500, with identities that need fragments: the handshake completes,
 * and no datagram is longer than the MTU.
 */
#include "net.h"

#include <stdlib.h>
#include <string.h>

static uint8_t text[DTLS_MAX_IDENTITY];

/* Fills the identities once only, because that takes a tenth of the time of a handshake. */
static void fill_text(void)
{
    if (text[sizeof(text) - 1] != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t)(i * 7 >> 3);
    }
}

static net_t *with_identity(uint64_t seed, size_t mtu, size_t length, node_t **client,
                            node_t **server)
{
    net_t *net = net_pair(seed, client, server);

    fill_text();
    (*client)->identity = (*server)->identity = text;
    (*client)->identity_length = (*server)->identity_length = length;
    (*client)->config.mtu = (*server)->config.mtu = mtu;
    return net;
}

static void check_sizes(const net_t *net)
{
    for (size_t i = 0; i < net->packet_count; i++) {
        CHECK(net->packets[i].length <= net->packets[i].from->config.mtu);
    }
}

/* The bytes of a DTLS 1.2 hello without its identity. The client does not fragment the hello, so
 * the least MTU is HELLO bytes more than the identity. */
enum { HELLO = 352 };

static void fill_a_datagram(node_t *client, node_t *server, size_t mtu)
{
    size_t payload = dtls_max_payload(client->ctx, &server->address);
    size_t before = client->net->packet_count;
    session_t peer = server->address;

    CHECK(payload > 0 && payload < mtu);
    CHECK_EQ(dtls_write(client->ctx, &peer, text, payload), (int)payload);
    CHECK_EQ(client->net->packets[before].length, mtu);
    net_run(client->net, 10);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(server->messages[0].length, payload);
    CHECK_MEM(server->messages[0].data, text, payload);
}

static void every_mtu(dtls_cookie_t cookie, size_t length)
{
    for (size_t mtu = 256; mtu <= 1500; mtu++) {
        node_t *client, *server;
        net_t *net = with_identity(mtu, mtu, length, &client, &server);

        NOTE("MTU %zu, identity of %zu", mtu, length);
        server->config.cookie = cookie;
        if (net_version == DTLS13 && mtu < HELLO + length) {
            client->config.mtu = HELLO + length;
        }
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        fill_a_datagram(client, server, client->config.mtu);
        check_sizes(net);
        net_end(net);
    }
}

EACH_VERSION(mtu_256_to_1500_with_cookie)
{
    every_mtu(DTLS_COOKIE_ON, 15);
    every_mtu(DTLS_COOKIE_ON, 128);
    every_mtu(DTLS_COOKIE_ON, 1000);
}

EACH_VERSION(mtu_256_to_1500_without_cookie)
{
    every_mtu(DTLS_COOKIE_OFF, 15);
    every_mtu(DTLS_COOKIE_OFF, 128);
    every_mtu(DTLS_COOKIE_OFF, 1000);
}

TEST(mtu_with_every_identity_length)
{
    for (size_t length = 0; length <= 1000; length++) {
        node_t *client, *server;
        net_t *net = with_identity(length, 256, length, &client, &server);

        NOTE("identity of %zu", length);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        check_sizes(net);
        net_end(net);
    }
}

/* ServerHelloDone is a header without a body. If that does not fit, it starts another datagram. */
EACH_OF_DTLS12(mtu_with_every_hint_length)
{
    for (size_t length = 0; length <= 500; length++) {
        node_t *client, *server;
        net_t *net = with_identity(length, 256, 15, &client, &server);

        NOTE("hint of %zu", length);
        server->hint = text;
        server->hint_length = length;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        check_sizes(net);
        net_end(net);
    }
}

/* The longest hello: P-256, SHA-384, both versions, and our cookie. */
TEST(hello_of_dtls13_is_whole_with_every_identity_length)
{
    static const uint16_t p256 = 23;

    for (size_t length = 1; length <= 1000; length++) {
        node_t *client, *server;
        net_t *net = with_identity(length, HELLO + length, length, &client, &server);
        dtls_info_t info;

        NOTE("identity of %zu", length);
        client->config.only_version = server->config.only_version = BOTH_VERSIONS;
        client->config.psk_sha384 = server->config.psk_sha384 = true;
        client->config.groups = &p256;
        client->config.group_count = 1;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        check_sizes(net);
        CHECK_EQ(net->packet_count, 6);
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK_EQ(info.version, DTLS13);
        net_end(net);
    }
}

TEST(identity_too_long_for_a_hello_of_dtls13)
{
    static const size_t lengths[] = {0, 1200, 65535};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        node_t *client, *server;
        net_t *net = with_identity(i, 1232, lengths[i], &client, &server);
        dtls_info_t info;

        NOTE("identity of %zu", lengths[i]);
        client->config.only_version = server->config.only_version = BOTH_VERSIONS;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK_EQ(info.version, DTLS12);
        net_end(net);

        net = with_identity(i, 1232, lengths[i], &client, &server);
        client->config.only_version = DTLS13;
        net_start(net);
        CHECK_EQ(dtls_connect(client->ctx, &server->address),
                 lengths[i] ? -DTLS_ERR_TOO_LONG : -DTLS_ERR_NO_CREDENTIALS);
        CHECK_EQ(net->packet_count, 0);
        net_end(net);
    }
}

static void longest_identity(size_t mtu, unsigned loss)
{
    node_t *client, *server;
    net_t *net = with_identity(mtu + loss, mtu, sizeof(text), &client, &server);
    dtls_info_t info;

    NOTE("MTU %zu, %u %% loss", mtu, loss);
    client->loss = server->loss = loss;
    client->delay = server->delay = 1;
    net_start(net);
    CHECK(net_connect(client, server, 60000));
    check_sizes(net);
    CHECK_EQ(dtls_get_info(server->ctx, &client->address, &info), 0);
    CHECK_EQ(info.identity_length, sizeof(text));
    CHECK_MEM(info.identity, text, sizeof(text));
    net_end(net);
}

TEST(identity_of_65535_bytes)
{
    longest_identity(256, 0);
    longest_identity(512, 0);
    longest_identity(1232, 0);
    longest_identity(1500, 0);
    longest_identity(65507, 0);
}

TEST(identity_of_65535_bytes_with_loss)
{
    longest_identity(256, 10);
    longest_identity(1232, 10);
    longest_identity(1232, 30);
}

static void cut_to_smaller(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->length > 400) {
        packet->copies = 0;
    }
}

static size_t mtu_of(const node_t *node, const node_t *peer)
{
    dtls_info_t info;

    CHECK_EQ(dtls_get_info(node->ctx, &peer->address, &info), 0);
    return info.mtu;
}

/* RFC 6347 section 4.1.1.1: if the path drops large datagrams, the sender uses smaller
 * fragments. */
TEST(mtu_black_hole_is_survived)
{
    node_t *client, *server;
    net_t *net = with_identity(1, 1232, 1000, &client, &server);

    net_start(net);
    net->tap = cut_to_smaller;
    CHECK(net_connect(client, server, 60000));
    CHECK_EQ(mtu_of(client, server), 256); /* the side whose identity did not fit */
    CHECK_EQ(mtu_of(server, client), 1232);
    net_end(net);
}

/* If all datagrams of a flight are short anyway, their loss does not lower the MTU. */
EACH_VERSION(short_flights_lower_no_mtu)
{
    for (unsigned seed = 1; seed <= 50; seed++) {
        node_t *client, *server;
        net_t *net = with_identity(seed, 1232, 15, &client, &server);

        NOTE("seed %u", seed);
        client->loss = server->loss = 40;
        client->config.handshake_ms = server->config.handshake_ms = 600000;
        net_start(net);
        CHECK(net_connect(client, server, 600000));
        CHECK_EQ(mtu_of(client, server), 1232);
        CHECK_EQ(mtu_of(server, client), 1232);
        net_end(net);
    }
}

static void cut_the_flight(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user && packet->length > 256) {
        packet->copies = 0;
    }
}

/* The longest flight of DTLS 1.3, with P-256, SHA-384 and a connection ID. */
TEST(mtu_black_hole_is_survived_dtls13)
{
    static const uint16_t p256 = 23;
    node_t *client, *server;
    net_t *net = with_identity(1, 1232, 15, &client, &server);

    client->config.only_version = server->config.only_version = DTLS13;
    client->config.psk_sha384 = server->config.psk_sha384 = true;
    client->config.groups = &p256;
    client->config.group_count = 1;
    client->config.use_cid = server->config.use_cid = true;
    server->config.cid_length = 20;
    net_start(net);
    net->tap = cut_the_flight;
    net->user = server;
    CHECK(net_connect(client, server, 60000));
    CHECK(net->packet_count > 10);
    CHECK_EQ(mtu_of(server, client), 256);
    net_end(net);
}

/* A server that requests no cookie reassembles the hello. */
EACH_VERSION(hello_in_fragments_is_reassembled)
{
    static const uint16_t p256 = 23;
    for (unsigned seed = 1; seed <= 50; seed++) {
        node_t *client, *server;
        net_t *net = with_identity(seed, 256, 100, &client, &server);

        NOTE("seed %u", seed);
        client->config.use_cid = server->config.use_cid = true;
        client->config.cid_length = 20;
        client->config.groups = &p256;
        client->config.group_count = 1;
        server->config.cookie = DTLS_COOKIE_OFF;
        client->loss = server->loss = seed % 3 * 10;
        client->duplicate = server->duplicate = seed % 2 * 20;
        client->reorder = server->reorder = 20;
        client->reorder_ms = server->reorder_ms = 5;
        net_start(net);
        CHECK(net_connect(client, server, 60000));
        net_calm(net);
        net_run(net, 100);
        CHECK(net_echo(client, server));
        CHECK(net->packets[0].length <= 256);
        CHECK_EQ(node_ends(server), 0);
        net_end(net);
    }
}

/* ---- path MTU probes, RFC 6520 section 5.1 ---- */

static void cut_to_548(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->length > 548) {
        packet->copies = 0;
    }
}

static net_t *narrow(unsigned seed, node_t **client, node_t **server)
{
    net_t *net = net_pair(seed, client, server);

    (*client)->config.heartbeat = (*server)->config.heartbeat = true;
    (*client)->delay = (*server)->delay = 5;
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    net->tap = cut_to_548;
    return net;
}

static int probe(node_t *node, const node_t *peer, size_t mtu)
{
    return dtls_probe_mtu(node->ctx, &peer->address, mtu);
}

static void check_probe(node_t *node, node_t *peer, size_t mtu, bool arrives)
{
    size_t before = mtu_of(node, peer), events = node_events(node, DTLS_EVENT_MTU);
    size_t first = node->net->packet_count;

    NOTE("%zu bytes from the %s", mtu, node->name);
    CHECK_EQ(probe(node, peer, mtu), 0);
    CHECK_EQ(node->net->packets[first].length, mtu);
    CHECK_EQ(probe(node, peer, mtu), -DTLS_ERR_STATE);
    CHECK_EQ(dtls_heartbeat(node->ctx, &peer->address, NULL, 0), -DTLS_ERR_STATE);
    net_run(node->net, 2000);
    CHECK_EQ(node->net->packet_count - first, arrives ? 2 : 3);
    CHECK_EQ(node_events(node, DTLS_EVENT_MTU), events + 1);
    CHECK_EQ(node_events(node, DTLS_EVENT_HEARTBEAT), 0);
    CHECK_EQ(mtu_of(node, peer), arrives ? mtu : before);
}

EACH_VERSION(probes_find_what_the_path_takes)
{
    node_t *client, *server;
    net_t *net = narrow(1, &client, &server);

    check_probe(client, server, 1232, false);
    check_probe(client, server, 549, false);
    check_probe(client, server, 548, true);
    fill_a_datagram(client, server, 548);
    check_probe(server, client, 549, false);
    check_probe(server, client, 256, true);
    check_probe(server, client, 548, true);
    net_calm(net);
    check_probe(client, server, 1232, true);
    fill_a_datagram(server, client, 548);
    check_probe(server, client, 9000, true);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A response to a padded request is sent at once, even while responses are delayed. */
EACH_VERSION(probes_are_answered_while_heartbeats_are_held)
{
    node_t *client, *server;
    net_t *net = narrow(1, &client, &server);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    check_probe(client, server, 500, true);
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), 0);
    /* One request at a time, RFC 6520 section 4. */
    CHECK_EQ(probe(client, server, 500), -DTLS_ERR_STATE);
    net_run(net, 10000);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    net_end(net);
}

EACH_VERSION(late_response_to_a_probe_changes_nothing)
{
    node_t *client, *server;
    net_t *net = narrow(1, &client, &server);

    server->delay = 5000;
    CHECK_EQ(probe(client, server, 400), 0);
    net_run(net, 20000);
    CHECK_EQ(mtu_of(client, server), 1232);
    CHECK_EQ(node_events(client, DTLS_EVENT_MTU), 1);
    net_end(net);
}

EACH_VERSION(probes_that_make_no_sense)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.heartbeat = true;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(probe(client, server, 255), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(probe(client, server, 65508), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(probe(client, server, 500), -DTLS_ERR_STATE); /* a peer without heartbeats */
    CHECK_EQ(probe(client, client, 500), -DTLS_ERR_STATE);
    net_end(net);
}
