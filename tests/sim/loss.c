/*
 * loss.c - handshakes in which given datagrams are lost or duplicated. Each handshake must
 * complete.
 */
#include "jar.h"
#include "net.h"
#include "wire.h"

#include <string.h>

static const uint16_t p256 = 23, gcm384 = 0x1302;

typedef struct {
    const char *name;
    uint16_t version;
    dtls_cookie_t cookie;
    size_t mtu, identity_length, hint_length;
    /* Must be at least the number of datagrams of the handshake, and of some retransmissions. */
    size_t datagrams;
    bool psk_ke;
    const uint16_t *groups[2]; /* the only group of the client, and of the server; NULL: all */
    bool sha384;
    bool resumed;
} shape_t;

#define BIT(n) (UINT64_C(1) << (n))

static const shape_t shapes[] = {
    {"cookie", DTLS12, DTLS_COOKIE_ON, 1232, 15, 0, 10, .psk_ke = false},
    {"no cookie", DTLS12, DTLS_COOKIE_OFF, 1232, 15, 0, 8, .psk_ke = false},
    {"fragments", DTLS12, DTLS_COOKIE_ON, 256, 700, 500, 24, .psk_ke = false},
    {"fragments, long flight", DTLS12, DTLS_COOKIE_OFF, 256, 700, 500, 24, .psk_ke = false},
    {"resumed", DTLS12, DTLS_COOKIE_ON, 1232, 15, 0, 8, .resumed = true},
    {"resumed in fragments", DTLS12, DTLS_COOKIE_ON, 256, 200, 0, 16, .resumed = true},
    {"resumed, no cookie", DTLS12, DTLS_COOKIE_OFF, 1232, 15, 0, 8, .resumed = true},
    {"cookie", DTLS13, DTLS_COOKIE_ON, 1232, 15, 0, 10, .psk_ke = false},
    {"no cookie", DTLS13, DTLS_COOKIE_OFF, 1232, 15, 0, 8, .psk_ke = false},
    {"psk_ke, cookie", DTLS13, DTLS_COOKIE_ON, 1232, 15, 0, 10, .psk_ke = true},
    {"psk_ke, no cookie", DTLS13, DTLS_COOKIE_OFF, 1232, 15, 0, 8, .psk_ke = true},
    {"another group, cookie", DTLS13, DTLS_COOKIE_ON, 1232, 15, 0, 10, .groups = {NULL, &p256}},
    {"another group, no cookie", DTLS13, DTLS_COOKIE_OFF, 1232, 15, 0, 10, .groups = {NULL, &p256}},
    {"flight of two datagrams", DTLS13, DTLS_COOKIE_ON, 256, 15, 0, 12, .groups = {&p256, &p256},
     .sha384 = true},
    {"flight of two, no cookie", DTLS13, DTLS_COOKIE_OFF, 256, 15, 0, 10, .groups = {&p256, &p256},
     .sha384 = true},
};

typedef struct {
    uint64_t lost, twice; /* one bit for each datagram */
    size_t first;         /* the datagram of the first bit */
} plan_t;

static void follow_plan(net_t *net, net_packet_t *packet)
{
    const plan_t *plan = net->user;

    size_t n = packet->index - plan->first;

    if (n < 64) {
        packet->copies = plan->lost >> n & 1 ? 0 : 1 + (plan->twice >> n & 1);
    }
}

static jar_t jar;

static void configure(node_t *client, node_t *server, const shape_t *shape)
{
    static uint8_t text[1024];
    node_t *nodes[] = {client, server};

    memset(text, 'i', sizeof(text));
    for (size_t i = 0; i < 2; i++) {
        dtls_config_t *config = &nodes[i]->config;

        nodes[i]->identity = text;
        nodes[i]->identity_length = shape->identity_length;
        nodes[i]->delay = 5;
        config->mtu = shape->mtu;
        config->key_exchange = shape->psk_ke ? DTLS_KE_PSK_ONLY : DTLS_KE_DEFAULT;
        config->groups = shape->groups[i];
        config->group_count = shape->groups[i] != NULL;
        config->psk_sha384 = shape->sha384;
        config->suites = shape->sha384 ? &gcm384 : NULL;
        config->suite_count = shape->sha384;
    }
    if (shape->version == DTLS13 || shape->resumed) {
        client->config.mtu = 1232; /* so that the hello is not fragmented */
    }
    server->hint = text;
    server->hint_length = shape->hint_length;
    server->config.cookie = shape->cookie;
    server->config.tickets = shape->resumed;
    if (shape->resumed)
        jar_use(client, &jar);
}

static void get_ticket(node_t *client, node_t *server)
{
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(client->net, 1000);
}

static int start(node_t *client, node_t *server, const shape_t *shape)
{
    if (!shape->resumed) {
        return dtls_connect(client->ctx, &server->address);
    }
    return resume(client, server, &jar, 1000);
}

static bool both_connected(net_t *net)
{
    return node_connected(net->nodes[0], net->nodes[1]) &&
           node_connected(net->nodes[1], net->nodes[0]);
}

static void check_info(const node_t *node, const node_t *peer, bool resumed)
{
    dtls_info_t info;

    CHECK_EQ(dtls_get_info(node->ctx, &peer->address, &info), 0);
    CHECK_EQ(info.resumed, resumed);
}

static void complete(const shape_t *shape, plan_t *plan)
{
    node_t *client, *server;
    net_t *net = net_pair(7, &client, &server);

    configure(client, server, shape);
    net_start(net);
    if (shape->resumed) {
        get_ticket(client, server);
    }
    size_t before = node_events(client, DTLS_EVENT_CONNECTED), ends = node_ends(client);
    plan->first = net->packet_count;
    net->tap = follow_plan;
    net->user = plan;
    CHECK(start(client, server, shape) > 0);
    CHECK(net_until(net, both_connected, 60000));
    net_calm(net);
    net_run(net, 5000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), before + 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), before + 1);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client), ends);
    CHECK_EQ(node_ends(server), ends);
    check_info(client, server, shape->resumed);
    check_info(server, client, shape->resumed);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    net_end(net);
}

/* Returns the next variant of a handshake of this version, or NULL after the last one. */
static const shape_t *next_shape(const shape_t *shape)
{
    const shape_t *end = shapes + sizeof(shapes) / sizeof(*shapes);

    for (shape = shape ? shape + 1 : shapes; shape < end; shape++) {
        if (shape->version == net_version) {
            return shape;
        }
    }
    return NULL;
}

EACH_VERSION(each_datagram_lost)
{
    for (const shape_t *s = NULL; (s = next_shape(s)) != NULL;) {
        for (size_t k = 0; k < s->datagrams; k++) {
            plan_t plan = {.lost = BIT(k)};

            NOTE("%s, datagram %zu", s->name, k);
            complete(s, &plan);
        }
    }
}

EACH_VERSION(each_pair_of_datagrams_lost)
{
    for (const shape_t *s = NULL; (s = next_shape(s)) != NULL;) {
        for (size_t k = 0; k < s->datagrams; k++) {
            for (size_t j = 0; j < k; j++) {
                plan_t plan = {.lost = BIT(k) | BIT(j)};

                NOTE("%s, datagrams %zu and %zu", s->name, j, k);
                complete(s, &plan);
            }
        }
    }
}

EACH_VERSION(each_datagram_twice)
{
    for (const shape_t *s = NULL; (s = next_shape(s)) != NULL;) {
        for (size_t k = 0; k < s->datagrams; k++) {
            plan_t plan = {.twice = BIT(k)};

            NOTE("%s, datagram %zu", s->name, k);
            complete(s, &plan);
        }
    }
}

EACH_VERSION(one_datagram_twice_another_lost)
{
    for (const shape_t *s = NULL; (s = next_shape(s)) != NULL;) {
        for (size_t k = 0; k < s->datagrams; k++) {
            for (size_t j = 0; j < s->datagrams; j++) {
                plan_t plan = {.twice = BIT(k), .lost = BIT(j)};

                NOTE("%s, datagram %zu twice, %zu lost", s->name, k, j);
                complete(s, &plan);
            }
        }
    }
}

EACH_VERSION(all_datagrams_twice)
{
    for (const shape_t *s = NULL; (s = next_shape(s)) != NULL;) {
        plan_t plan = {.twice = UINT64_MAX};

        NOTE("%s", s->name);
        complete(s, &plan);
    }
}

/* ---- loss of the server's first flights ---- */

typedef struct {
    const node_t *server;
    unsigned lost, seen;
} hello_attacker_t;

static void drop_server_hello(net_t *net, net_packet_t *packet)
{
    hello_attacker_t *attacker = net->user;
    wire_record_t record;

    if (packet->from == attacker->server && wire_find(packet, SERVER_HELLO, &record) &&
        attacker->seen++ < attacker->lost) {
        packet->copies = 0;
    }
}

/* The client retransmits its hello by its timer, and the server must respond each time. If the
 * server had a timer that doubled in the same steps, each hello would arrive before the server is
 * ready to respond. */
static void complete_without(dtls_cookie_t cookie, unsigned lost, uint64_t limit)
{
    node_t *client, *server;
    net_t *net = net_pair(3, &client, &server);
    hello_attacker_t attacker = {.lost = lost};
    uint64_t from = net->now;

    NOTE("%u flights lost", lost);
    attacker.server = server;
    server->config.cookie = cookie;
    client->delay = server->delay = 1;
    net_start(net);
    net->tap = drop_server_hello;
    net->user = &attacker;
    CHECK(net_connect(client, server, 60000));
    CHECK(net->now - from <= limit);
    net_end(net);
}

TEST(first_server_flights_lost)
{
    /* 100 ms, plus the timeouts of a timer that starts at 400 ms and doubles. */
    static const uint64_t limits[] = {100, 500, 1300, 2900, 6100};

    for (unsigned lost = 0; lost < sizeof(limits) / sizeof(*limits); lost++) {
        complete_without(DTLS_COOKIE_OFF, lost, limits[lost]);
        complete_without(DTLS_COOKIE_ON, lost, limits[lost]);
    }
}
