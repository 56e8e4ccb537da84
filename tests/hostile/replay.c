/*
 * replay.c - replayed records, forged records far ahead of the window, and records of epochs
 * without keys.
 */
#include "conn/conn.h"
#include "wire.h"

#include <string.h>

static net_t *associated(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    return net;
}

static void inject_packet(const net_packet_t *packet)
{
    net_inject(packet->to, &packet->from->address, packet->data, packet->length);
}

EACH_VERSION(each_captured_datagram_again)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    size_t count, events;

    for (unsigned i = 0; i < 20; i++) {
        CHECK(node_write(client, server, "up") > 0);
        CHECK(node_write(server, client, "down") > 0);
    }
    net_run(net, 10);
    count = net->packet_count;
    events = client->event_count + server->event_count;
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            net_packet_t packet = net->packets[i];

            NOTE("datagram %zu", i);
            inject_packet(&packet);
            CHECK_EQ(server->message_count, 20);
            CHECK_EQ(client->message_count, 20);
            CHECK_EQ(client->event_count + server->event_count, events);
        }
    }
    CHECK(net->packet_count - count <= 6); /* each hello gets at most a request for a cookie */
    /* the 20 records of data, and Finished, three times */
    CHECK_EQ(node_stats(server, client).replayed, 3 * 21);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* When the server has acknowledged Finished, the client has no keys of the handshake any more. */
TEST(flight_of_the_server_again_after_its_acknowledgement)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_stats_t before, after;

    client->config.only_version = server->config.only_version = DTLS13;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK(net_echo(client, server));
    net_packet_t flight = *wire_sent_message(server, SERVER_HELLO, 1);
    before = node_stats(client, server);
    inject_packet(&flight);
    after = node_stats(client, server);
    CHECK(after.dropped[DTLS_DROP_EPOCH] > before.dropped[DTLS_DROP_EPOCH]);
    CHECK_EQ(after.replayed, before.replayed);
    for (unsigned epoch = 0; epoch < 3; epoch++) {
        NOTE("epoch %u", epoch);
        CHECK(!conn_write_epoch(conn_of(client, server), epoch));
    }
    net_end(net);
}

static void forge(node_t *from, node_t *to, unsigned type, unsigned epoch, uint64_t sequence)
{
    static const uint8_t body[48] = {1, 2, 3};
    wire_t wire = {.length = 0};

    wire_put_record(&wire, type, epoch, sequence, body, sizeof(body));
    net_inject(to, &from->address, wire.data, wire.length);
}

TEST(forged_record_far_ahead_moves_no_window)
{
    static const uint64_t ahead[] = {3, 64, 1000, 1 << 20, 0xffffffffffff};
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    size_t sent;

    for (size_t i = 0; i < sizeof(ahead) / sizeof(*ahead); i++) {
        for (unsigned type = CCS; type <= DATA; type++) {
            sent = server->sent;
            forge(client, server, type, 1, ahead[i]);
            forge(client, server, type, 2, ahead[i]);
            forge(client, server, type, 0, ahead[i]);
            forge(client, server, type, 0xffff, ahead[i]);
            CHECK_EQ(server->sent, sent);
            CHECK(net_echo(client, server));
        }
    }
    CHECK(node_stats(server, client).dropped[DTLS_DROP_BAD_MAC] > 0);
    CHECK(node_stats(server, client).dropped[DTLS_DROP_EPOCH] > 0);
    CHECK_EQ(node_stats(server, client).lost, 0);
    CHECK_EQ(node_ends(server), 0);
    net_end(net);
}

/* RFC 6347 section 4.1.2.6: the same attack in a handshake, whose records are plaintext. */
static void forge_ahead(net_t *net, net_packet_t *packet)
{
    (void)net;
    for (unsigned type = CCS; type <= DATA; type++) {
        forge(packet->from, packet->to, type, 0, 0xffffffffffff);
        forge(packet->from, packet->to, type, 1, 0xffffffffffff);
        forge(packet->from, packet->to, type, 1, 0);
    }
}

EACH_VERSION(forged_record_far_ahead_in_a_handshake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->delay = server->delay = 1;
    net_start(net);
    net->tap = forge_ahead;
    CHECK(net_connect(client, server, 1000));
    CHECK(net_echo(client, server));
    net_end(net);
}

/* An attacker copies the hello into a record with the highest number of all. The server's response
 * to this copy is lost, and so is its first flight. The genuine retransmissions of the hello have
 * lower record numbers. The server must still respond to them. */
static void outnumber(net_t *net, net_packet_t *packet)
{
    unsigned *lost = net->user;
    wire_record_t record;
    const net_packet_t *hello;
    wire_t copy = {.length = 0};

    if (*lost == 2 || !wire_find(packet, SERVER_HELLO, &record)) {
        return;
    }
    packet->copies = 0;
    if (++*lost == 2) {
        return;
    }
    hello = wire_sent_message(packet->to, CLIENT_HELLO, packet->index / 2); /* the last one */
    wire_put(&copy, hello->data, hello->length);
    memset(copy.data + 5, 0xff, 6);
    net_carry(packet->to, packet->from, copy.data, copy.length, 30);
}

TEST(forged_number_does_not_silence_the_server)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_OFF; cookie++) {
        unsigned lost = 0;
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("cookie %d", (int)cookie);
        server->config.cookie = cookie;
        client->delay = server->delay = 1;
        net_start(net);
        net->tap = outnumber;
        net->user = &lost;
        CHECK(net_connect(client, server, 3000));
        CHECK_EQ(lost, 2);
        net_end(net);
    }
}

/* ---- exact copies of plaintext records ---- */

static void lose_answers(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user && packet->index > 2) { /* after the hello with cookie */
        packet->copies = 0;
    }
}

/* Returns how often the node has repeated its flight because it took this datagram for a repeat of
 * the peer. */
static uint64_t resent_after(node_t *node, const node_t *peer, const wire_t *datagram)
{
    uint64_t before = node_stats(node, peer).resent;
    wire_t copy = *datagram;

    net_inject(node, &peer->address, copy.data, copy.length);
    net_run(node->net, 1000);
    return node_stats(node, peer).resent - before;
}

static void renumber(wire_t *datagram)
{
    wire_record_t record;
    size_t at = 0;

    while (wire_next(datagram->data, datagram->length, &at, &record)) {
        datagram->data[record.raw - datagram->data + 9] = 0x77;
    }
}

/* Replays every datagram with that message, which must not make the node repeat its flight. Then
 * sends the last one under a new record number, as the peer itself would, which must. */
static void copies_draw_no_flight(node_t *node, node_t *peer, unsigned msg_type, size_t first)
{
    size_t count = 0;
    wire_t copy;

    while (wire_sent_message(peer, msg_type, first + count)) {
        count++;
    }
    CHECK(count >= 3);
    CHECK(node_stats(node, peer).resent >= 2);
    peer->loss = 100;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++) {
            const net_packet_t *packet = wire_sent_message(peer, msg_type, first + i);

            NOTE("message %u, copy of transmission %zu", msg_type, i);
            copy.length = 0;
            wire_put(&copy, packet->data, packet->length);
            CHECK_EQ(resent_after(node, peer, &copy), 0);
        }
    }
    renumber(&copy);
    CHECK_EQ(resent_after(node, peer, &copy), 1);
    CHECK_EQ(resent_after(node, peer, &copy), 0);
}

EACH_VERSION(copies_of_a_hello_draw_no_flight)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    net->tap = lose_answers;
    net->user = server;
    CHECK(!net_connect(client, server, 3500));
    copies_draw_no_flight(server, client, CLIENT_HELLO, 1);
    net_end(net);
}

/* Sends a record with the number of a processed record, but other content. */
static void check_number_alone(node_t *client, node_t *server)
{
    const net_packet_t *flight = wire_sent_message(server, SERVER_HELLO_DONE, 0);
    wire_t both = {.length = 0}, datagram = {.length = 0};
    wire_record_t done;

    CHECK(wire_find(flight, SERVER_HELLO_DONE, &done));
    wire_put(&both, done.body, done.length);
    wire_put(&both, done.body, done.length);
    wire_put_record(&datagram, HANDSHAKE, 0, done.sequence, both.data, both.length);
    CHECK_EQ(resent_after(client, server, &datagram), 1);
}

EACH_OF_DTLS12(copies_of_a_server_flight_draw_no_flight)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    /* so that the client does not suspect a wrong key before the end */
    client->config.alert_grace_ms = 600000;
    client->config.handshake_ms = 600000;
    net_start(net);
    net->tap = lose_answers;
    net->user = client;
    CHECK(!net_connect(client, server, 3500));
    copies_draw_no_flight(client, server, SERVER_HELLO_DONE, 0);
    check_number_alone(client, server);
    net_end(net);
}

/* An empty record has a sequence number too, and its replay is dropped. */
EACH_VERSION(empty_record_twice)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    session_t peer = server->address;
    uint8_t nothing = 0;

    client->duplicate = 100;
    CHECK_EQ(dtls_write(client->ctx, &peer, &nothing, 0), 0);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(node_stats(server, client).replayed, 1);
    net_end(net);
}

/* RFC 6347 section 4.1.1: an invalid record does not prevent the processing of the next one in
 * the datagram. */
EACH_VERSION(good_record_after_bad_ones)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    wire_t wire = {.length = 0};
    const net_packet_t *good;

    client->loss = 100;
    CHECK(node_write(client, server, "good") > 0);
    good = &net->packets[net->packet_count - 1];
    wire_put_record(&wire, DATA, 1, 77, "0123456789012345678901234567", 28);
    wire_put_record(&wire, DATA, 0, 1, "plain", 5);
    wire_put_record(&wire, 99, 1, 78, "0123456789012345678901234567", 28);
    wire_put_record(&wire, DATA, 7, 1, "0123456789012345678901234567", 28);
    wire_put_record(&wire, DATA, 1, 79, "", 0);
    wire_put(&wire, good->data, good->length);
    wire_put_record(&wire, DATA, 1, 80, "0123456789012345678901234567", 28);
    net_inject(server, &client->address, wire.data, wire.length);
    CHECK_EQ(server->message_count, 1);
    CHECK_STR((const char *)server->messages[0].data, "good");
    net_end(net);
}

/* RFC 5246 section 6.2.3: records too short for nonce and tag, of every length, and records that
 * are too long. */
EACH_VERSION(records_of_odd_lengths)
{
    static uint8_t body[65535], datagram[65535 + 13];
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    static const size_t longest[] = {16384, 16385, 16384 + 2048, 16384 + 2049, 65500, 65535};
    size_t sent = server->sent;

    for (size_t length = 0; length <= 64; length++) {
        wire_t wire = {.length = 0};

        wire_put_record(&wire, DATA, 1, 1000 + length, body, length);
        net_inject(server, &client->address, wire.data, wire.length);
    }
    for (size_t i = 0; i < sizeof(longest) / sizeof(*longest); i++) {
        wire_t header = {.length = 0};

        wire_put_record(&header, DATA, 1, 2000 + i, "", 0);
        memcpy(datagram, header.data, header.length);
        datagram[11] = (uint8_t)(longest[i] >> 8);
        datagram[12] = (uint8_t)longest[i];
        net_inject(server, &client->address, datagram, longest[i] + 13);
        net_inject(server, &client->address, datagram, 100);
    }
    CHECK_EQ(server->sent, sent);
    CHECK_EQ(server->message_count, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(any_bit_of_a_record_flipped)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    net_packet_t good;
    size_t sent = server->sent;

    client->loss = 100;
    CHECK(node_write(client, server, "the message") > 0);
    good = net->packets[net->packet_count - 1];
    for (size_t bit = 0; bit < 8 * good.length; bit++) {
        uint8_t bad[100];

        NOTE("bit %zu", bit);
        CHECK(good.length <= sizeof(bad));
        memcpy(bad, good.data, good.length);
        bad[bit / 8] = (uint8_t)(bad[bit / 8] ^ 1 << bit % 8);
        net_inject(server, &client->address, bad, good.length);
        CHECK_EQ(server->message_count, 0);
    }
    CHECK_EQ(server->sent, sent);
    inject_packet(&good);
    CHECK_EQ(server->message_count, 1);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(reflected_records_are_dropped)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    size_t count;

    CHECK(node_write(client, server, "mine") > 0);
    CHECK(node_write(server, client, "yours") > 0);
    net_run(net, 10);
    count = net->packet_count;
    for (size_t i = 0; i < count; i++) {
        net_packet_t packet = net->packets[i];

        net_inject(packet.from, &packet.to->address, packet.data, packet.length);
    }
    CHECK_EQ(client->message_count, 1);
    CHECK_EQ(server->message_count, 1);
    CHECK(net_echo(client, server));
    net_end(net);
}
