/*
 * reassembly.c - handshake fragments that contradict each other, never end, or have unusual sizes.
 * Memory stays bounded, and the genuine handshake completes.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

enum { FLOOD = 100000 };

/* What the tap does to the first datagram with that message: `attack` is called before it is
 * delivered. */
typedef struct {
    unsigned msg_type;
    void (*attack)(net_t *net, net_packet_t *packet, const wire_message_t *message);
    bool done;
} ambush_t;

static void lie_in_wait(net_t *net, net_packet_t *packet)
{
    ambush_t *ambush = net->user;
    wire_record_t record;
    wire_message_t message;

    if (!ambush->done && wire_find(packet, ambush->msg_type, &record)) {
        ambush->done = true;
        CHECK(wire_message(&record, &message));
        ambush->attack(net, packet, &message);
    }
}

static void survive(ambush_t ambush, size_t length)
{
    static uint8_t text[2000];
    node_t *client, *server;
    net_t *net = net_pair(length, &client, &server);

    memset(text, 'r', sizeof(text));
    client->identity = server->identity = server->hint = text;
    client->identity_length = length;
    server->identity_length = server->hint_length = length;
    client->config.mtu = server->config.mtu = 256;
    client->delay = server->delay = 1;
    net_start(net);
    net->tap = lie_in_wait;
    net->user = &ambush;
    CHECK(net_connect(client, server, 20000));
    CHECK(ambush.done);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

static void inject_fragment(net_packet_t *packet, const wire_message_t *message)
{
    net_t *net = packet->from->net;
    wire_t wire = {.length = 0};

    wire_put_fragment(&wire, net_random(net, 1 << 20), message);
    net_inject(packet->to, &packet->from->address, wire.data, wire.length);
}

/* ---- bytes after a fragment ---- */

/* RFC 6347 section 4.2.3: appends a record with one byte too many, or with the header of a fragment
 * but no body. */
static void append_junk(net_t *net, net_packet_t *packet)
{
    static const uint8_t junk[] = {SERVER_HELLO_DONE, 0, 0, 9, 0, 3, 0, 0, 0, 0, 0, 9};
    size_t *length = net->user;
    wire_record_t record;

    if (*length > 0 && wire_find(packet, SERVER_HELLO_DONE, &record)) {
        size_t at = (size_t)(record.raw - packet->data);

        packet->data = realloc(packet->data, packet->length + *length);
        memcpy(packet->data + packet->length, junk, *length);
        packet->length += *length;
        packet->data[at + 12] = (uint8_t)(packet->data[at + 12] + *length);
        *length = 0; /* once only */
    }
}

TEST(record_with_bytes_after_a_message_is_dropped_whole)
{
    for (size_t length = 1; length <= 12; length++) {
        node_t *client, *server;
        net_t *net = net_pair(length, &client, &server);
        size_t once = length;

        NOTE("%zu bytes", length);
        net_start(net);
        net->tap = append_junk;
        net->user = &once;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 50);
        CHECK_EQ(node_stats(client, server).dropped[DTLS_DROP_BAD_FRAGMENT], 1);
        CHECK(wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0) == NULL);
        net_run(net, 1000);
        CHECK(node_connected(client, server));
        net_end(net);
    }
}

/* ---- fragments that contradict each other ---- */

/* The genuine first fragment has arrived. Forged fragments that contradict it arrive before the
 * genuine second one. */
static void disagree(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static const uint8_t body[64] = {0};
    static const int grow[] = {-1, 1, 1000, -100, 0xffff};

    (void)net;
    net_inject(packet->to, &packet->from->address, packet->data, packet->length);
    for (size_t i = 0; i < sizeof(grow) / sizeof(*grow); i++) {
        wire_message_t bad = *message;

        bad.total = (uint32_t)((int)bad.total + grow[i]);
        bad.offset = message->length;
        bad.length = 40;
        bad.body = body;
        inject_fragment(packet, &bad);
        bad.total = message->total;
        bad.type = (uint8_t)(message->type + 1 + i);
        inject_fragment(packet, &bad);
    }
}

TEST(fragments_that_disagree_about_length_or_type)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = disagree}, 600);
    survive((ambush_t){.msg_type = SERVER_KEY_EXCHANGE, .attack = disagree}, 600);
}

/* Drops the record with the ServerHelloDone, which is the last one. */
static void cut_hello_done(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    (void)net;
    if (wire_find(packet, SERVER_HELLO_DONE, &record))
        packet->length -= record.raw_length;
}

/* A ServerHelloDone is empty: the first fragment of a longer one is not stored. */
TEST(fragment_of_a_message_that_is_too_long)
{
    const wire_message_t done = {.type = SERVER_HELLO_DONE, .msg_seq = 2, .total = 1};
    node_t *client, *server;
    wire_t wire = {.length = 0};

    net_ecdhe = true;
    net_t *net = net_pair(1, &client, &server);
    server->config.cookie = DTLS_COOKIE_OFF;
    net->tap = cut_hello_done;
    net_start(net);
    net_ecdhe = false;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1);
    wire_put_fragment(&wire, 50, &done);
    net_inject(client, &server->address, wire.data, wire.length);
    CHECK_EQ(node_stats(client, server).dropped[DTLS_DROP_BAD_FRAGMENT], 1);
    net_end(net);
}

/* A forged fragment arrives first, and the genuine ones contradict it. */
static void poison(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static const uint8_t body[64] = {0};
    wire_message_t bad = *message;

    (void)net;
    bad.total += 5;
    bad.length = 40;
    bad.body = body;
    inject_fragment(packet, &bad);
    bad.offset = 50;
    inject_fragment(packet, &bad);
}

TEST(forged_fragment_before_the_genuine_ones)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = poison}, 600);
    survive((ambush_t){.msg_type = SERVER_KEY_EXCHANGE, .attack = poison}, 600);
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = poison}, 15);
    survive((ambush_t){.msg_type = SERVER_HELLO, .attack = poison}, 15);
}

/* The lengths exceed the message, the record, or 2^24 bytes. */
static void overrun(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static const uint8_t body[64] = {0};
    static const struct {
        uint32_t total, offset, length;
    } rows[] = {{10, 5, 6},  {10, 11, 0},       {0xffffff, 0xffffff, 1},
                {0, 0, 1},   {1, 0xffffff, 40}, {0xffffff, 1, 40},
                {40, 1, 40}, {0xffffff, 0, 1}};

    (void)net;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        wire_message_t bad = *message;
        wire_t wire = {.length = 0};

        bad.total = rows[i].total;
        bad.offset = rows[i].offset;
        bad.length = rows[i].length;
        bad.body = body;
        bad.msg_seq = (uint16_t)(message->msg_seq + 1 + i % 2);
        inject_fragment(packet, &bad);
        wire_put_fragment(&wire, i, &bad);
        wire.data[WIRE_RECORD_HEADER + 9] = 0xff; /* a fragment beyond the end of its record */
        net_inject(packet->to, &packet->from->address, wire.data, wire.length);
    }
}

TEST(fragments_that_overrun)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = overrun}, 15);
    survive((ambush_t){.msg_type = SERVER_HELLO, .attack = overrun}, 15);
}

/* ---- floods ---- */

static void one_hostile_fragment(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static const uint8_t body[200] = {0x55};
    static const uint32_t totals[] = {0, 1, 2, 3, 100, 300, 1000, 16384, 65535, 70000, 0xffffff};
    wire_message_t bad = {.body = body};

    bad.type = (uint8_t)net_random(net, 256);
    bad.msg_seq = (uint16_t)(message->msg_seq + net_random(net, 20));
    bad.total = totals[net_random(net, sizeof(totals) / sizeof(*totals))];
    bad.length = (uint32_t)net_random(net, sizeof(body) + 1);
    bad.offset = (uint32_t)net_random(net, (size_t)bad.total + 2);
    if (bad.msg_seq == message->msg_seq && bad.offset == 0) {
        bad.offset = 1; /* otherwise it could be a whole message with wrong contents */
    }
    if (net_random(net, 4) == 0) {
        bad.msg_seq = (uint16_t)net_random(net, 65536);
        bad.msg_seq = bad.msg_seq == message->msg_seq ? 0 : bad.msg_seq;
    }
    inject_fragment(packet, &bad);
}

static void flood(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    size_t before = packet->to->live_bytes, sent = packet->to->sent;

    for (unsigned i = 0; i < FLOOD; i++) {
        one_hostile_fragment(net, packet, message);
        CHECK(packet->to->live_bytes - before <= DTLS_MAX_REASSEMBLY + 4096);
    }
    CHECK(packet->to->sent - sent < 5);
}

TEST(flood_of_fragments_at_the_server)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = flood}, 15);
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = flood}, 600);
}

TEST(flood_of_fragments_at_the_client)
{
    survive((ambush_t){.msg_type = SERVER_HELLO, .attack = flood}, 15);
    survive((ambush_t){.msg_type = SERVER_KEY_EXCHANGE, .attack = flood}, 600);
}

static void flood_the_future(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static const uint8_t body[1000] = {0};
    size_t before = packet->to->live_bytes;

    for (unsigned i = 0; i < FLOOD; i++) {
        wire_message_t bad = *message;
        wire_t wire = {.length = 0};

        bad.msg_seq = (uint16_t)(message->msg_seq + 1 + i % 1000);
        bad.total = 65535;
        bad.offset = i % 64000;
        bad.length = sizeof(body);
        bad.body = body;
        wire_put_fragment(&wire, i, &bad);
        wire_put_record(&wire, HANDSHAKE, 1 + i % 3, i, body, 60);
        wire_put_record(&wire, CCS, 0, i, "\1", 1);
        wire_put_record(&wire, DATA, 1, i, body, 60);
        net_inject(packet->to, &packet->from->address, wire.data, wire.length);
        CHECK(packet->to->live_bytes - before <= DTLS_MAX_REASSEMBLY + 4096);
    }
    CHECK(net != NULL);
}

TEST(flood_of_future_messages_and_epochs_at_the_server)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = flood_the_future}, 15);
}

TEST(flood_of_future_messages_and_epochs_at_the_client)
{
    survive((ambush_t){.msg_type = SERVER_HELLO, .attack = flood_the_future}, 15);
}

/* ---- floods in DTLS 1.3 ---- */

typedef struct {
    const node_t *victim;
    bool done;
} flood13_t;

/* A fragment of a future message, which fits the message, and records that look protected, one for
 * each epoch. */
static void put_hostile13(wire_t *wire, unsigned i)
{
    static const uint8_t body[900] = {0};
    const uint32_t total = i % 3 ? 65535 : 1000, room = total - (uint32_t)sizeof(body);
    const wire_message_t bad = {.type = i % 7 ? SERVER_HELLO : (uint8_t)i,
                                .msg_seq = (uint16_t)(3 + i % 1000),
                                .total = total,
                                .offset = i % (room + 1),
                                .length = sizeof(body),
                                .body = body};

    wire_put_fragment(wire, i, &bad);
    for (unsigned epoch = 0; epoch < 4; epoch++) {
        wire_put_number(wire, 0x2c + epoch, 1); /* a unified header with a number and a length */
        wire_put_number(wire, i, 2);
        wire_put_number(wire, 40, 2);
        wire_put(wire, body, 40);
    }
}

/* Before the victim gets the protected part of the peer's flight. */
static void flood13(net_t *net, net_packet_t *packet)
{
    flood13_t *flood = net->user;
    size_t before = packet->to->live_bytes, sent = packet->to->sent;

    if (flood->done || packet->to != flood->victim || !wire_has(packet, HIDDEN, 2))
        return;
    flood->done = true;
    for (unsigned i = 0; i < FLOOD; i++) {
        wire_t wire = {.length = 0};

        put_hostile13(&wire, i);
        net_inject(packet->to, &packet->from->address, wire.data, wire.length);
        CHECK(packet->to->live_bytes <= before + DTLS_MAX_REASSEMBLY + 4096);
    }
    CHECK(packet->to->sent - sent < 5);
}

TEST(flood_of_future_messages_and_epochs_dtls13)
{
    for (unsigned at_server = 0; at_server < 2; at_server++) {
        node_t *client, *server;
        net_version = DTLS13;
        net_t *net = net_pair(1, &client, &server);
        net_version = DTLS12;
        flood13_t flood = {.victim = at_server ? server : client};

        NOTE("at the %s", flood.victim->name);
        client->delay = server->delay = 1;
        net_start(net);
        net->tap = flood13;
        net->user = &flood;
        CHECK(net_connect(client, server, 20000));
        CHECK(flood.done);
        CHECK(net_echo(client, server));
        CHECK_EQ(node_ends(client) + node_ends(server), 0);
        net_end(net);
    }
}

/* ---- empty fragments ---- */

static void empty_things(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    static uint8_t datagram[65000];
    size_t length = 0;

    (void)net;
    for (uint32_t type = CCS; type <= DATA; type++) {
        wire_t wire = {.length = 0};

        wire_put_record(&wire, type, 0, type, "", 0);
        for (length = 0; length + wire.length < sizeof(datagram); length += wire.length) {
            memcpy(datagram + length, wire.data, wire.length);
        }
        net_inject(packet->to, &packet->from->address, datagram, length);
    }
    for (uint32_t offset = 0; offset <= message->total; offset++) {
        wire_message_t nothing = *message;

        nothing.offset = offset;
        nothing.length = 0;
        inject_fragment(packet, &nothing);
    }
}

TEST(empty_fragments_and_records)
{
    survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = empty_things}, 15);
    survive((ambush_t){.msg_type = SERVER_HELLO, .attack = empty_things}, 15);
}

/* ---- unusual fragments of the genuine message ---- */

static void put_piece(wire_t *wire, const wire_message_t *message, uint32_t offset, uint32_t length)
{
    wire_message_t piece = *message;

    piece.offset = offset;
    piece.length = length;
    piece.body = message->body + offset;
    wire_put_fragment(wire, 1000 + offset, &piece);
}

/* Replaces a whole message by fragments of one byte, shuffled, some of them duplicated and
 * overlapping. */
static void crumble(net_t *net, net_packet_t *packet, const wire_message_t *message)
{
    uint32_t order[256], total = message->total;

    CHECK(message->length == total && total <= 256);
    for (uint32_t i = 0; i < total; i++) {
        order[i] = i;
    }
    for (uint32_t i = total; i-- > 1;) {
        uint32_t k = (uint32_t)net_random(net, i + 1), swap = order[i];

        order[i] = order[k];
        order[k] = swap;
    }
    for (uint32_t i = 0; i < total; i++) {
        wire_t wire = {.length = 0};
        uint32_t more = (uint32_t)net_random(net, 3);

        more = order[i] + 1 + more > total ? 0 : more;
        put_piece(&wire, message, order[i], 1 + more);
        if (more) {
            put_piece(&wire, message, order[i], 1);
        }
        net_inject(packet->to, &packet->from->address, wire.data, wire.length);
    }
}

TEST(messages_in_crumbs)
{
    for (size_t length = 1; length < 60; length++) {
        NOTE("identity of %zu bytes", length);
        survive((ambush_t){.msg_type = CLIENT_KEY_EXCHANGE, .attack = crumble}, length);
        survive((ambush_t){.msg_type = SERVER_KEY_EXCHANGE, .attack = crumble}, length);
        survive((ambush_t){.msg_type = SERVER_HELLO, .attack = crumble}, length);
    }
}

/* RFC 6347 section 4.2.3: puts all plaintext messages of a flight into one record. */
static void merge(net_t *net, net_packet_t *packet)
{
    wire_t body = {.length = 0}, merged = {.length = 0};
    wire_record_t record;
    uint64_t sequence = 0;

    (void)net;
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type == HANDSHAKE && record.epoch == 0) {
            wire_put(&body, record.body, record.length);
            sequence = record.sequence;
        }
    }
    if (body.length == 0) {
        return;
    }
    wire_put_record(&merged, HANDSHAKE, 0, sequence, body.data, body.length);
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type != HANDSHAKE || record.epoch != 0) {
            wire_put(&merged, record.raw, record.raw_length);
        }
    }
    packet->copies = 0;
    net_carry(packet->from, packet->to, merged.data, merged.length, 1);
}

TEST(messages_of_a_flight_in_one_record)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->hint = (const uint8_t *)"hint";
    server->hint_length = 4;
    net_start(net);
    net->tap = merge;
    CHECK(net_connect(client, server, 300));
    CHECK(net_echo(client, server));
    net_end(net);
}
