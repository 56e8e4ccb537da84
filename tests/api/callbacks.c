/*
 * callbacks.c - callbacks may call back into the library. The tests make every call from inside
 * every callback, at every time.
 */
#include "net.h"

#include <string.h>

typedef enum {
    WRITE,
    WRITE_OTHER,
    CLOSE,
    RESET,
    CONNECT,
    CONNECT_OTHER,
    CLOSE_OTHER,
    TIMERS,
    ASK,
    ACTIONS
} action_t;
typedef enum { IN_READ, IN_EVENT, IN_WRITE, IN_PSK, PLACES } place_t;

static const char *const action_names[ACTIONS] = {
    "write",           "write to another", "close",      "reset", "connect",
    "connect another", "close another",    "run timers", "ask"};
static const char *const place_names[PLACES] = {"read", "event", "write", "psk"};

/* On one node, the nth callback of this kind makes this call into the library, once. */
static struct {
    const node_t *node;
    node_t *other;
    place_t place;
    action_t action;
    unsigned left;
    bool done;
} plan;

static void ask(node_t *node, session_t *peer)
{
    dtls_info_t info;
    dtls_stats_t stats;

    dtls_get_info(node->ctx, peer, &info);
    dtls_get_stats(node->ctx, peer, &stats);
    dtls_get_stats(node->ctx, NULL, &stats);
    dtls_max_payload(node->ctx, peer);
    dtls_set_mtu(node->ctx, peer, 1000);
    dtls_get_peer(node->ctx, peer);
    dtls_next_timeout(node->ctx);
}

static void act(node_t *node, session_t *peer)
{
    uint8_t text[] = "inside";
    session_t other = plan.other->address;
    dtls_peer_t *known;

    switch (plan.action) {
    case WRITE: dtls_write(node->ctx, peer, text, sizeof(text)); break;
    case WRITE_OTHER: dtls_write(node->ctx, &other, text, sizeof(text)); break;
    case CLOSE: dtls_close(node->ctx, peer); break;
    case CONNECT: dtls_connect(node->ctx, peer); break;
    case CONNECT_OTHER: dtls_connect(node->ctx, &other); break;
    case CLOSE_OTHER: dtls_close(node->ctx, &other); break;
    case TIMERS: dtls_check_retransmit(node->ctx, NULL); break;
    case ASK: ask(node, peer); break;
    case RESET:
        known = dtls_get_peer(node->ctx, peer);
        if (known) {
            dtls_reset_peer(node->ctx, known);
        }
        break;
    case ACTIONS: break;
    }
}

static void at_place(node_t *node, const session_t *peer, place_t place)
{
    session_t session = *peer;

    if (!plan.done && node == plan.node && place == plan.place && plan.left-- == 0) {
        plan.done = true;
        act(node, &session);
    }
}

static int on_read(node_t *node, session_t *peer, uint8_t *data, size_t length)
{
    at_place(node, peer, IN_READ);
    return length ? dtls_write(node->ctx, peer, data, length - 1) : 0;
}

static int on_event(node_t *node, session_t *peer, int level, unsigned code)
{
    (void)level;
    (void)code;
    at_place(node, peer, IN_EVENT);
    return 0;
}

static void on_write(node_t *node, session_t *peer)
{
    at_place(node, peer, IN_WRITE);
}

static int on_psk(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                  const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)desc;
    (void)desc_length;
    CHECK(room >= 16);
    at_place(node, peer, IN_PSK);
    memset(result, 'k', 16);
    return type == DTLS_PSK_HINT ? 0 : 16;
}

static net_t *three_nodes(node_t **client, node_t **server, node_t **other)
{
    net_t *net = net_pair(1, client, server);

    *other = net_node(net, "other");
    for (size_t i = 0; i < net->node_count; i++) {
        net->nodes[i]->on_read = on_read;
        net->nodes[i]->on_event = on_event;
        net->nodes[i]->on_write = on_write;
        net->nodes[i]->on_psk = on_psk;
        net->nodes[i]->delay = 1;
    }
    net_start(net);
    return net;
}

/* Returns whether the planned call was made. */
static bool act_inside(bool in_client, place_t place, action_t action, unsigned nth)
{
    node_t *client, *server, *other;
    net_t *net = three_nodes(&client, &server, &other);
    bool done;

    NOTE("%s from inside %s number %u of the %s", action_names[action], place_names[place], nth,
         in_client ? "client" : "server");
    memset(&plan, 0, sizeof(plan));
    plan.node = in_client ? client : server;
    plan.other = other;
    plan.place = place;
    plan.action = action;
    plan.left = nth;
    /* In DTLS 1.3 dtls_connect() calls get_psk_info. If the action inside that callback ends the
     * association, the connect fails. */
    CHECK(dtls_connect(client->ctx, &server->address) > 0 || net_version == DTLS13);
    net_run(net, 20);
    node_write(client, server, "four");
    net_run(net, 20);
    dtls_close(client->ctx, &server->address);
    net_run(net, 200000);
    done = plan.done;
    plan.done = true;
    net_end(net);
    return done;
}

static void everything_inside(place_t place)
{
    for (action_t action = WRITE; action < ACTIONS; action++) {
        unsigned nth = 0;

        while (nth < 20 && act_inside(true, place, action, nth)) {
            nth++;
        }
        CHECK(nth > 0);
        for (nth = 0; nth < 20 && act_inside(false, place, action, nth);) {
            nth++;
        }
        CHECK(nth > 0);
    }
}

EACH_VERSION(every_call_inside_read)
{
    everything_inside(IN_READ);
}

EACH_VERSION(every_call_inside_event)
{
    everything_inside(IN_EVENT);
}

EACH_VERSION(every_call_inside_write)
{
    everything_inside(IN_WRITE);
}

EACH_VERSION(every_call_inside_get_psk_info)
{
    everything_inside(IN_PSK);
}

/* Connects two contexts of one process directly: each write is passed to the other as input at
 * once, so that the response to a flight arrives while the flight is still being sent. */
static void deliver_inside(net_t *net, net_packet_t *packet)
{
    (void)net;
    packet->copies = 0;
    net_inject(packet->to, &packet->from->address, packet->data, packet->length);
}

TEST(delivery_from_inside_write)
{
    static uint8_t text[700];
    static const size_t mtus[] = {256, 500, 1232}, lengths[] = {15, 700};

    memset(text, 'w', sizeof(text));
    for (size_t i = 0; i < 6; i++) {
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);

        NOTE("MTU %zu, identity and hint of %zu", mtus[i % 3], lengths[i / 3]);
        client->identity = server->identity = server->hint = text;
        client->identity_length = server->identity_length = lengths[i / 3];
        server->hint_length = lengths[i / 3];
        client->config.mtu = server->config.mtu = mtus[i % 3];
        net_start(net);
        net->tap = deliver_inside;
        CHECK(net_connect(client, server, 10000));
        CHECK_EQ(node_write(client, server, "ping"), 4);
        CHECK_EQ(server->message_count, 1);
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, 100000);
        CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
        CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
        net_end(net);
    }
}

/* Sends back what it receives, inside the read callback. */
static int echo(node_t *node, session_t *peer, uint8_t *data, size_t length)
{
    return dtls_write(node->ctx, peer, data, length);
}

EACH_VERSION(echo_from_inside_read)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->on_read = echo;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQ(node_write(client, server, "ping"), 4);
    }
    net_run(net, 10);
    CHECK_EQ(client->message_count, 100);
    net_end(net);
}

static int greet(node_t *node, session_t *peer, int level, unsigned code)
{
    uint8_t text[] = "hello";

    if (level == 0 && code == DTLS_EVENT_CONNECTED) {
        CHECK_EQ(dtls_write(node->ctx, peer, text, sizeof(text)), (int)sizeof(text));
    }
    return 0;
}

EACH_VERSION(write_from_inside_connected)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->on_event = server->on_event = greet;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net_run(net, 10);
    CHECK_EQ(client->message_count, 1);
    CHECK_EQ(server->message_count, 1);
    net_end(net);
}

static int fail_read(node_t *node, session_t *peer, uint8_t *data, size_t length)
{
    (void)node;
    (void)peer;
    (void)data;
    (void)length;
    return -1;
}

static int fail_event(node_t *node, session_t *peer, int level, unsigned code)
{
    (void)node;
    (void)peer;
    (void)level;
    (void)code;
    return -1;
}

/* The return values of the read and event callbacks are ignored. */
EACH_VERSION(negative_results_of_read_and_event)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->on_read = server->on_read = fail_read;
    client->on_event = server->on_event = fail_event;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK(net_echo(client, server));
    CHECK(net_echo(client, server));
    net_end(net);
}

/* With no callbacks, or no handler at all, no handshake completes, and nothing crashes. */
EACH_VERSION(callbacks_may_be_missing)
{
    static const dtls_handler_t empty = {.write = NULL};

    for (unsigned set = 0; set < 2; set++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        dtls_context_t *ctx[2];

        net_start(net);
        for (size_t i = 0; i < 2; i++) {
            ctx[i] = dtls_new_context_config(net->nodes[i], &net->nodes[i]->config);
            CHECK(ctx[i] != NULL);
            if (set) {
                dtls_set_handler(ctx[i], &empty);
            }
            dtls_free_context(net->nodes[i]->ctx);
            net->nodes[i]->ctx = ctx[i];
        }
        dtls_connect(client->ctx, &server->address);
        node_write(server, client, "x");
        net_run(net, 100000);
        CHECK(!node_connected(client, server));
        net_end(net);
    }
}

static int reset(node_t *node, session_t *peer, uint8_t *data, size_t length)
{
    (void)data;
    (void)length;
    dtls_reset_peer(node->ctx, dtls_get_peer(node->ctx, peer));
    return 0;
}

/* One datagram has two records, and the peer is freed after the first. */
EACH_VERSION(reset_between_the_records_of_a_datagram)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint8_t both[512];
    const net_packet_t *packets;
    size_t length = 0;

    server->on_read = reset;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    client->loss = 100;
    CHECK_EQ(node_write(client, server, "one"), 3);
    CHECK_EQ(node_write(client, server, "two"), 3);
    packets = &net->packets[net->packet_count - 2];
    for (size_t i = 0; i < 2; i++) {
        memcpy(both + length, packets[i].data, packets[i].length);
        length += packets[i].length;
    }
    net_inject(server, &client->address, both, length);
    CHECK_EQ(server->message_count, 1);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    net_end(net);
}

static void reset_in_write(node_t *node, session_t *peer)
{
    node->on_write = NULL;
    dtls_reset_peer(node->ctx, dtls_get_peer(node->ctx, peer));
}

/* dtls_reset_peer() inside the write callback of the last alert: no end event follows. */
EACH_VERSION(reset_while_the_association_ends)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    client->on_write = reset_in_write;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    CHECK(client->on_write == NULL);
    CHECK_EQ(node_ends(client), 0);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    net_end(net);
}

static int reconnect(node_t *node, session_t *peer, int level, unsigned code)
{
    if (level == 0 && code == DTLS_EVENT_CLOSED) {
        dtls_connect(node->ctx, peer);
    }
    return 0;
}

/* A client connects again, inside the end event or a moment later. */
EACH_VERSION(connect_from_inside_closed)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->on_event = reconnect;
    client->delay = server->delay = 1;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 1000);
    client->on_event = NULL;
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    if (!dtls_get_peer(client->ctx, &server->address)) {
        CHECK(net_connect(client, server, 1000));
    }
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A datagram that the write callback passes in is processed after the callback has returned. */
static void pass_next(node_t *node, session_t *peer)
{
    size_t *next = node->user;
    const net_packet_t *packet = &node->net->packets[(*next)++];

    net_inject(node, peer, packet->data, packet->length);
}

EACH_VERSION(any_number_of_datagrams_from_the_write_callback)
{
    enum { DATAGRAMS = 200 };
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net_run(net, 1000);
    client->loss = server->loss = 100;
    size_t next = net->packet_count;
    for (unsigned i = 0; i < DATAGRAMS; i++)
        CHECK(node_write(client, server, "data") > 0);
    CHECK_EQ(net->packet_count, next + DATAGRAMS);
    server->on_write = pass_next;
    server->user = &next;
    for (unsigned i = 0; i < DATAGRAMS; i++)
        CHECK(node_write(server, client, "more") > 0);
    CHECK_EQ(server->message_count, DATAGRAMS);
    net_end(net);
}
