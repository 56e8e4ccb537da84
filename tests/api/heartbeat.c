/*
 * heartbeat.c - RFC 6520: requests, responses, delayed responses, and wrong lengths.
 */
#include "base/iana.h"
#include "conn/output.h"
#include "wire.h"

#include <string.h>

enum { PAYLOAD_MAX = 1024 };

static net_t *associated(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.heartbeat = (*server)->config.heartbeat = true;
    (*client)->delay = (*server)->delay = 5;
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    return net;
}

static int ask(node_t *node, node_t *peer, const void *payload, size_t length)
{
    return dtls_heartbeat(node->ctx, &peer->address, payload, length);
}

EACH_VERSION(both_sides_send_requests_and_get_responses)
{
    static uint8_t payload[PAYLOAD_MAX];
    static const size_t lengths[] = {0, 1, 8, PAYLOAD_MAX};
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        NOTE("payload of %zu bytes", lengths[i]);
        CHECK_EQ(ask(client, server, payload, lengths[i]), 0);
        CHECK_EQ(ask(server, client, payload, lengths[i]), 0);
        net_run(net, 10);
        CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), i + 1);
        CHECK_EQ(node_events(server, DTLS_EVENT_HEARTBEAT), i + 1);
    }
    CHECK_EQ(ask(client, server, payload, PAYLOAD_MAX + 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(no_requests_without_the_negotiated_extension)
{
    for (int who = 0; who < 2; who++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        dtls_info_t info;

        NOTE("%s has them", who ? "client" : "server");
        (who ? client : server)->config.heartbeat = true;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(ask(client, server, "x", 1), -DTLS_ERR_STATE);
        CHECK_EQ(ask(server, client, "x", 1), -DTLS_ERR_STATE);
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK(!info.heartbeat);
        net_end(net);
    }
}

EACH_VERSION(lost_ones_are_repeated)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    client->loss = server->loss = 50;
    for (unsigned i = 1; i <= 50; i++) {
        NOTE("heartbeat %u", i);
        CHECK_EQ(ask(client, server, &i, sizeof(i)), 0);
        net_run(net, 60000);
        CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), i);
    }
    net_end(net);
}

/* The response to the request that was replaced fires no event. Of equal requests either response will do. */
EACH_VERSION(a_request_replaces_the_pending_one)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    CHECK_EQ(ask(client, server, "first", 5), 0);
    net_run(net, 4);
    CHECK_EQ(ask(client, server, "second", 6), 0);
    net_run(net, 6 + 1); /* the first response has arrived, the second has not */
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);

    client->loss = 100;
    CHECK_EQ(ask(client, server, "lost", 4), 0);
    client->loss = 0;
    CHECK_EQ(ask(client, server, "", 0), 0);
    size_t sent = client->sent;
    net_run(net, 60000);
    CHECK_EQ(client->sent, sent); /* the request that was replaced is not repeated */
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 2);
    net_end(net);
}

EACH_VERSION(no_request_while_a_probe_is_pending)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1400), 0);
    CHECK_EQ(ask(client, server, "x", 1), -DTLS_ERR_STATE);
    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1500), -DTLS_ERR_STATE);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_MTU), 1);
    CHECK_EQ(ask(client, server, "x", 1), 0);
    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1500), -DTLS_ERR_STATE);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    net_end(net);
}

/* A close while a HeartbeatRequest is pending: no timer may be due again and again without
 * effect. */
EACH_VERSION(closing_with_one_under_way)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    client->loss = server->loss = 100;
    CHECK_EQ(ask(server, client, "x", 1), 0);
    net_run(net, 50);
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    while (dtls_next_timeout(server->ctx) >= 0) {
        net->now += (uint64_t)dtls_next_timeout(server->ctx);
        dtls_check_retransmit(server->ctx, NULL);
        CHECK(dtls_next_timeout(server->ctx) != 0);
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

static void count_drops(void *hook, const dtls_trace_t *trace)
{
    size_t *drops = ((node_t *)hook)->user;

    *drops += trace->kind == DTLS_TRACE_DROP;
}

/* The response and our close_notify cross. The peer does not respond to a later request: RFC 5246
 * section 7.2.1. */
EACH_VERSION(closing_before_the_response)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t drops = 0;

    client->config.heartbeat = server->config.heartbeat = true;
    client->config.trace = count_drops;
    client->user = &drops;
    client->delay = server->delay = 5;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(ask(client, server, "x", 1), 0);
    CHECK_EQ(ask(server, client, "y", 1), 0);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(drops, 0);
    net_end(net);
}

EACH_VERSION(held_requests_get_late_responses)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    CHECK_EQ(ask(client, server, "x", 1), 0);
    net_run(net, 600000);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, false), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    CHECK_EQ(ask(client, server, "y", 1), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 2);
    net_end(net);
}

/* CVE-2014-0160: the length in a message exceeds the message. */
EACH_VERSION(wrong_lengths_are_discarded)
{
    static const struct {
        const char *name, *hex;
        bool answered;
    } rows[] = {
        {"fine", "01 0001 78 00000000000000000000000000000000", true},
        {"more padding", "01 0001 78 000000000000000000000000000000000000", true},
        {"empty payload", "01 0000 00000000000000000000000000000000", true},
        {"length beyond the record", "01 4000 78 00000000000000000000000000000000", false},
        {"length into the padding", "01 0002 78 00000000000000000000000000000000", false},
        {"length of the whole rest", "01 0011 78 00000000000000000000000000000000", false},
        {"padding too short", "01 0001 78 000000000000000000000000000000", false},
        {"no padding", "01 0001 78", false},
        {"no payload", "01 0001", false},
        {"half a length", "01 00", false},
        {"type alone", "01", false},
        {"unknown type", "03 0001 78 00000000000000000000000000000000", false},
        {"response without a request", "02 0001 78 00000000000000000000000000000000", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t message[64];
        size_t length = UNHEX(rows[i].hex, message);
        node_t *client, *server;
        net_t *net = associated(&client, &server);
        size_t sent = server->sent;

        NOTE("%s", rows[i].name);
        output_to(conn_of(client, server), &server->address, CONTENT_HEARTBEAT, message, length);
        net_run(net, 100);
        CHECK_EQ(server->sent - sent, rows[i].answered);
        CHECK_EQ(node_ends(client) + node_ends(server), 0);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* RFC 6520 section 3: no request gets a response before the handshake is complete. */
TEST(plaintext_heartbeat_is_ignored)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_t wire = {.length = 0};

    client->config.heartbeat = server->config.heartbeat = true;
    net_start(net);
    wire_put_record(&wire, CONTENT_HEARTBEAT, 0, 9, "\1\0\1x0123456789abcdef", 20);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    size_t sent = server->sent;
    net_inject(server, &client->address, wire.data, wire.length);
    CHECK_EQ(server->sent, sent);
    net_run(net, 1000);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* The functions with a peer do what those with an address do. */
EACH_VERSION(a_peer_is_asked_without_its_address)
{
    static const uint8_t payload[] = "payload";
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    dtls_peer_t *peer = dtls_get_peer(client->ctx, &server->address);

    CHECK_EQ(dtls_peer_heartbeat(peer, payload, sizeof(payload)), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    CHECK_EQ(dtls_peer_ping(peer, payload, sizeof(payload)), 0);
    CHECK_EQ(info_of(client, server).unanswered, 1);
    net_run(net, 10);
    CHECK_EQ(info_of(client, server).unanswered, 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1); /* a ping has no event */
    CHECK_EQ(dtls_peer_heartbeat(NULL, payload, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_heartbeat(peer, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_heartbeat(peer, payload, PAYLOAD_MAX + 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_ping(NULL, payload, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_ping(peer, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_ping(peer, payload, PAYLOAD_MAX + 1), -DTLS_ERR_ARGUMENT);
    net_end(net);
}

/* The client repeats a request that the server had no memory to hold. */
EACH_VERSION(no_memory_to_hold_a_request)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    server->fail_at = server->allocations + 1;
    CHECK_EQ(ask(client, server, "held", 4), 0);
    net_run(net, 6);
    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, false), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    net_run(net, 60000);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    net_end(net);
}

EACH_VERSION(no_probe_without_randomness)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    client->random_fail_at = client->random_calls + 1;
    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1400), -DTLS_ERR_CRYPTO);
    client->random_fail_at = 0;
    CHECK_EQ(dtls_probe_mtu(client->ctx, &server->address, 1400), 0);
    net_run(net, 10);
    CHECK_EQ(node_events(client, DTLS_EVENT_MTU), 1);
    net_end(net);
}
