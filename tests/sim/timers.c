/*
 * timers.c - retransmission timers on the virtual clock.
 */
#include "wire.h"

#include <string.h>

static const uint32_t firsts[] = {100, 400, 1000, 9000};

static void swallow(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user) {
        packet->copies = 0;
    }
}

static void swallow_after_cookie(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->index > 2) {
        packet->copies = 0;
    }
}

/* Drops the server's Finished, or its ACK of the client's Finished. */
static void swallow_last_flight(net_t *net, net_packet_t *packet)
{
    bool last =
        net_version == DTLS12 ? wire_has(packet, HANDSHAKE, 1) : wire_has(packet, HIDDEN, 3);

    if (packet->from == net->user && last) {
        packet->copies = 0;
    }
}

/* Returns true for a datagram with this plaintext message. In DTLS 1.3, CLIENT_KEY_EXCHANGE
 * means the client's last flight. SERVER_HELLO does not include a HelloRetryRequest. */
static bool is_flight(const net_packet_t *packet, const node_t *from, unsigned msg_type)
{
    wire_record_t record;

    if (packet->from != from) {
        return false;
    }
    if (net_version == DTLS13 && msg_type == CLIENT_KEY_EXCHANGE) {
        return wire_has(packet, HIDDEN, 2);
    }
    return wire_find(packet, msg_type, &record) &&
           (msg_type != SERVER_HELLO || net_version == DTLS12 || wire_has(packet, HIDDEN, 2));
}

/* Checks that the flight with that message was sent at the times that a doubling timer gives, and
 * at no other time. Returns how often it was sent. */
static size_t check_back_off(const net_t *net, const node_t *from, unsigned msg_type,
                             uint32_t timer, uint32_t cap, uint64_t until)
{
    uint64_t due = 0;
    size_t sends = 0;

    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];

        if (!is_flight(packet, from, msg_type)) {
            continue;
        }
        if (sends == 0) {
            due = packet->at;
        }
        CHECK_EQ(packet->at, due);
        due += timer;
        timer = timer * 2 < cap ? timer * 2 : cap;
        sends++;
    }
    CHECK(due >= until);
    return sends;
}

/* The back-off that the RFCs recommend. tests/sim/backoff.c has the default. */
static void double_each_time(node_t *node)
{
    node->config.timer_steady_ms = node->config.timer_max_ms;
}

static net_t *with_timer(uint32_t timer, node_t **client, node_t **server)
{
    net_t *net = net_pair(timer, client, server);

    NOTE("first timer %u ms", timer);
    for (size_t i = 0; i < net->node_count; i++) {
        net->nodes[i]->config.timer_ms = net->nodes[i]->config.timer_min_ms = timer;
        double_each_time(net->nodes[i]);
        net->nodes[i]->config.handshake_ms = 600000;
    }
    return net;
}

EACH_VERSION(back_off_of_the_first_hello)
{
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        node_t *client, *server;
        net_t *net = with_timer(firsts[i], &client, &server);
        uint64_t from = net->now;

        net_start(net);
        net->tap = swallow;
        net->user = client;
        CHECK(!net_connect(client, server, 600000));
        check_back_off(net, client, CLIENT_HELLO, firsts[i], 60000, from + 600000);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_last_end(client)->at - from, 600000);
        CHECK(!node_last_end(client)->info.received_any);
        net_end(net);
    }
}

static void swallow_second_hello(net_t *net, net_packet_t *packet)
{
    wire_record_t record;
    wire_message_t message;

    (void)net;
    if (wire_find(packet, CLIENT_HELLO, &record) && wire_message(&record, &message) &&
        message.msg_seq > 0) {
        packet->copies = 0;
    }
}

EACH_VERSION(back_off_of_the_hello_with_cookie)
{
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        node_t *client, *server;
        net_t *net = with_timer(firsts[i], &client, &server);
        size_t sends = 0;
        uint64_t due = net->now, timer = firsts[i];

        net_start(net);
        net->tap = swallow_second_hello;
        CHECK(!net_connect(client, server, 600000));
        for (size_t p = 2; p < net->packet_count; p++) {
            CHECK_EQ(net->packets[p].at, due);
            due += timer;
            timer = timer * 2 < 60000 ? timer * 2 : 60000;
            sends++;
        }
        CHECK(sends > 5);
        CHECK(node_last_end(client)->info.received_any);
        net_end(net);
    }
}

/* After the hello with the cookie, all datagrams are lost. */
EACH_VERSION(back_off_of_the_server_hello)
{
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        node_t *client, *server;
        net_t *net = with_timer(firsts[i], &client, &server);
        uint64_t from = net->now;

        net_start(net);
        net->tap = swallow_after_cookie;
        CHECK(!net_connect(client, server, 700000));
        net_run(net, 1000);
        check_back_off(net, server, SERVER_HELLO, firsts[i], 60000, from + 600000);
        CHECK_EQ(node_ends(server), 1);
        CHECK_EQ(node_last_end(server)->code, DTLS_EVENT_TIMEOUT);
        CHECK_EQ(node_last_end(server)->at - from, 600000);
        net_end(net);
    }
}

EACH_VERSION(back_off_of_the_client_finished)
{
    for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
        node_t *client, *server;
        net_t *net = with_timer(firsts[i], &client, &server);
        uint64_t from = net->now;

        net_start(net);
        net->tap = swallow_last_flight;
        net->user = server;
        CHECK_EQ(net_connect(client, server, 700000), net_version == DTLS13);
        net_run(net, 700000);
        check_back_off(net, client, CLIENT_KEY_EXCHANGE, firsts[i], 60000, from + 600000);
        CHECK_EQ(node_last_end(client)->at - from, 600000);
        net_end(net);
    }
}

EACH_VERSION(back_off_has_a_cap)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.timer_max_ms = 1000;
    net_start(net);
    net->tap = swallow;
    net->user = client;
    CHECK(!net_connect(client, server, 60000));
    CHECK(check_back_off(net, client, CLIENT_HELLO, 400, 1000, net->now) > 55);
    net_end(net);
}

/* ---- the timer of the peer runs too ---- */

static void swallow_key_exchange(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    (void)net;
    if (wire_find(packet, CLIENT_KEY_EXCHANGE, &record)) {
        packet->copies = 0;
    }
}

/* RFC 6347 section 4.2.4: the server retransmits at 300 ms. The client responds, and restarts its
 * own timer. */
TEST(answered_repeat_restarts_the_timer)
{
    static const unsigned due[] = {0, 300, 700, 900, 1700};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint64_t from = net->now;

    client->config.timer_ms = client->config.timer_min_ms = 400;
    server->config.timer_ms = server->config.timer_min_ms = 300;
    double_each_time(client);
    double_each_time(server);
    net_start(net);
    net->tap = swallow_key_exchange;
    CHECK(!net_connect(client, server, 2000));
    for (size_t i = 0; i < sizeof(due) / sizeof(*due); i++) {
        const net_packet_t *packet = wire_sent_message(client, CLIENT_KEY_EXCHANGE, i);

        CHECK(packet);
        CHECK_EQ(packet->at - from, due[i]);
    }
    net_end(net);
}

/* An attacker replays the server's flight for ever. That makes the intervals of our timer at most
 * twice as long. */
TEST(endless_repeats_do_not_stop_the_timer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_message_t message = {.type = SERVER_HELLO_DONE, .msg_seq = 2};

    server->config.timer_ms = server->config.timer_max_ms = 60000;
    double_each_time(client);
    net_start(net);
    net->tap = swallow_key_exchange;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1);
    for (uint64_t number = 1000; number < 3400; number++) {
        wire_t forged = {.length = 0};

        wire_put_fragment(&forged, number, &message);
        net_inject(client, &server->address, forged.data, forged.length);
        net_run(net, 1);
    }
    /* the intervals of 100, 200, 400 and 800 ms have become twice as long */
    CHECK(node_stats(client, server).resent > 5);
    CHECK_EQ(node_stats(client, server).timeouts, 3);
    net_end(net);
}

/* The client measures the round trip of the cookie exchange. The next flight has a shorter timer,
 * but at least timer_min_ms. */
EACH_VERSION(measured_round_trip_sets_the_timer)
{
    static const struct {
        uint64_t one_way, at_least, at_most;
    } rows[] = {{0, 100, 100}, {5, 100, 100}, {80, 160, 400}, {150, 300, 600}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);
        const net_packet_t *first, *second;

        NOTE("one way %llu ms", (unsigned long long)rows[i].one_way);
        client->delay = server->delay = rows[i].one_way;
        net_start(net);
        net->tap = swallow_second_hello;
        CHECK(!net_connect(client, server, 2000));
        first = wire_sent_message(client, CLIENT_HELLO, 1);
        second = wire_sent_message(client, CLIENT_HELLO, 2);
        CHECK(first && second);
        CHECK(second->at - first->at >= rows[i].at_least);
        CHECK(second->at - first->at <= rows[i].at_most);
        net_end(net);
    }
}

/* dtls_set_timer() lowers timer_min_ms if the timer would be shorter, and never raises it. */
EACH_VERSION(short_timer_lowers_the_minimum)
{
    static const uint32_t rows[][2] = {{20, 20}, {99, 99}, {100, 100}, {200, 100}, {401, 100}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);

        NOTE("timer %u ms", rows[i][0]);
        net_start(net);
        CHECK_EQ(dtls_set_timer(client->ctx, rows[i][0]), 0);
        net->tap = swallow_second_hello;
        CHECK(!net_connect(client, server, 2000));
        CHECK_EQ(wire_sent_message(client, CLIENT_HELLO, 2)->at -
                     wire_sent_message(client, CLIENT_HELLO, 1)->at,
                 rows[i][1]);
        net_end(net);
    }
}

/* On a path with a long delay and without loss, each datagram is sent as often as on a short
 * path. */
EACH_VERSION(long_round_trip_repeats_nothing)
{
    for (uint64_t one_way = 0; one_way < 199; one_way += 7) {
        node_t *client, *server;
        net_t *net = net_pair(one_way, &client, &server);

        NOTE("one way %llu ms", (unsigned long long)one_way);
        client->delay = server->delay = one_way;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(net->packet_count, 6);
        net_end(net);
    }
}

/* A forged HelloVerifyRequest has a record number from which the round trip seems to be an hour. */
TEST(old_record_number_raises_the_timer_to_2_s)
{
    static const struct {
        uint32_t timer;
        uint64_t at, expected;
    } rows[] = {{400, 900, 1800}, {400, 1200, 2000}, {400, 50000, 2000}, {5000, 50000, 5000}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        static const uint8_t body[] = {0xfe, 0xff, 2, 'c', 'o'};
        const wire_message_t message = {.type = HELLO_VERIFY_REQUEST,
                                        .total = sizeof(body),
                                        .length = sizeof(body),
                                        .body = body};
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);
        wire_t forged = {.length = 0};
        size_t before;

        NOTE("after %llu ms", (unsigned long long)rows[i].at);
        client->config.timer_ms = rows[i].timer;
        net_start(net);
        net->tap = swallow;
        net->user = client;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, rows[i].at);
        before = client->sent;
        wire_put_fragment(&forged, 0, &message);
        net_inject(client, &server->address, forged.data, forged.length);
        CHECK_EQ(client->sent, before + 1);
        net_run(net, rows[i].expected - 1);
        CHECK_EQ(client->sent, before + 1);
        net_run(net, 1);
        CHECK_EQ(client->sent, before + 2);
        net_end(net);
    }
}

EACH_VERSION(handshake_limit_is_exact)
{
    static const uint32_t limits[] = {1000, 1234, 5000, 20000, 60000};

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);
        uint64_t from = net->now;

        NOTE("limit %u ms", limits[i]);
        client->config.handshake_ms = limits[i];
        net_start(net);
        net->tap = swallow;
        net->user = client;
        CHECK(!net_connect(client, server, 100000));
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_TIMEOUT);
        CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_TIMEOUT);
        CHECK_EQ(node_last_end(client)->at - from, limits[i]);
        CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
        CHECK_EQ(dtls_next_timeout(client->ctx), -1);
        net_end(net);
    }
}

/* ---- DTLS 1.3: the server's flight is two datagrams, and the second is lost ---- */

static void drop_once(net_t *net, net_packet_t *packet)
{
    size_t *left = net->user;
    wire_record_t record;

    if (*left > 0 && !wire_find(packet, CLIENT_HELLO, &record) &&
        !wire_find(packet, SERVER_HELLO, &record)) {
        packet->copies = 0;
        --*left;
    }
}

/* RFC 9147 sections 7.1 and 7.2: after a quarter of its timer the client acknowledges the records
 * that it has, and the server sends the rest. */
TEST(gap_in_a_flight_is_filled_before_the_timer)
{
    static const uint16_t p256 = 23;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t left = 1;
    const net_packet_t *ack, *rest;

    client->config.only_version = server->config.only_version = DTLS13;
    client->config.psk_sha384 = server->config.psk_sha384 = true;
    client->config.groups = &p256;
    client->config.group_count = 1;
    client->config.timer_ms = client->config.timer_min_ms = 1000;
    server->config.timer_ms = server->config.timer_min_ms = 1000;
    client->config.use_cid = server->config.use_cid = true;
    server->config.cid_length = 20;
    server->config.mtu = 256;
    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    net->tap = drop_once;
    net->user = &left;
    CHECK(net_connect(client, server, 999));
    CHECK_EQ(net->packet_count, 7); /* hello, two datagrams, ACK, the rest, Finished, ACK */
    ack = &net->packets[3];
    rest = &net->packets[4];
    /* the sizes of the records in the datagram with ServerHello */
    CHECK_EQ(ack->length, 5 + 20 + 2 + 2 * 16 + 1 + 16);
    CHECK_EQ(ack->at - net->packets[0].at, 250);
    CHECK_EQ(rest->at, ack->at);
    CHECK_EQ(wire_count(rest), 1);
    CHECK_EQ(rest->length, net->packets[2].length);
    CHECK_EQ(node_stats(server, client).timeouts, 0);
    net_end(net);
}

/* A forged plaintext ACK does not stop a retransmission. */
TEST(forged_ack_in_the_plain_stops_nothing)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_t forged = {.length = 0}, body = {.length = 0};

    client->config.only_version = server->config.only_version = DTLS13;
    double_each_time(client);
    net_start(net);
    net->tap = swallow;
    net->user = client;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    wire_put_number(&body, 16, 2);
    wire_put_number(&body, 0, 8);
    wire_put_number(&body, 0, 8);
    wire_put_record(&forged, ACK, 0, 0, body.data, body.length);
    net_inject(client, &server->address, forged.data, forged.length);
    net_run(net, 10000);
    CHECK(check_back_off(net, client, CLIENT_HELLO, 400, 60000, net->now) >= 5);
    net_end(net);
}
