/*
 * mutate.c - handshake datagrams in which bytes are changed, removed, added or repeated. Memory
 * stays valid, no timer stalls, and only data that was sent is delivered.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS = 2000, CALM_AFTER = 24 };

static void flip_bits(net_t *net, net_packet_t *packet)
{
    for (uint64_t i = 1 + net_random(net, 3); i-- > 0;) {
        size_t place = net_random(net, packet->length);

        packet->data[place] = (uint8_t)(packet->data[place] ^ 1 << net_random(net, 8));
    }
}

static void set_length(net_t *net, net_packet_t *packet)
{
    static const uint8_t edges[] = {0, 1, 2, 12, 13, 0x7f, 0x80, 0xfe, 0xff};
    size_t place = net_random(net, packet->length < 48 ? packet->length : 48);

    packet->data[place] = edges[net_random(net, sizeof(edges))];
}

static void cut(net_t *net, net_packet_t *packet)
{
    packet->length = net_random(net, packet->length + 1);
}

static void send_junk(net_t *net, net_packet_t *packet)
{
    uint8_t junk[64];

    for (size_t i = 0; i < sizeof(junk); i++) {
        junk[i] = (uint8_t)net_random(net, 256);
    }
    junk[0] = (uint8_t)(20 + net_random(net, 6));
    junk[1] = 0xfe;
    junk[2] = 0xfd;
    net_carry(packet->from, packet->to, junk, net_random(net, sizeof(junk) + 1), 0);
}

static void swap_halves(net_t *net, net_packet_t *packet)
{
    size_t place = net_random(net, packet->length);
    uint8_t turned[2048];

    if (packet->length > sizeof(turned)) {
        return;
    }
    memcpy(turned, packet->data + place, packet->length - place);
    memcpy(turned + packet->length - place, packet->data, place);
    memcpy(packet->data, turned, packet->length);
}

static void send_older(net_t *net, net_packet_t *packet)
{
    const net_packet_t *older = &net->packets[net_random(net, net->packet_count)];

    net_carry(packet->from, packet->to, older->data, older->length, net_random(net, 3));
}

static void mutate(net_t *net, net_packet_t *packet)
{
    static void (*const ways[])(net_t *, net_packet_t *) = {flip_bits, set_length,  cut,
                                                            send_junk, swap_halves, send_older};
    size_t *count = net->user;

    if (packet->length == 0 || ++*count > CALM_AFTER || net_random(net, 100) < 40) {
        return;
    }
    if (net_random(net, 3) == 0) { /* the genuine datagram is sent too */
        net_carry(packet->from, packet->to, packet->data, packet->length, 1);
    }
    ways[net_random(net, sizeof(ways) / sizeof(*ways))](net, packet);
}

static void check_messages(const node_t *node)
{
    for (size_t i = 0; i < node->message_count; i++) {
        CHECK_STR((const char *)node->messages[i].data, "genuine");
    }
    CHECK(node->message_count <= 1);
    CHECK(node_events(node, DTLS_EVENT_CONNECTED) <= node_events(node, DTLS_EVENT_CONNECT));
}

static bool survive(unsigned seed)
{
    static const size_t mtus[] = {256, 300, 1232};
    /* A DTLS 1.3 hello must not be fragmented. */
    size_t least = net_version == DTLS12 ? 0 : 1232;
    static uint8_t text[600];
    size_t count = 0;
    node_t *client, *server;
    net_t *net = net_pair(seed, &client, &server);
    bool good;

    NOTE("seed %u", seed);
    memset(text, 'u', sizeof(text));
    client->identity = server->identity = server->hint = text;
    client->identity_length = server->identity_length = seed % 2 ? 15 : 500;
    server->hint_length = seed % 5 ? 0 : 400;
    client->config.mtu = server->config.mtu = least > 0 ? least : mtus[seed % 3];
    server->config.cookie = (dtls_cookie_t)(seed % 3);
    net_start(net);
    net->tap = mutate;
    net->user = &count;
    good = net_connect(client, server, 60000);
    if (good) {
        node_write(client, server, "genuine");
        node_write(server, client, "genuine");
    }
    net_run(net, 10);
    dtls_close(client->ctx, &server->address);
    dtls_close(server->ctx, &client->address);
    net_run(net, 200000);
    check_messages(client);
    check_messages(server);
    CHECK_EQ(node_ends(client), node_events(client, DTLS_EVENT_CONNECT));
    CHECK_EQ(node_ends(server), node_events(server, DTLS_EVENT_CONNECT));
    net_end(net);
    return good;
}

EACH_VERSION(mutated_handshakes)
{
    unsigned good = 0, seeds = test_seeds(SEEDS);

    for (unsigned seed = 1; seed <= seeds; seed++) {
        good += survive(seed);
    }
    CHECK(good > seeds / 2);
}

/* ---- in addition to the genuine datagrams: the handshake must complete ---- */

typedef struct {
    size_t index, value;
} spot_t;

static void send_cut(net_t *net, net_packet_t *packet)
{
    const spot_t *spot = net->user;

    if (packet->index == spot->index && spot->value < packet->length) {
        net_inject(packet->to, &packet->from->address, packet->data, spot->value);
    }
}

static void send_flipped(net_t *net, net_packet_t *packet)
{
    const spot_t *spot = net->user;

    if (packet->index == spot->index && spot->value / 8 < packet->length) {
        uint8_t *byte = &packet->data[spot->value / 8];
        uint8_t bit = (uint8_t)(1 << spot->value % 8);

        *byte ^= bit;
        net_inject(packet->to, &packet->from->address, packet->data, packet->length);
        *byte ^= bit;
    }
}

static bool complete_despite(net_tap_t tap, size_t index, size_t value, dtls_cookie_t cookie)
{
    spot_t spot = {index, value};
    node_t *client, *server;
    net_t *net = net_pair(3, &client, &server);
    bool good;

    NOTE("datagram %zu, at %zu, cookie %d", index, value, (int)cookie);
    client->delay = server->delay = 1;
    server->config.cookie = cookie;
    net_start(net);
    net->tap = tap;
    net->user = &spot;
    good = net_connect(client, server, 60000);
    CHECK(!good || net_echo(client, server));
    net_run(net, 60000);
    CHECK(node_ends(client) <= 1);
    net_end(net);
    return good;
}

EACH_VERSION(every_truncation_beside_the_genuine_datagram)
{
    for (size_t index = 0; index < 6; index++) {
        for (size_t length = 0; length < 130; length++) {
            CHECK(complete_despite(send_cut, index, length, DTLS_COOKIE_ON));
            CHECK(complete_despite(send_cut, index, length, DTLS_COOKIE_OFF));
        }
    }
}

/* A copy of each datagram with one flipped bit arrives before it. In a plaintext message the
 * flipped bit may not be detectable, so there the handshake may fail. It must not fail for a bit in
 * a record header, in the hello before the cookie, or in a protected record. */
EACH_VERSION(every_bit_beside_the_genuine_datagram)
{
    for (size_t index = 0; index < 6; index++) {
        for (size_t bit = 0; bit < 8 * 130; bit++) {
            bool good = complete_despite(send_flipped, index, bit, DTLS_COOKIE_ON);

            /* A DTLS 1.3 client accepts a HelloRetryRequest with a cookie for a forged hello (RFC
             * 9147 section 5.1). */
            size_t first = net_version == DTLS12 ? 1 : 0;

            CHECK(good || (index >= first && index < 5 && bit >= 8 * WIRE_RECORD_HEADER));
        }
    }
}
