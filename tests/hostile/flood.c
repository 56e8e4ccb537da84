/*
 * flood.c - many ClientHellos with valid cookies, whose handshakes do not continue. Clients with a
 * round trip of 100 ms connect meanwhile.
 */
#include "wire.h"

#include <arpa/inet.h>
#include <string.h>

enum { RTT = 100, TRIES = 20, TRY_MS = 40, WARM_UP_MS = 1100, LIMIT_MS = 5000 };
enum { HALF_OPEN_BYTES = 5500, CONTEXT_BYTES = 600000 };

typedef struct {
    const char *name;
    unsigned per_ms;   /* ClientHellos in each millisecond */
    uint32_t networks; /* how many networks of the attacker send in turn */
    bool ipv6;         /* each ClientHello comes from another address of the /64 */
    bool same_address; /* the clients have the address of the attacker's first network */
    bool together;     /* the clients have one address, and connect at the same time */
} flood_t;

static const flood_t floods[] = {
    {.name = "one host", .per_ms = 10, .networks = 1},
    {.name = "1,000 hosts", .per_ms = 10, .networks = 1000},
    {.name = "one host, fast", .per_ms = 50, .networks = 1},
    {.name = "1,000 hosts, fast", .per_ms = 50, .networks = 1000},
    {.name = "more hosts than handshakes", .per_ms = 10, .networks = 10000},
    {.name = "one /64", .per_ms = 10, .networks = 1, .ipv6 = true},
    {.name = "1,000 /64s", .per_ms = 10, .networks = 1000, .ipv6 = true},
    {.name = "the address of the clients", .per_ms = 10, .networks = 1, .same_address = true},
    {.name = "clients behind one address", .per_ms = 10, .networks = 1000, .together = true},
};

/* Sets the source of the nth ClientHello: below the ports of the nodes, so that the network drops
 * the responses. */
static void set_source(session_t *from, const flood_t *flood, uint32_t nth)
{
    uint32_t network = nth % flood->networks, turn = nth / flood->networks;
    unsigned port = 1000 + turn % 30000;

    dtls_session_init(from);
    if (flood->ipv6) {
        const uint32_t parts[] = {htonl(0x20010db8), htonl(network), htonl(turn), htonl(nth)};

        from->size = sizeof(from->addr.sin6);
        from->addr.sin6.sin6_family = AF_INET6;
        memcpy(&from->addr.sin6.sin6_addr, parts, sizeof(parts));
        from->addr.sin6.sin6_port = htons((uint16_t)port);
    } else {
        net_address(from, port);
        from->addr.sin.sin_addr.s_addr = htonl(0x0a000000 + network);
    }
}

/* Sends a ClientHello, and then the same with the cookie of the HelloVerifyRequest. */
static void begin_handshake(node_t *server, const flood_t *flood, uint32_t nth)
{
    wire_hello_t form = {.random = (uint8_t)nth};
    wire_t hello = {.length = 0}, again = {.length = 0};
    net_t *net = server->net;
    session_t from;

    set_source(&from, flood, nth);
    wire_put_hello(&hello, &form);
    net_inject(server, &from, hello.data, hello.length);
    form.sequence = form.msg_seq = 1;
    CHECK(wire_cookie(&net->packets[net->packet_count - 1], &form.cookie, &form.cookie_length));
    wire_put_hello(&again, &form);
    net_inject(server, &from, again.data, again.length);
}

static void add_clients(net_t *net, const flood_t *flood)
{
    for (unsigned i = 0; i < TRIES; i++) {
        node_t *client = net_node(net, "client");
        unsigned host = flood->together ? 0 : i;

        client->config.accept = false;
        client->delay = RTT / 2;
        client->address.addr.sin.sin_addr.s_addr =
            htonl(flood->same_address ? 0x0a000000 : 0x0b000000 + host);
    }
}

/* Returns how long to wait for the clients: for three round trips, unless some of their
 * ClientHellos are dropped. A binder of DTLS 1.3 authenticates a client at once, so clients behind
 * one address do not exceed their share. */
static unsigned patience(const flood_t *flood)
{
    bool drops =
        flood->same_address || (flood->together && net_version == DTLS12) || flood->networks > 5000;

    return drops ? LIMIT_MS : 3 * RTT;
}

static bool all_connected(const net_t *net, const node_t *server)
{
    for (unsigned i = 1; i <= TRIES; i++) {
        if (!node_connected(net->nodes[i], server) || !node_connected(server, net->nodes[i]))
            return false;
    }
    return true;
}

static void withstand(const flood_t *flood)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    unsigned apart = flood->together ? 0 : TRY_MS, tries = 0;
    unsigned last = WARM_UP_MS + TRIES * apart + patience(flood);
    uint32_t sent = 0;

    server->config.only_version = BOTH_VERSIONS;
    server->config.trace = NULL;
    server->crowded = true;
    server->delay = RTT / 2;
    add_clients(net, flood);
    net_start(net);
    for (unsigned ms = 0; ms < last && !(ms % RTT == 0 && all_connected(net, server)); ms++) {
        for (; tries < TRIES && ms >= WARM_UP_MS + tries * apart; tries++)
            CHECK(dtls_connect(net->nodes[1 + tries]->ctx, &server->address) > 0);
        for (unsigned i = 0; i < flood->per_ms; i++)
            begin_handshake(server, flood, sent++);
        net_run(net, 1);
    }
    for (unsigned i = 1; i <= TRIES; i++) {
        NOTE("%s, try %u", flood->name, i);
        CHECK(node_connected(net->nodes[i], server));
        CHECK(node_connected(server, net->nodes[i]));
    }
    CHECK(server->peak_bytes < server->config.max_half_open * HALF_OPEN_BYTES + CONTEXT_BYTES);
    net_end(net);
}

static void withstand_all(uint16_t version)
{
    net_version = version;
    for (size_t i = 0; i < sizeof(floods) / sizeof(*floods); i++)
        withstand(&floods[i]);
    net_version = DTLS12;
}

TEST(clients_connect_during_a_flood_dtls12)
{
    withstand_all(DTLS12);
}

TEST(clients_connect_during_a_flood_dtls13)
{
    withstand_all(DTLS13);
}

enum { CLIENTS = 10 };

/* Returns how many of the CLIENTS clients of a network have a handshake. first: the number of its first ClientHello. */
static unsigned count_peers(const node_t *server, const flood_t *flood, uint32_t first)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        session_t from;

        set_source(&from, flood, first + i * flood->networks);
        count += dtls_get_peer(server->ctx, &from) != NULL;
    }
    return count;
}

/* While a network has its share of the handshakes, its further ClientHellos start none. So the server does not have to
 * end a handshake of this network when the clients of another network start theirs. */
TEST(a_network_has_at_most_its_share)
{
    enum { LIMIT = 8, NETWORKS = 2, SHARE = LIMIT / NETWORKS };
    static const flood_t flood = {.networks = NETWORKS};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");

    server->config.max_half_open = LIMIT;
    net_start(net);
    begin_handshake(server, &flood, 0);
    for (uint32_t i = 0; i < CLIENTS; i++)
        begin_handshake(server, &flood, 1 + i * NETWORKS);
    CHECK_EQ(count_peers(server, &flood, 1), SHARE);
    for (uint32_t i = 1; i < CLIENTS; i++)
        begin_handshake(server, &flood, i * NETWORKS);
    CHECK_EQ(count_peers(server, &flood, 0), SHARE);
    CHECK_EQ(count_peers(server, &flood, 1), SHARE);
    CHECK_EQ(node_ends(server), 0);
    net_end(net);
}

/* Up to half of the limit, a network may have more than its share, for example of clients behind one address. */
TEST(shares_begin_at_half_of_the_limit)
{
    enum { LIMIT = 8, NETWORKS = 3, OTHERS = NETWORKS - 1 };
    static const flood_t flood = {.networks = NETWORKS};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");

    server->config.max_half_open = LIMIT;
    net_start(net);
    for (uint32_t i = 0; i < OTHERS; i++)
        begin_handshake(server, &flood, i);
    for (uint32_t i = 0; i < CLIENTS; i++)
        begin_handshake(server, &flood, OTHERS + i * NETWORKS);
    CHECK_EQ(count_peers(server, &flood, OTHERS), LIMIT / 2 + 1 - OTHERS);
    net_end(net);
}
