/*
 * delay.c - round trips of 0.3 to 5 s, longer than the first timers. Each flight is sent several
 * times before the response arrives. Responses to earlier copies arrive later in the handshake.
 */
#include "wire.h"

#include <string.h>

enum { SEEDS = 1000 };

static uint64_t some_round_trip(net_t *net)
{
    return 300 + net_random(net, 4701);
}

static void set_round_trip(node_t *client, node_t *server, uint64_t ms)
{
    client->delay = ms / 2;
    server->delay = ms - ms / 2;
    client->reorder = server->reorder = 30;
    client->reorder_ms = server->reorder_ms = ms / 4;
}

static void check_connected(node_t *client, node_t *server, bool connected)
{
    CHECK_EQ(node_ends(client), 0);
    CHECK_EQ(node_ends(server), 0);
    CHECK(connected);
    net_run(client->net, 30000); /* datagrams still in transit must not end the association */
    net_calm(client->net);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client), 0);
    CHECK_EQ(node_ends(server), 0);
}

/* ---- a server whose cookies change ---- */

enum { COPIED, COUNTED, ZERO, RANDOM, NUMBERINGS };

/* A server like that of Mbed TLS: each hello without a cookie gets a different cookie. The server
 * accepts the first hello with one of its cookies, and after that only copies of that hello. */
typedef struct {
    node_t *client, *server;
    unsigned numbering; /* which record numbers its HelloVerifyRequests have */
    unsigned refusals;  /* cookies to refuse: the secret changes before each of them arrives */
    uint8_t issued, too_old, accepted;
} front_t;

static uint64_t number_for(front_t *front, const wire_record_t *hello)
{
    switch (front->numbering) {
    case COPIED: return hello->sequence;
    case COUNTED: return front->issued - 1;
    case RANDOM: return 1000 + net_random(front->server->net, 1000000);
    default: return 0;
    }
}

static void ask_for_cookie(front_t *front, const wire_record_t *hello,
                           const wire_message_t *message)
{
    wire_t answer = {.length = 0};
    const uint8_t body[] = {0xfe, 0xff, 2, 0x5e, ++front->issued};
    const wire_message_t request = {.type = HELLO_VERIFY_REQUEST,
                                    .msg_seq = front->numbering == COPIED ? message->msg_seq : 0,
                                    .total = sizeof(body),
                                    .length = sizeof(body),
                                    .body = body};

    wire_put_fragment(&answer, number_for(front, hello), &request);
    net_carry(front->server, front->client, answer.data, answer.length,
              front->client->delay + front->server->delay +
                  net_random(front->server->net, (size_t)front->client->reorder_ms + 1));
}

static uint8_t cookie_of(const wire_message_t *hello)
{
    const uint8_t *cookie = hello->body + 34 + 1 + hello->body[34];

    return cookie[0] ? cookie[2] : 0;
}

static void answer_as_front(net_t *net, net_packet_t *packet)
{
    front_t *front = net->user;
    wire_record_t hello;
    wire_message_t message;
    uint8_t cookie;

    if (packet->from != front->client || !wire_find(packet, CLIENT_HELLO, &hello)) {
        return;
    }
    CHECK(wire_message(&hello, &message));
    cookie = cookie_of(&message);
    if (cookie > front->too_old && front->refusals > 0) {
        front->too_old = front->issued;
        front->refusals--;
    }
    if (!front->accepted && cookie > front->too_old) {
        front->accepted = cookie;
    }
    if (cookie && cookie == front->accepted) {
        return;
    }
    packet->copies = 0;
    if (!front->accepted) {
        ask_for_cookie(front, &hello, &message);
    }
}

static void connect_to_front(unsigned seed, uint16_t version, front_t front)
{
    net_t *net = net_pair(seed, &front.client, &front.server);
    uint64_t round_trip = some_round_trip(net);

    NOTE("seed %u, round trip %llu ms, numbering %u", seed, (unsigned long long)round_trip,
         front.numbering);
    set_round_trip(front.client, front.server, round_trip);
    front.client->config.only_version = version;
    front.server->config.only_version = DTLS12;
    front.server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    net->tap = answer_as_front;
    net->user = &front;
    check_connected(front.client, front.server, net_connect(front.client, front.server, 60000));
    net_end(net);
}

TEST(cookies_that_change)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        connect_to_front(seed, DTLS12, (front_t){.numbering = COPIED});
        connect_to_front(seed, BOTH_VERSIONS, (front_t){.numbering = COPIED});
    }
}

TEST(cookies_that_change_and_record_numbers_that_are_not_copied)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        unsigned numbering = COUNTED + seed % (NUMBERINGS - COUNTED);

        connect_to_front(seed, DTLS12, (front_t){.numbering = numbering});
        connect_to_front(seed, BOTH_VERSIONS, (front_t){.numbering = numbering});
    }
}

/* The secret has changed since the cookie was sent. */
TEST(refused_cookies_are_replaced)
{
    for (unsigned seed = 1; seed <= 100; seed++) {
        for (unsigned numbering = COPIED; numbering < NUMBERINGS; numbering++) {
            connect_to_front(seed, DTLS12, (front_t){.numbering = numbering, .refusals = 1});
        }
        connect_to_front(seed, DTLS12, (front_t){.numbering = COPIED, .refusals = 3});
    }
}

/* ---- late duplicates of every datagram ---- */

static void repeat_late(net_t *net, net_packet_t *packet)
{
    unsigned copies = 1 + (unsigned)net_random(net, 3);

    for (unsigned i = 0; packet->to && i < copies; i++) {
        net_carry(packet->from, packet->to, packet->data, packet->length,
                  packet->delay + net_random(net, (size_t)(4 * packet->delay)));
    }
}

static void late_copies(dtls_cookie_t cookie, uint16_t version)
{
    for (unsigned seed = 1; seed <= 60; seed++) {
        node_t *client, *server;
        net_t *net = net_pair(seed, &client, &server);
        uint64_t round_trip = some_round_trip(net);

        NOTE("seed %u, round trip %llu ms, cookie %d", seed, (unsigned long long)round_trip,
             (int)cookie);
        set_round_trip(client, server, round_trip);
        client->config.only_version = version;
        server->config.cookie = cookie;
        net_start(net);
        net->tap = repeat_late;
        check_connected(client, server, net_connect(client, server, 60000));
        net_end(net);
    }
}

EACH_VERSION(late_copies_of_every_datagram)
{
    late_copies(DTLS_COOKIE_ON, net_version);
    late_copies(DTLS_COOKIE_OFF, net_version);
    late_copies(DTLS_COOKIE_AUTO, net_version);
    late_copies(DTLS_COOKIE_ON, BOTH_VERSIONS);
    late_copies(DTLS_COOKIE_OFF, BOTH_VERSIONS);
}

/* Without duplicates. Every response comes later than the timer, so every flight is
 * retransmitted. */
EACH_VERSION(long_round_trips)
{
    static const dtls_cookie_t cookies[] = {DTLS_COOKIE_ON, DTLS_COOKIE_OFF, DTLS_COOKIE_AUTO};

    for (uint64_t round_trip = 300; round_trip <= 5000; round_trip += 94) {
        for (size_t i = 0; i < 3; i++) {
            node_t *client, *server;
            net_t *net = net_pair(round_trip, &client, &server);

            NOTE("round trip %llu ms, cookie %d", (unsigned long long)round_trip, (int)cookies[i]);
            client->delay = server->delay = round_trip / 2;
            server->config.cookie = cookies[i];
            net_start(net);
            check_connected(client, server, net_connect(client, server, 60000));
            net_end(net);
        }
    }
}
