/*
 * ending.c - loss of the last flight and of close_notify, neither of which is acknowledged.
 */
#include "wire.h"

typedef struct {
    const node_t *from;
    unsigned content_type;
    size_t lose, seen;
} attacker_t;

enum { ACKS_MAX = 16 };

static bool has_ack(const net_packet_t *packet)
{
    for (size_t count = 1; count <= ACKS_MAX; count++) {
        if (wire_has_hidden(packet, 3, 2 + 16 * count)) {
            return true;
        }
    }
    return false;
}

/* In DTLS 1.3 the content type is encrypted. The length identifies the record. */
static bool is_target(const attacker_t *attacker, const net_packet_t *packet)
{
    if (net_version == DTLS12) {
        return wire_has(packet, attacker->content_type, 1);
    }
    switch (attacker->content_type) {
    case HANDSHAKE: return wire_has(packet, HIDDEN, 2);
    case ACK: return has_ack(packet);
    default: return wire_has_hidden(packet, 3, 2);
    }
}

/* Drops the first `lose` protected datagrams of that type. */
static void drop_target(net_t *net, net_packet_t *packet)
{
    attacker_t *attacker = net->user;

    if (packet->from == attacker->from && is_target(attacker, packet)) {
        packet->copies = attacker->seen++ < attacker->lose ? 0 : 1;
    }
}

static net_t *with_attacker(attacker_t *attacker, node_t **client, node_t **server)
{
    net_t *net = net_pair(attacker->lose, client, server);

    NOTE("%zu lost", attacker->lose);
    (*client)->config.handshake_ms = 300000;
    net->user = attacker;
    return net;
}

TEST(lost_server_finished_is_sent_again)
{
    for (size_t lose = 0; lose <= 8; lose++) {
        attacker_t attacker = {.content_type = HANDSHAKE, .lose = lose};
        node_t *client, *server;
        net_t *net = with_attacker(&attacker, &client, &server);

        attacker.from = server;
        net_start(net);
        net->tap = drop_target;
        CHECK(net_connect(client, server, 100000));
        CHECK_EQ(attacker.seen, lose + 1);
        CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 1);
        CHECK_EQ(node_stats(server, client).resent, lose);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* The client repeats its flight to get the server's Finished. The server has sent data
 * meanwhile. */
TEST(lost_server_finished_after_data)
{
    attacker_t attacker = {.content_type = HANDSHAKE, .lose = 3};
    node_t *client, *server;
    net_t *net = with_attacker(&attacker, &client, &server);

    attacker.from = server;
    net_start(net);
    net->tap = drop_target;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    for (unsigned i = 0; i < 5; i++) {
        net_run(net, 20);
        CHECK(node_connected(server, client));
        CHECK(node_write(server, client, "early") > 0);
        CHECK(!node_connected(client, server));
        CHECK_EQ(client->message_count, 0);
    }
    net_run(net, 5000);
    CHECK(node_connected(client, server));
    CHECK(net_echo(client, server));
    net_end(net);
}

/* RFC 6347 section 4.2.4: the server can repeat its last flight for 240 s, twice the maximum
 * segment lifetime. */
TEST(lost_server_finished_is_sent_again_after_four_minutes)
{
    attacker_t attacker = {.content_type = HANDSHAKE, .lose = 4};
    node_t *client, *server;
    net_t *net = with_attacker(&attacker, &client, &server);

    attacker.from = server;
    client->config.timer_ms = client->config.timer_min_ms = 59000;
    client->config.timer_max_ms = 60000;
    net_start(net);
    net->tap = drop_target;
    CHECK(net_connect(client, server, 300000));
    CHECK_EQ(attacker.seen, 5);
    CHECK(net_echo(client, server));
    net_end(net);
}

static int close_when_connected(node_t *node, session_t *peer, int level, unsigned code)
{
    uint8_t data[] = "bye";

    if (level == 0 && code == DTLS_EVENT_CONNECTED) {
        CHECK_EQ(dtls_write(node->ctx, peer, data, 3), 3);
        CHECK_EQ(dtls_close(node->ctx, peer), 0);
    }
    return 0;
}

/* RFC 6347 section 4.2.4, RFC 9147 section 5.10: a server that closes first lets the client
 * complete the handshake. */
TEST(lost_server_finished_before_close)
{
    for (size_t lose = 0; lose <= 2; lose++) {
        attacker_t attacker = {.content_type = HANDSHAKE, .lose = lose};
        node_t *client, *server;
        net_t *net = with_attacker(&attacker, &client, &server);

        attacker.from = server;
        client->config.timer_ms = client->config.timer_min_ms = 1000;
        client->delay = server->delay = lose ? 20 : 0;
        server->on_event = close_when_connected;
        net_start(net);
        net->tap = drop_target;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 100000);
        CHECK_EQ(attacker.seen, lose + 1);
        CHECK_EQ(client->message_count, 1);
        CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 1);
        CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
        CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
        net_end(net);
    }
}

/* Returns how long a server takes to close if its last datagrams and the client's close_notify are
 * lost. */
static uint64_t close_takes(const char *from_client)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint64_t from;
    size_t sent;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    if (from_client) {
        CHECK(node_write(client, server, from_client) > 0);
        net_run(net, 1);
    }
    client->loss = 100;
    from = net->now;
    sent = server->sent;
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 100000);
    CHECK_EQ(server->sent - sent, 3);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    from = node_last_end(server)->at - from;
    net_end(net);
    return from;
}

TEST(server_stays_only_while_its_finished_may_be_missed)
{
    uint64_t quick = close_takes("heard");

    CHECK(quick < 1500);
    CHECK_EQ(close_takes(NULL), quick + 3500);
}

/* When the client shows that it has the server's Finished, the server no longer waits. */
TEST(client_record_ends_the_wait_of_a_closing_server)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    server->loss = 100;
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 2500);
    CHECK_EQ(node_ends(server), 0);
    CHECK(node_write(client, server, "news") > 0);
    net_run(net, 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* ---- DTLS 1.3: the server acknowledges the client's Finished ---- */

static net_t *with_attacker13(attacker_t *attacker, node_t **client, node_t **server)
{
    net_t *net = with_attacker(attacker, client, server);

    net_version = DTLS13;
    (*client)->config.only_version = (*server)->config.only_version = DTLS13;
    return net;
}

static void end13(net_t *net)
{
    net_end(net);
    net_version = DTLS12;
}

TEST(lost_ack_of_finished_is_sent_again)
{
    for (size_t lose = 0; lose <= 8; lose++) {
        attacker_t attacker = {.content_type = ACK, .lose = lose};
        node_t *client, *server;
        net_t *net = with_attacker13(&attacker, &client, &server);

        attacker.from = server;
        net_start(net);
        net->tap = drop_target;
        CHECK(net_connect(client, server, 1000));
        net_run(net, 100000);
        CHECK_EQ(attacker.seen, lose + 1);
        CHECK_EQ(node_stats(client, server).timeouts, lose);
        CHECK_EQ(dtls_next_timeout(client->ctx), -1);
        CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 1);
        CHECK(net_echo(client, server));
        end13(net);
    }
}

/* RFC 9147 section 5.8.1: the server repeats its ACK of Finished for 240 s, even after data in both
 * directions. */
TEST(lost_ack_of_finished_is_sent_again_after_four_minutes)
{
    attacker_t attacker = {.content_type = ACK, .lose = 4};
    node_t *client, *server;
    net_t *net = with_attacker13(&attacker, &client, &server);

    attacker.from = server;
    client->config.timer_ms = client->config.timer_min_ms = 59000;
    client->config.timer_max_ms = 60000;
    net_start(net);
    net->tap = drop_target;
    CHECK(net_connect(client, server, 1000));
    CHECK(node_write(client, server, "data") > 0);
    CHECK(node_write(server, client, "more data") > 0);
    net_run(net, 290000);
    CHECK_EQ(attacker.seen, 5);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    CHECK_EQ(dtls_next_timeout(server->ctx), -1); /* after that the handshake keys are deleted */
    CHECK(net_echo(client, server));
    end13(net);
}

/* RFC 9147 section 5.8.1: application data is not an acknowledgement. */
TEST(without_any_ack_the_client_gives_up)
{
    attacker_t attacker = {.content_type = ACK, .lose = 1000};
    node_t *client, *server;
    net_t *net = with_attacker13(&attacker, &client, &server);
    uint64_t from = net->now;

    attacker.from = server;
    net_start(net);
    net->tap = drop_target;
    CHECK(net_connect(client, server, 1000));
    for (unsigned i = 0; i < 100; i++) {
        net_run(net, 1000);
        CHECK(node_write(server, client, "no ACK") > 0);
    }
    net_run(net, 1);
    CHECK_EQ(client->message_count, 100);
    CHECK(node_connected(client, server));
    net_run(net, 300000);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_TIMEOUT);
    CHECK_EQ(node_last_end(client)->at - from, 300000);
    CHECK(attacker.seen > 8);
    end13(net);
}

/* RFC 9147 section 4.2.1: data that overtakes the client's Finished is not delivered before it. */
TEST(lost_client_finished_is_sent_again)
{
    for (size_t lose = 0; lose <= 8; lose++) {
        attacker_t attacker = {.content_type = HANDSHAKE, .lose = lose};
        node_t *client, *server;
        net_t *net = with_attacker13(&attacker, &client, &server);

        attacker.from = client;
        net_start(net);
        net->tap = drop_target;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 1);
        CHECK(node_connected(client, server));
        CHECK(node_write(client, server, "early") > 0);
        net_run(net, 1);
        CHECK_EQ(server->message_count, lose ? 0 : 1);
        CHECK_EQ(node_connected(server, client), lose == 0);
        net_run(net, 100000);
        CHECK(node_connected(server, client));
        CHECK_EQ(server->message_count, 1);
        CHECK_EQ(attacker.seen, lose + 1);
        CHECK(net_echo(client, server));
        end13(net);
    }
}

/* ---- close_notify ---- */

EACH_VERSION(lost_close_notify_is_sent_again)
{
    for (size_t lose = 0; lose <= 4; lose++) {
        attacker_t attacker = {.content_type = ALERT, .lose = lose};
        node_t *client, *server;
        net_t *net = with_attacker(&attacker, &client, &server);

        attacker.from = client;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        net->tap = drop_target;
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, 300000);
        CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(attacker.seen, lose < 3 ? lose + 1 : 3);
        CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), lose < 3 ? 1 : 0);
        CHECK_EQ(node_connected(server, client), lose >= 3);
        net_end(net);
    }
}

/* A peer with heartbeats may have data to send before it closes. A heartbeat shows whether it is
 * alive. */
TEST(close_notify_is_repeated_to_a_peer_with_heartbeats)
{
    static const struct {
        uint16_t version;
        size_t lose;
        uint64_t wait_ms;
        bool arrives;
    } rows[] = {
        {DTLS12, 4, 100 + 200 + 400 + 800, true},
        {DTLS12, 5, 100 + 200 + 400 + 800 + 1600, false},
        {DTLS13, 15, 30000, true},
        {DTLS13, 99, 33000, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        attacker_t attacker = {.content_type = ALERT, .lose = rows[i].lose};
        node_t *client, *server;
        net_version = rows[i].version;
        net_t *net = with_attacker(&attacker, &client, &server);

        attacker.from = client;
        client->config.heartbeat = server->config.heartbeat = true;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        if (!rows[i].arrives) /* heartbeats are lost too: they would show a sign of life */
            client->loss = 100;
        net->tap = drop_target;
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, rows[i].wait_ms);
        CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), rows[i].arrives);
        CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
        net_end(net);
        net_version = DTLS12;
    }
}

/* The peer's close_notify is lost, and the peer is gone. The side that closes must end by
 * itself. */
EACH_VERSION(lost_response_to_close_notify)
{
    attacker_t attacker = {.content_type = ALERT, .lose = 100};
    node_t *client, *server;
    net_t *net = with_attacker(&attacker, &client, &server);

    attacker.from = server;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net->tap = drop_target;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 300000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_ends(client) + node_ends(server), 2);
    CHECK(!dtls_get_peer(client->ctx, &server->address));
    CHECK(!dtls_get_peer(server->ctx, &client->address));
    net_end(net);
}

EACH_VERSION(both_close_at_once)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->delay = server->delay = 10;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 1000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_ends(client) + node_ends(server), 2);
    net_end(net);
}

/* Data that was written before the close is delivered, even if close_notify arrives first. */
EACH_VERSION(nothing_is_sent_after_close_notify)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t sent;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    sent = client->sent;
    CHECK(node_write(client, server, "too late") <= 0);
    CHECK_EQ(client->sent, sent);
    net_run(net, 1000);
    CHECK_EQ(server->message_count, 0);
    net_end(net);
}
