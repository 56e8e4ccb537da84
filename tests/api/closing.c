/*
 * closing.c - close_notify in one direction, with config.half_close: RFC 8446 section 6.1.
 */
#include "wire.h"

static bool with_heartbeats;

/* Makes a client and a server that may close one direction. */
static net_t *associated(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.heartbeat = (*server)->config.heartbeat = with_heartbeats;
    (*server)->config.half_close = true;
    (*client)->delay = (*server)->delay = 5;
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    return net;
}

EACH_VERSION(peer_goes_on_sending_after_our_close)
{
    node_t *client, *server;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 60000);
    CHECK_EQ(node_events(server, DTLS_EVENT_HALF_CLOSED), 1);
    CHECK_EQ(node_ends(server) + node_ends(client), 0);
    CHECK(node_write(server, client, "late") > 0);
    net_run(net, 100);
    CHECK_EQ(client->message_count, 1);
    CHECK_EQ(dtls_heartbeat(server->ctx, &client->address, NULL, 0), 0);
    net_run(net, 100);
    CHECK_EQ(node_events(server, DTLS_EVENT_HEARTBEAT), 1);
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 10000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK(node_last_end(client)->info.alert_received);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* The response to close_notify is lost. The closing side repeats its close_notify, and the peer
 * repeats its response. */
EACH_VERSION(lost_response_is_repeated)
{
    node_t *client, *server;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 700);
    server->loss = 100;
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    server->loss = 0;
    CHECK_EQ(node_ends(server), 0);
    net_run(net, 10000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK(node_last_end(client)->info.alert_received);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* The response and its first repeats are lost, soon after the close. */
EACH_VERSION(response_is_repeated_as_long_as_it_is_lost)
{
    node_t *client, *server;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 20);
    server->loss = 100;
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 500);
    server->loss = 0;
    net_run(net, 10000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK(node_last_end(client)->info.alert_received);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* A peer has closed its direction and then disappears. The closing side gives up after
 * closing_ms. */
EACH_VERSION(silent_peer_is_given_up)
{
    node_t *client, *server;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 10000);
    server->loss = 100;
    net_run(net, 29000);
    CHECK_EQ(node_ends(client), 0);
    net_run(net, 4000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK(!node_last_end(client)->info.alert_received);
    net_end(net);
}

/* Data is delivered if its record number is below that of close_notify, whatever the order of
 * arrival: RFC 9147 section 5.10. */
EACH_VERSION(data_is_accepted_by_its_number)
{
    node_t *client, *server;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    client->delay = 50;
    CHECK(node_write(client, server, "before") > 0);
    client->delay = 5;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 20);
    CHECK_EQ(node_events(server, DTLS_EVENT_HALF_CLOSED), 1);
    CHECK_EQ(server->message_count, 0);
    net_run(net, 50);
    CHECK_EQ(server->message_count, 1);
    net_end(net);
}

static void without_heartbeats(bool half)
{
    node_t *client, *server;

    with_heartbeats = false;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 100);
    CHECK_EQ(node_events(server, DTLS_EVENT_HALF_CLOSED), half);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), !half);
    net_end(net);
}

/* Without heartbeats the library cannot tell whether the peer still waits, so close_notify ends the
 * association at once: RFC 5246 section 7.2.1. */
TEST(without_heartbeats_dtls12_closes_at_once)
{
    net_version = DTLS12;
    without_heartbeats(false);
}

TEST(without_heartbeats_dtls13_closes_one_direction)
{
    net_version = DTLS13;
    without_heartbeats(true);
    net_version = DTLS12;
}

/* info.unanswered counts the heartbeats without a response. A retransmitted flight does not reset
 * it. */
EACH_VERSION(unanswered_heartbeats_are_counted)
{
    node_t *client, *server;
    dtls_info_t info;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), 0);
    net_run(net, 100);
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
    CHECK_EQ(info.unanswered, 0);
    CHECK(info.heartbeat_seen);
    client->loss = 100;
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), 0);
    net_run(net, 20000);
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
    CHECK(info.unanswered >= 20);
    CHECK(info.unanswered_ms >= 20000);
    net_end(net);
}

/* A peer whose application has stopped reading delays its heartbeat responses, but is alive. */
EACH_VERSION(held_response_differs_from_a_dead_peer)
{
    node_t *client, *server;
    dtls_info_t info;

    with_heartbeats = true;
    net_t *net = associated(&client, &server);

    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, true), 0);
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), 0);
    net_run(net, 60000);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
    CHECK(info.unanswered_ms <= 2100);
    CHECK(info.unanswered <= 2);
    CHECK_EQ(dtls_hold_heartbeats(server->ctx, &client->address, false), 0);
    net_run(net, 100);
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 1);
    net_end(net);
}
