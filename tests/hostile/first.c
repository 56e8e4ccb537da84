/*
 * first.c - a first datagram from an address that is not a whole ClientHello: the server sends no
 * response and allocates no state.
 */
#include "conn/state.h"
#include "wire.h"

#include <string.h>

typedef struct {
    net_t *net;
    node_t *victim;
    session_t attacker;
    size_t live, sent;
} scene_t;

static scene_t begin(bool server, dtls_cookie_t cookie)
{
    scene_t scene;

    scene.net = net_new(1);
    scene.victim = net_node(scene.net, "victim");
    scene.victim->config.accept = server;
    scene.victim->config.cookie = cookie;
    net_start(scene.net);
    net_address(&scene.attacker, 6666);
    scene.live = scene.victim->live_bytes;
    scene.sent = scene.net->packet_count;
    return scene;
}

static void check_untouched(const scene_t *scene, const uint8_t *data, size_t length)
{
    CHECK_EQ(net_inject(scene->victim, &scene->attacker, data, length), 0);
    CHECK_EQ(scene->net->packet_count, scene->sent);
    CHECK_EQ(scene->victim->live_bytes, scene->live);
    CHECK_EQ(scene->victim->event_count, 0);
    CHECK(dtls_get_peer(scene->victim->ctx, &scene->attacker) == NULL);
    CHECK_EQ(dtls_next_timeout(scene->victim->ctx), -1);
}

static void for_victims(unsigned count, void (*attack)(scene_t *scene))
{
    for (unsigned victim = 0; victim < count; victim++) {
        scene_t scene = begin(victim > 0, victim == 2 ? DTLS_COOKIE_OFF : DTLS_COOKIE_ON);

        attack(&scene);
        net_end(scene.net);
    }
}

static void for_each_victim(void (*attack)(scene_t *scene))
{
    for_victims(3, attack);
}

/* The last victim does not require cookies. */
static void for_each_victim_with_cookies(void (*attack)(scene_t *scene))
{
    for_victims(2, attack);
}

static void attack_with_types(scene_t *scene)
{
    static const unsigned epochs[] = {0, 1, 2, 3, 0xffff};
    static const size_t lengths[] = {0, 1, 2, 12, 24, 40, 300};
    uint8_t body[300];

    for (size_t i = 0; i < sizeof(body); i++) {
        body[i] = (uint8_t)(i + 1);
    }
    for (unsigned type = 0; type < 256; type++) {
        for (size_t e = 0; e < sizeof(epochs) / sizeof(*epochs); e++) {
            for (size_t l = 0; l < sizeof(lengths) / sizeof(*lengths); l++) {
                wire_t wire = {.length = 0};

                NOTE("type %u, epoch %u, %zu bytes", type, epochs[e], lengths[l]);
                wire_put_record(&wire, type, epochs[e], 0, body, lengths[l]);
                check_untouched(scene, wire.data, wire.length);
            }
        }
    }
}

EACH_VERSION(odd_first_record_of_every_type_and_epoch)
{
    for_each_victim(attack_with_types);
}

static void attack_with_messages(scene_t *scene)
{
    static const uint8_t body[40] = {0xfe, 0xfd};

    for (unsigned type = 0; type < 256; type++) {
        for (unsigned length = 0; length <= sizeof(body); length += 20) {
            wire_message_t message = {
                .type = (uint8_t)type, .total = length, .length = length, .body = body};
            wire_t wire = {.length = 0};

            NOTE("message %u of %u bytes", type, length);
            wire_put_fragment(&wire, 0, &message);
            if (type == CLIENT_HELLO && length == sizeof(body) &&
                scene->victim->config.cookie == DTLS_COOKIE_OFF) {
                continue; /* a hello without suites is refused with an alert */
            }
            check_untouched(scene, wire.data, wire.length);
        }
    }
}

EACH_VERSION(odd_first_message_of_every_type)
{
    for_each_victim(attack_with_messages);
}

static void attack_with_noise(scene_t *scene)
{
    for (size_t length = 0; length < 200; length++) {
        uint8_t noise[200];

        for (size_t i = 0; i < length; i++) {
            noise[i] = (uint8_t)net_random(scene->net, 256);
        }
        NOTE("%zu bytes of noise", length);
        check_untouched(scene, noise, length);
    }
}

EACH_VERSION(noise_as_first_datagram)
{
    for_each_victim(attack_with_noise);
}

static void check_no_state(const scene_t *scene, const uint8_t *data, size_t length)
{
    size_t sent = scene->victim->sent_bytes;

    CHECK_EQ(net_inject(scene->victim, &scene->attacker, data, length), 0);
    CHECK(scene->victim->sent_bytes - sent <= length);
    CHECK_EQ(scene->victim->live_bytes, scene->live);
    CHECK_EQ(scene->victim->event_count, 0);
    CHECK(dtls_get_peer(scene->victim->ctx, &scene->attacker) == NULL);
    CHECK_EQ(dtls_next_timeout(scene->victim->ctx), -1);
}

/* The pool for fragments is allocated with the context. */
static void attack_with_fragments(scene_t *scene)
{
    wire_hello_t form = {.random = 7};
    wire_t hello = {.length = 0};
    wire_record_t record;
    wire_message_t whole;
    size_t at = 0;

    wire_put_hello(&hello, &form);
    CHECK(wire_next(hello.data, hello.length, &at, &record) && wire_message(&record, &whole));
    for (uint32_t cut = 0; cut < whole.total; cut++) {
        wire_message_t part = whole;
        wire_t wire = {.length = 0};

        NOTE("hello cut at %u", (unsigned)cut);
        part.length = cut;
        wire_put_fragment(&wire, 0, &part);
        part.offset = cut;
        part.length = whole.total - cut;
        part.body = whole.body + cut;
        if (cut > 0) {
            wire_put_fragment(&wire, 1, &part);
        }
        check_no_state(scene, wire.data, wire.length);
    }
}

EACH_VERSION(hello_in_fragments_keeps_nothing)
{
    for_each_victim_with_cookies(attack_with_fragments);
}

/* RFC 6347 section 4.2.3: bytes after the hello in its record. */
static void attack_with_long_hello(scene_t *scene)
{
    static const uint8_t zeros[WIRE_MESSAGE_HEADER + 1] = {0};
    wire_hello_t form = {.random = 7};
    wire_t hello = {.length = 0};

    wire_put_hello(&hello, &form);
    for (size_t more = 1; more <= sizeof(zeros); more++) {
        wire_t wire = hello;

        NOTE("%zu bytes after the hello", more);
        wire_put(&wire, zeros, more);
        wire.data[11] = (uint8_t)((wire.length - WIRE_RECORD_HEADER) >> 8);
        wire.data[12] = (uint8_t)(wire.length - WIRE_RECORD_HEADER);
        check_untouched(scene, wire.data, wire.length);
    }
}

EACH_VERSION(hello_with_bytes_after_it_is_not_answered)
{
    for_each_victim(attack_with_long_hello);
}

/* Sends every truncation of a hello, as a short record and as a short datagram. */
static void attack_with_short_hello(scene_t *scene)
{
    wire_hello_t form = {.random = 7};
    wire_t hello = {.length = 0};

    wire_put_hello(&hello, &form);
    for (size_t length = 0; length < hello.length; length++) {
        wire_t wire = hello;

        NOTE("hello cut to %zu bytes", length);
        check_untouched(scene, wire.data, length);
        if (length >= WIRE_RECORD_HEADER) {
            wire.data[11] = (uint8_t)((length - WIRE_RECORD_HEADER) >> 8);
            wire.data[12] = (uint8_t)(length - WIRE_RECORD_HEADER);
            check_untouched(scene, wire.data, length);
        }
    }
}

/* A fragment of an attacker, or of an earlier client at the same address, does not prevent a
 * handshake of a genuine client. */
EACH_VERSION(fragment_of_a_hello_before_a_whole_one)
{
    static const uint8_t piece[20] = {0xfe, 0xfd};

    for (unsigned seq = 0; seq <= 1000; seq += 1000) {
        const wire_message_t hello = {.type = CLIENT_HELLO,
                                      .msg_seq = (uint16_t)seq,
                                      .total = 199,
                                      .length = sizeof(piece),
                                      .body = piece};
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        wire_t wire = {.length = 0};

        NOTE("number %u", seq);
        server->config.cookie = DTLS_COOKIE_OFF;
        net_start(net);
        wire_put_fragment(&wire, 5, &hello);
        net_inject(server, &client->address, wire.data, wire.length);
        CHECK_EQ(node_events(server, DTLS_EVENT_CONNECT), 0);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(node_ends(server), 0);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* Each record that is discarded is counted, with the reason. */
TEST(drops_without_a_peer_are_counted)
{
    static const struct {
        const char *name, *hex;
        dtls_drop_t reason;
    } rows[] = {
        {"alert", "15 fefd 0000 000000000000 0002 0228", DTLS_DROP_NO_PEER},
        {"ACK", "1a fefd 0000 000000000000 0002 0000", DTLS_DROP_NO_PEER},
        {"ServerHelloDone", "16 fefd 0000 000000000000 000c 0e 000000 0000 000000 000000",
         DTLS_DROP_NO_PEER},
        {"protected data", "17 fefd 0001 000000000000 0002 0000", DTLS_DROP_NO_PEER},
        {"epoch 2", "17 fefd 0002 000000000000 0002 0000", DTLS_DROP_EPOCH},
        {"data in plaintext", "17 fefd 0000 000000000000 0001 00", DTLS_DROP_NO_PEER},
        {"unknown type", "63 fefd 0000 000000000000 0001 00", DTLS_DROP_NOT_A_RECORD},
        {"version 1.3", "15 fefc 0000 000000000000 0002 0228", DTLS_DROP_VERSION},
        {"half a header", "15 fefd 0000", DTLS_DROP_NOT_A_RECORD},
        {"half a record", "15 fefd 0000 000000000000 0002 02", DTLS_DROP_TRUNCATED},
        {"too long", "15 fefd 0000 000000000000 ffff 02", DTLS_DROP_TRUNCATED},
        {"malformed ClientHello", "16 fefd 0000 000000000000 000d 01 000001 0000 000000 000001 00",
         DTLS_DROP_BAD_HELLO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        scene_t scene = begin(true, DTLS_COOKIE_ON);
        uint8_t datagram[64];
        size_t length = UNHEX(rows[i].hex, datagram);

        NOTE("%s", rows[i].name);
        check_untouched(&scene, datagram, length);
        for (unsigned reason = 0; reason < DTLS_DROP_COUNT; reason++)
            CHECK_EQ(node_stats(scene.victim, NULL).dropped[reason], reason == rows[i].reason);
        net_end(scene.net);
    }
}

/* The longest ClientHello of which fragments are stored. */
TEST(fragment_of_a_long_hello)
{
    static const uint8_t piece[20] = {0xfe, 0xfd};
    scene_t scene = begin(true, DTLS_COOKIE_OFF);

    for (uint32_t more = 0; more < 2; more++) {
        const wire_message_t hello = {.type = CLIENT_HELLO,
                                      .total = DTLS_HELLO_POOL_LENGTH + more,
                                      .length = sizeof(piece),
                                      .body = piece};
        wire_t wire = {.length = 0};

        wire_put_fragment(&wire, 5, &hello);
        check_untouched(&scene, wire.data, wire.length);
        CHECK_EQ(node_stats(scene.victim, NULL).dropped[DTLS_DROP_LIMIT], more);
    }
    net_end(scene.net);
}

TEST(memory_of_fragmented_hellos_is_used_again)
{
    static const uint8_t identity[200] = "long";
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.mtu = 256;
    client->config.only_version = server->config.only_version = DTLS13;
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    for (unsigned i = 0; i < 2 * DTLS_HELLO_POOL; i++) {
        NOTE("handshake %u", i);
        CHECK(net_connect(client, server, 100));
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, 1000);
    }
    net_end(net);
}

/* To an address that is not validated, a server sends at most three times what it has received. Of a ClientHello in
 * fragments it counts one header. */
TEST(bytes_of_a_fragmented_hello_are_counted)
{
    static const uint8_t identity[200] = "long";
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_record_t record;
    wire_message_t message;

    client->config.mtu = 256;
    client->config.only_version = server->config.only_version = DTLS13;
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    client->loss = server->loss = 100;
    net_run(net, 1);
    CHECK(wire_find(wire_sent_message(client, CLIENT_HELLO, 0), CLIENT_HELLO, &record) &&
          wire_message(&record, &message));
    CHECK(message.length < message.total);
    CHECK_EQ(conn_of(server, client)->hs->received,
             WIRE_RECORD_HEADER + WIRE_MESSAGE_HEADER + message.total);
    net_end(net);
}

/* Otherwise a spoofed datagram would draw several responses. */
EACH_VERSION(datagram_with_two_hellos_draws_one_response)
{
    scene_t scene = begin(true, DTLS_COOKIE_ON);
    wire_t hellos = {.length = 0};

    for (uint8_t i = 0; i < 2; i++) {
        wire_hello_t form = {.random = i, .sequence = i};
        wire_put_hello(&hellos, &form);
    }
    scene.victim->config.only_version = DTLS12;
    net_inject(scene.victim, &scene.attacker, hellos.data, hellos.length);
    CHECK_EQ(scene.net->packet_count, scene.sent + 1);
    CHECK_EQ(node_stats(scene.victim, NULL).dropped[DTLS_DROP_LIMIT], 1);
    net_end(scene.net);
}

/* Some clients repeat a hello in fragments if they get no response. The server may have responded
 * to the hello already. */
EACH_VERSION(answered_hello_is_repeated_in_fragments)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_OFF; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        wire_record_t record;
        wire_message_t whole;
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        server->config.cookie = cookie;
        net_start(net);
        server->loss = 100;
        CHECK_EQ(dtls_connect(client->ctx, &server->address), 1);
        client->loss = 100;
        net_run(net, 1);
        CHECK(wire_find(&net->packets[0], CLIENT_HELLO, &record) && wire_message(&record, &whole));
        for (size_t i = 0; i < 2; i++) {
            wire_message_t piece = whole;
            wire_t wire = {.length = 0};
            size_t sent = server->sent;
            bool answered = i == 1; /* the first fragment contains the random */

            NOTE("cookie %d, %s", (int)cookie, i == 1 ? "nearly all of it" : "a bit");
            piece.length = i == 1 ? whole.length - 5 : 1;
            wire_put_fragment(&wire, 5 + i, &piece);
            net_run(net, 300);
            net_inject(server, &client->address, wire.data, wire.length);
            CHECK_EQ(server->sent > sent, answered);
        }
        net_end(net);
    }
}

EACH_VERSION(truncated_hello_is_not_answered)
{
    for_each_victim(attack_with_short_hello);
}

/* These hellos are well-formed, but the server cannot negotiate with them: wrong version, no
 * compression method, short lists. */
static void attack_with_bad_hello(scene_t *scene)
{
    static const wire_hello_t forms[] = {{.random = 1, .no_compression = true},
                                         {.random = 2, .version = 0x0301},
                                         {.random = 3, .version = 0xffff}};

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        wire_t wire = {.length = 0};

        NOTE("form %zu", i);
        wire_put_hello(&wire, &forms[i]);
        net_inject(scene->victim, &scene->attacker, wire.data, wire.length);
        CHECK(scene->victim->sent_bytes <= wire.length * (i + 1));
        net_run(scene->net, scene->victim->config.alert_grace_ms);
        CHECK_EQ(scene->victim->live_bytes, scene->live);
        CHECK(dtls_get_peer(scene->victim->ctx, &scene->attacker) == NULL);
    }
}

EACH_VERSION(bad_hello_keeps_nothing)
{
    for_each_victim(attack_with_bad_hello);
}
