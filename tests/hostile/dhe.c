/*
 * dhe.c - DHE_PSK key exchange messages that are altered in transit. With an invalid public key or
 * field the handshake never completes, and costs little.
 */
#include "wire.h"

#include <string.h>

enum { FFDHE2048 = 256, FIELD = 256 };

/* The offsets of the fields in a ServerKeyExchange without hint, and in the ClientKeyExchange. */
enum { PRIME = 2 + 2, GENERATOR = PRIME + FIELD + 2, PUBLIC = GENERATOR + 1 + 2 };

typedef struct {
    const char *name;
    bool of_client;
    void (*alter)(uint8_t *body, uint8_t *public_key);
    dtls_error_t error;
} row_t;

static uint8_t prime[FIELD];

static void is_zero(uint8_t *body, uint8_t *public_key)
{
    (void)body;
    memset(public_key, 0, FIELD);
}

static void is_one(uint8_t *body, uint8_t *public_key)
{
    is_zero(body, public_key);
    public_key[FIELD - 1] = 1;
}

static void is_the_prime(uint8_t *body, uint8_t *public_key)
{
    (void)body;
    memcpy(public_key, prime, FIELD);
}

static void is_one_less(uint8_t *body, uint8_t *public_key)
{
    is_the_prime(body, public_key);
    public_key[FIELD - 1] ^= 1;
}

static void is_all_ones(uint8_t *body, uint8_t *public_key)
{
    (void)body;
    memset(public_key, 0xff, FIELD);
}

static void empty_public_key(uint8_t *body, uint8_t *public_key)
{
    (void)body;
    memset(public_key - 2, 0, 2);
}

static void long_public_key(uint8_t *body, uint8_t *public_key)
{
    (void)body;
    public_key[-1]++;
}

static void even_prime(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    body[PRIME + FIELD - 1] ^= 1;
}

static void no_prime(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    body[PRIME + FIELD / 2] ^= 1;
}

static void short_prime(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    memset(body + PRIME, 0, FIELD / 2);
}

static void empty_prime(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    memset(body + PRIME - 2, 0, 2);
}

static void generator_of_nothing(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    body[GENERATOR] = 1;
}

static void zero_generator(uint8_t *body, uint8_t *public_key)
{
    (void)public_key;
    body[GENERATOR] = 0;
}

static const row_t rows[] = {
    {"0", false, is_zero, DTLS_ERR_ILLEGAL_PARAMETER},
    {"1", false, is_one, DTLS_ERR_ILLEGAL_PARAMETER},
    {"p", false, is_the_prime, DTLS_ERR_ILLEGAL_PARAMETER},
    {"p - 1", false, is_one_less, DTLS_ERR_ILLEGAL_PARAMETER},
    {"more than p", false, is_all_ones, DTLS_ERR_ILLEGAL_PARAMETER},
    {"no public key", false, empty_public_key, DTLS_ERR_DECODE},
    {"a public key that overruns", false, long_public_key, DTLS_ERR_DECODE},
    {"p is even", false, even_prime, DTLS_ERR_INSUFFICIENT_SECURITY},
    {"p is no prime", false, no_prime, DTLS_ERR_INSUFFICIENT_SECURITY},
    {"p has 1024 bits", false, short_prime, DTLS_ERR_INSUFFICIENT_SECURITY},
    {"no p", false, empty_prime, DTLS_ERR_DECODE},
    {"g is 1", false, generator_of_nothing, DTLS_ERR_INSUFFICIENT_SECURITY},
    {"g is 0", false, zero_generator, DTLS_ERR_INSUFFICIENT_SECURITY},
    {"0", true, is_zero, DTLS_ERR_ILLEGAL_PARAMETER},
    {"1", true, is_one, DTLS_ERR_ILLEGAL_PARAMETER},
    {"p", true, is_the_prime, DTLS_ERR_ILLEGAL_PARAMETER},
    {"p - 1", true, is_one_less, DTLS_ERR_ILLEGAL_PARAMETER},
    {"more than p", true, is_all_ones, DTLS_ERR_ILLEGAL_PARAMETER},
    {"no public key", true, empty_public_key, DTLS_ERR_DECODE},
    {"a public key that overruns", true, long_public_key, DTLS_ERR_DECODE},
};

typedef struct {
    const row_t *row;
    bool before; /* true: the genuine message follows */
    bool done;
} attack_t;

static void learn_prime(const net_packet_t *packet)
{
    wire_record_t record;
    wire_message_t message;

    if (wire_find(packet, SERVER_KEY_EXCHANGE, &record)) {
        CHECK(wire_message(&record, &message) && message.length == PUBLIC + FIELD);
        memcpy(prime, message.body + PRIME, FIELD);
    }
}

static void attack(net_t *net, net_packet_t *packet)
{
    attack_t *attack = net->user;
    const row_t *row = attack->row;
    unsigned type = row->of_client ? CLIENT_KEY_EXCHANGE : SERVER_KEY_EXCHANGE;
    uint8_t copy[WIRE_ROOM];
    wire_record_t record;
    size_t at, end;

    learn_prime(packet);
    if (attack->done || !wire_find(packet, type, &record)) {
        return;
    }
    at = (size_t)(record.body - packet->data) + WIRE_MESSAGE_HEADER;
    end = (size_t)(record.raw - packet->data) + record.raw_length;
    memcpy(copy, packet->data, packet->length);
    row->alter(copy + at, copy + end - FIELD);
    if (attack->before) {
        attack->done = true;
        net_carry(packet->from, packet->to, copy + (record.raw - packet->data), record.raw_length,
                  0);
        return;
    }
    packet->copies = 0;
    net_carry(packet->from, packet->to, copy, packet->length, 0);
}

static void run(const row_t *row, bool before)
{
    static const uint16_t suite = 0x00aa, group = FFDHE2048;
    attack_t way = {.row = row, .before = before};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const node_t *victim = row->of_client ? server : client;

    NOTE("%s, of the %s, %s", row->name, row->of_client ? "client" : "server",
         before ? "before" : "instead");
    client->config.suites = server->config.suites = &suite;
    client->config.groups = server->config.groups = &group;
    client->config.suite_count = server->config.suite_count = 1;
    client->config.group_count = server->config.group_count = 1;
    client->config.handshake_ms = server->config.handshake_ms = 5000;
    net_start(net);
    net->tap = attack;
    net->user = &way;
    CHECK_EQ(net_connect(client, server, 10000), before);
    if (before) {
        CHECK(net_echo(client, server));
    } else {
        net_run(net, 20000);
        CHECK_EQ(node_ends(victim), 1);
        CHECK_EQ(node_last_end(victim)->info.error, row->error);
        CHECK(!node_last_end(victim)->info.alert_received);
        CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    }
    net_end(net);
}

TEST(altered_key_exchange_is_refused)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        run(&rows[i], false);
    }
}

/* The altered message has the record number of the genuine one. In plaintext that proves
 * nothing. */
TEST(altered_key_exchange_before_the_genuine_one_is_survived)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        run(&rows[i], true);
    }
}
