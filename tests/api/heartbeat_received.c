/*
 * heartbeat_received.c - config.heartbeat_received: which heartbeats the application sees; and dtls_ping().
 */
#include "base/iana.h"
#include "conn/output.h"
#include "wire.h"

#include <string.h>

/* ---- config.heartbeat_received ---- */

enum { PAYLOAD_MAX = 1024, RECEIVED_MAX = 8 };

/* The messages that a node has received. */
typedef struct {
    size_t count, sent; /* sent: datagrams of the node at the last message */
    struct {
        bool request;
        size_t length;
        uint8_t payload[PAYLOAD_MAX];
    } messages[RECEIVED_MAX];
} received_t;

static void on_heartbeat(void *hook, const session_t *session, bool request, const uint8_t *payload,
                         size_t length)
{
    node_t *node = hook;
    received_t *received = node->user;

    CHECK(session->size > 0 && length <= PAYLOAD_MAX && received->count < RECEIVED_MAX);
    received->sent = node->sent;
    received->messages[received->count].request = request;
    received->messages[received->count].length = length;
    memcpy(received->messages[received->count++].payload, payload, length);
}

static void check_message(const received_t *received, size_t index, bool request,
                          const char *payload)
{
    size_t length = strlen(payload);

    CHECK(index < received->count);
    CHECK_EQ(received->messages[index].request, request);
    CHECK_EQ(received->messages[index].length, length);
    CHECK_MEM(received->messages[index].payload, payload, length);
}

/* A client and a server that are connected, with what each of them receives. */
static net_t *observed(node_t **client, node_t **server, received_t received[2])
{
    net_t *net = net_pair(1, client, server);
    node_t *nodes[] = {*client, *server};

    for (size_t i = 0; i < 2; i++) {
        received[i].count = 0;
        nodes[i]->user = &received[i];
        nodes[i]->delay = 5;
        nodes[i]->config.heartbeat = true;
        nodes[i]->config.heartbeat_received = on_heartbeat;
    }
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    return net;
}

static int ask(node_t *node, node_t *peer, const char *payload)
{
    return dtls_heartbeat(node->ctx, &peer->address, (const uint8_t *)payload, strlen(payload));
}

EACH_VERSION(the_application_sees_requests_and_responses)
{
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);
    size_t sent = server->sent;

    CHECK_EQ(ask(client, server, "old"), 0);
    CHECK_EQ(ask(client, server, ""), 0);
    net_run(net, 6);
    CHECK_EQ(received[1].count, 2);
    check_message(&received[1], 0, true, "old");
    check_message(&received[1], 1, true, "");
    CHECK_EQ(received[1].sent, sent + 1); /* the second is seen before its response is sent */
    CHECK_EQ(server->sent, sent + 2);
    net_run(net, 6);
    CHECK_EQ(received[0].count, 2);
    check_message(&received[0], 0, false, "old");
    check_message(&received[0], 1, false, "");
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    net_end(net);
}

/* A held request is seen at once, and a probe is of no concern to its sender. */
EACH_VERSION(the_application_sees_held_requests_but_no_response_to_a_probe)
{
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    CHECK_EQ(ask(client, server, "held"), 0);
    net_run(net, 6);
    check_message(&received[1], 0, true, "held");
    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, false), 0);
    net_run(net, 6);
    check_message(&received[0], 0, false, "held");
    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1400), 0);
    net_run(net, 20);
    CHECK_EQ(node_events(client, DTLS_EVENT_MTU), 1);
    CHECK_EQ(received[0].count, 1);
    net_end(net);
}

EACH_VERSION(the_application_sees_no_dropped_record)
{
    static const char *const rows[] = {
        "01 4000 78 00000000000000000000000000000000",
        "01 0001 78 000000000000000000000000000000",
        "01 0001",
        "02 0002 78 00000000000000000000000000000000",
        "03 0001 78 00000000000000000000000000000000",
    };
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t message[64];
        size_t length = UNHEX(rows[i], message);
        NOTE("%s", rows[i]);
        output_to(conn_of(client, server), &server->address, CONTENT_HEARTBEAT, message, length);
        net_run(net, 10);
        CHECK_EQ(received[1].count, 0);
    }
    CHECK_EQ(ask(client, server, "x"), 0);
    const net_packet_t *packet = &net->packets[net->packet_count - 1];
    net_run(net, 6);
    CHECK_EQ(received[1].count, 1);
    net_inject(server, &client->address, packet->data, packet->length); /* replayed */
    CHECK_EQ(received[1].count, 1);
    net_end(net);
}

/* ---- dtls_ping() ---- */

static int ping(node_t *node, node_t *peer, const char *payload)
{
    return dtls_ping(node->ctx, &peer->address, (const uint8_t *)payload, strlen(payload));
}

/* Also while the peer holds its responses, and while a request or a probe is pending. */
EACH_VERSION(a_ping_is_answered_at_once_without_an_event)
{
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    CHECK_EQ(ask(client, server, "held"), 0);
    CHECK_EQ(ping(client, server, "ping"), 0);
    net_run(net, 11);
    check_message(&received[1], 1, true, "ping");
    CHECK_EQ(received[0].count, 1);
    check_message(&received[0], 0, false, "ping");
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, false), 0);
    net_run(net, 6);
    check_message(&received[0], 1, false, "held");
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);

    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1400), 0);
    CHECK_EQ(ping(client, server, "during a probe"), 0);
    net_run(net, 20);
    check_message(&received[0], 2, false, "during a probe");
    CHECK_EQ(node_events(client, DTLS_EVENT_MTU), 1);
    net_end(net);
}

EACH_VERSION(a_ping_is_sent_once)
{
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);
    size_t sent = client->sent;

    client->loss = 100;
    CHECK_EQ(ping(client, server, "x"), 0);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    net_run(net, 600000);
    CHECK_EQ(client->sent, sent + 1);
    net_end(net);
}

EACH_VERSION(a_ping_needs_a_peer_that_answers)
{
    static uint8_t payload[PAYLOAD_MAX + 1];
    static received_t received[2];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.heartbeat = true;
    client->delay = server->delay = 5;
    net_start(net);
    CHECK_EQ(ping(client, server, "x"), -DTLS_ERR_STATE);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(ping(client, server, "x"), -DTLS_ERR_STATE);
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    CHECK_EQ(ping(client, server, "x"), -DTLS_ERR_STATE); /* not negotiated */
    net_end(net);

    net = observed(&client, &server, received);
    CHECK_EQ(dtls_ping(client->ctx, &server->address, payload, PAYLOAD_MAX), 0);
    CHECK_EQ(dtls_ping(client->ctx, &server->address, payload, PAYLOAD_MAX + 1),
             -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_ping(client->ctx, &server->address, NULL, 0), 0);
    CHECK_EQ(dtls_ping(client->ctx, &server->address, NULL, 1), -DTLS_ERR_ARGUMENT);
    net_end(net);
}

/* After dtls_close() no data can be sent, but what has arrived can still be reported. */
EACH_VERSION(a_ping_may_be_sent_while_closing)
{
    static received_t received[2];
    node_t *client, *server;
    net_t *net = observed(&client, &server, received);

    server->loss = 100;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    size_t sent = client->sent;
    CHECK_EQ(ask(client, server, "x"), -DTLS_ERR_STATE);
    CHECK_EQ(ping(client, server, "x"), 0);
    CHECK_EQ(client->sent, sent + 1);
    net_run(net, 600000);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(ping(client, server, "x"), -DTLS_ERR_STATE);
    net_end(net);
}
