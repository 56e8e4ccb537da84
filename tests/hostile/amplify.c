/*
 * amplify.c - duplicates and forgeries make us send few datagrams.
 */
#include "wire.h"

enum { COPIES = 100 };

/* Injects copies of one captured datagram at once. Returns how many datagrams the victim sends
 * in response. */
static size_t answers(const net_packet_t *packet, size_t copies)
{
    net_packet_t copy = *packet;
    size_t sent = copy.to->sent;

    copy.to->loss = 100;
    for (size_t i = 0; i < copies; i++) {
        net_inject(copy.to, &copy.from->address, copy.data, copy.length);
    }
    return copy.to->sent - sent;
}

static void stop_at(net_t *net, net_packet_t *packet)
{
    if (packet->index >= *(const size_t *)net->user) {
        packet->copies = 0;
    }
}

/* Makes a handshake and stops it after this number of datagrams. */
static net_t *stopped(size_t datagrams, node_t **client, node_t **server)
{
    static size_t limit;
    net_t *net = net_pair(1, client, server);

    limit = datagrams;
    net_start(net);
    net->tap = stop_at;
    net->user = &limit;
    CHECK(dtls_connect((*client)->ctx, &(*server)->address) > 0);
    net_run(net, 0);
    return net;
}

EACH_VERSION(copies_of_the_hello_with_cookie)
{
    node_t *client, *server;
    net_t *net = stopped(3, &client, &server);

    CHECK(answers(&net->packets[2], COPIES) <= 3);
    net_end(net);
}

EACH_VERSION(copies_of_the_flight_of_the_server)
{
    node_t *client, *server;
    net_t *net = stopped(4, &client, &server);

    CHECK(answers(&net->packets[3], COPIES) <= 3);
    net_end(net);
}

/* The attacker copies the client's last flight. The Finished in it is a replay, and the rest is
 * plaintext, which can be forged. */
EACH_VERSION(copies_of_the_last_flight_of_the_client)
{
    node_t *client, *server;
    net_t *net = stopped(5, &client, &server);

    CHECK(node_connected(server, client));
    CHECK(answers(&net->packets[4], COPIES) <= 1);
    net_end(net);
}

EACH_VERSION(copies_of_the_request_for_a_cookie)
{
    node_t *client, *server;
    net_t *net = stopped(2, &client, &server);

    CHECK(answers(&net->packets[1], COPIES) <= 1);
    net_end(net);
}

/* Over a minute, copies cause at most twice the datagrams that the timer sends. */
EACH_VERSION(copies_spread_over_a_minute)
{
    node_t *client, *server;
    net_t *net = stopped(3, &client, &server);
    net_packet_t hello = net->packets[2];
    size_t sent = server->sent;

    for (unsigned i = 0; i < 6000; i++) {
        net_inject(server, &client->address, hello.data, hello.length);
        net_run(net, 10);
    }
    CHECK(server->sent - sent < 100);
    net_end(net);
}

/* RFC 9147 section 5.1: without a cookie the address is not validated, so the server sends at most
 * three times the bytes that it received. */
TEST(unproven_address_gets_little)
{
    static uint8_t hint[2000];
    wire_hello_t form = {.random = 3};
    wire_t hello = {.length = 0};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    session_t from;

    server->config.cookie = DTLS_COOKIE_AUTO;
    server->hint = hint;
    server->hint_length = sizeof(hint);
    net_start(net);
    net_address(&from, 9999);
    wire_put_hello(&hello, &form);
    net_inject(server, &from, hello.data, hello.length);
    net_run(net, 300000);
    CHECK(server->sent_bytes <= 3 * hello.length);
    net_end(net);
}
