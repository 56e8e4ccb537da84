/*
 * finished.c - no handshake completes and no data is delivered unless every message has arrived, in
 * order and unaltered.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- one bit of Finished ---- */

typedef struct {
    const node_t *from;
    size_t bit;
} flip_t;

static void flip_finished(net_t *net, net_packet_t *packet)
{
    const flip_t *flip = net->user;
    wire_record_t record;

    if (packet->from != flip->from) {
        return;
    }
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type == HANDSHAKE && record.epoch == 1) {
            size_t place = (size_t)(record.body - packet->data) + flip->bit / 8;

            CHECK(flip->bit < 8 * record.length);
            packet->data[place] = (uint8_t)(packet->data[place] ^ 1 << flip->bit % 8);
        }
    }
}

/* The plaintext of Finished under CCM_8 is 12 + 12 bytes, after the nonce and before the tag. */
static void fail_with_flip(bool from_client, size_t bit)
{
    static const uint16_t suite = 0xc0a8;
    flip_t flip = {.bit = bit};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    NOTE("bit %zu of the %s's", bit, from_client ? "client" : "server");
    client->config.suites = &suite;
    client->config.suite_count = 1;
    flip.from = from_client ? client : server;
    net_start(net);
    net->tap = flip_finished;
    net->user = &flip;
    CHECK(!net_connect(client, server, 61000));
    net_run(net, 61000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), from_client ? 0 : 1);
    CHECK_EQ(node_ends(client), 1);
    net_end(net);
}

TEST(finished_with_any_bit_flipped)
{
    for (size_t bit = 0; bit < 8 * (8 + 24 + 8); bit++) {
        fail_with_flip(true, bit);
        fail_with_flip(false, bit);
    }
}

/* ---- random walks ---- */

typedef enum { HELLO, HELLO_COOKIE, KEY_EXCHANGE, CHANGE, FINISH, SAY, WARN, STEPS } step_t;

/* The records of a correct client. They come from a run with the same random numbers. */
static wire_t right[STEPS];

static net_t *same_pair(node_t **client, node_t **server)
{
    return net_pair(4711, client, server);
}

static void keep(step_t step, const net_packet_t *packet, unsigned type, unsigned epoch)
{
    wire_record_t record;

    CHECK(packet != NULL);
    right[step].length = 0;
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type == type && record.epoch == epoch) {
            wire_put(&right[step], record.raw, record.raw_length);
        }
    }
    CHECK(right[step].length > 0);
}

static void learn(void)
{
    node_t *client, *server;
    net_t *net = same_pair(&client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK(node_write(client, server, "secret") > 0);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    keep(HELLO, wire_sent_message(client, CLIENT_HELLO, 0), HANDSHAKE, 0);
    keep(HELLO_COOKIE, wire_sent_message(client, CLIENT_HELLO, 1), HANDSHAKE, 0);
    keep(KEY_EXCHANGE, wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0), HANDSHAKE, 0);
    keep(CHANGE, wire_sent(client, CCS, 0, 0), CCS, 0);
    keep(FINISH, wire_sent(client, HANDSHAKE, 1, 0), HANDSHAKE, 1);
    keep(SAY, wire_sent(client, DATA, 1, 0), DATA, 1);
    keep(WARN, wire_sent(client, ALERT, 1, 0), ALERT, 1);
    net_end(net);
}

/* Sends one record to the server: unchanged, or with a byte changed after the record header. */
static void take(net_t *net, node_t *client, node_t *server, step_t step, bool good)
{
    wire_t wire = right[step];

    if (!good) {
        size_t place = WIRE_RECORD_HEADER + net_random(net, wire.length - WIRE_RECORD_HEADER);

        wire.data[place] = (uint8_t)(wire.data[place] ^ (1 + net_random(net, 255)));
    }
    net_inject(server, &client->address, wire.data, wire.length);
}

/* Checks what the server has done after these correct records. Wrong records between them must not
 * matter. */
typedef struct {
    bool seen[STEPS];
} walk_t;

static bool may_be_connected(const walk_t *walk)
{
    return walk->seen[HELLO_COOKIE] && walk->seen[KEY_EXCHANGE] && walk->seen[CHANGE] &&
           walk->seen[FINISH];
}

static bool walk_once(unsigned seed, unsigned wrong_percent)
{
    node_t *client, *server;
    net_t *net = same_pair(&client, &server);
    walk_t walk = {.seen = {false}};
    bool reached;

    NOTE("walk %u", seed);
    net_start(net);
    net->random = seed;
    client->loss = server->loss = 100;
    for (unsigned i = 0; i < 25; i++) {
        step_t step = (step_t)net_random(net, STEPS);
        bool good = net_random(net, 100) >= wrong_percent;

        take(net, client, server, step, good);
        walk.seen[step] = walk.seen[step] || good;
        if (!may_be_connected(&walk)) {
            CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 0);
            CHECK_EQ(server->message_count, 0);
        }
        CHECK(server->message_count == 0 || walk.seen[SAY]);
    }
    CHECK(server->message_count <= 1);
    CHECK(server->message_count == 0 || node_events(server, DTLS_EVENT_CONNECTED) == 1);
    reached = node_events(server, DTLS_EVENT_CONNECTED) == 1;
    net_end(net);
    return reached;
}

static unsigned walks(unsigned count, unsigned wrong_percent)
{
    unsigned reached = 0;

    learn();
    for (unsigned seed = 0; seed < count; seed++) {
        reached += walk_once(seed, wrong_percent);
    }
    return reached;
}

TEST(random_walks_of_right_steps)
{
    CHECK(walks(5000, 0) > 100); /* fewer would prove nothing */
}

TEST(random_walks_of_right_and_wrong_steps)
{
    walks(5000, 40);
}

/* Sends each record once, in every order but the correct one. */
static void walk_order(const step_t *order, size_t count, bool expected)
{
    node_t *client, *server;
    net_t *net = same_pair(&client, &server);

    net_start(net);
    client->loss = server->loss = 100;
    for (size_t i = 0; i < count; i++) {
        take(net, client, server, order[i], true);
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), expected);
    CHECK_EQ(server->message_count, expected);
    net_end(net);
}

TEST(each_step_left_out)
{
    static const step_t all[] = {HELLO_COOKIE, KEY_EXCHANGE, CHANGE, FINISH, SAY};

    learn();
    walk_order(all, 5, true);
    for (size_t out = 0; out < 4; out++) {
        step_t rest[4];

        NOTE("step %zu left out", out);
        for (size_t i = 0, n = 0; i < 5; i++) {
            if (i != out) {
                rest[n++] = all[i];
            }
        }
        walk_order(rest, 4, false);
    }
}
