/*
 * rules13.c - rules of DTLS 1.3 that only a peer with the keys, or a server that has made the cookie,
 * can break.
 */
#include "base/iana.h"
#include "common13.h"
#include "conn/state.h"
#include "handshake/hs13_server.h"
#include "handshake/retry.h"
#include "jar.h"

#include <string.h>

enum { KEY_UPDATE = 12 + 1 };

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void connect_pair(insider13_t *insider, net_t *net)
{
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 1000));
    net_run(net, 1000);
}

static void check_failed(const node_t *node, int alert)
{
    CHECK_EQ(node_ends(node), 1);
    CHECK_EQ(node_last_end(node)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(node)->info.alert, alert);
    CHECK(!node_last_end(node)->info.alert_received);
}

/* ---- the handshake ---- */

/* Only the ServerHello arrives. */
static void keep_server_hello(net_t *net, net_packet_t *packet)
{
    insider13_t *insider = net->user;
    wire_record_t record;

    if (packet->from == insider->server && wire_find(packet, SERVER_HELLO, &record))
        packet->length = record.raw_length;
}

/* RFC 9147 section 6.1: epoch 2 protects only handshake messages, alerts and ACKs. */
TEST(data_in_the_epoch_of_the_handshake)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);

    net_start(net);
    net->tap = keep_server_hello;
    net->user = &insider;
    CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
    net_run(net, 1);
    insider13_inject(&insider, insider.server, 2, 100, DATA, "data", 4);
    check_failed(insider.client, DTLS_ALERT_UNEXPECTED_MESSAGE);
    CHECK_EQ(insider.client->message_count, 0);
    insider13_end(&insider, net);
}

static uint16_t only_suite;

static void allow_one_suite(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters)
{
    (void)node, (void)peer;
    memset(parameters->cipher_suites, 0, sizeof(parameters->cipher_suites));
    parameters->cipher_suites[0] = only_suite;
}

/* The peer already sends protected records, so a plaintext one may be forged. */
TEST(plaintext_after_protected_records_is_dropped)
{
    static const uint8_t alert[] = {DTLS_ALERT_LEVEL_FATAL, DTLS_ALERT_INTERNAL_ERROR}, none[2];
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    wire_t forged = {.length = 0};

    net_start(net);
    net->tap = keep_server_hello;
    net->user = &insider;
    CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
    net_run(net, 1);
    insider13_message(&insider, insider.server, 2, 100, HANDSHAKE_ENCRYPTED_EXTENSIONS, 1, none,
                      sizeof(none));
    wire_put_record(&forged, ALERT, 0, 50, alert, sizeof(alert));
    net_inject(insider.client, &insider.server->address, forged.data, forged.length);
    CHECK_EQ(node_drops(insider.client, insider.server), 1);
    net_run(net, 200);
    CHECK_EQ(node_ends(insider.client), 0);
    insider13_end(&insider, net);
}

/* RFC 8446 section 4.2.10: a server accepts early data only with the first PSK and its suite. */
TEST(early_data_accepted_with_another_key_or_suite)
{
    static const uint8_t secret[DTLS_SECRET] = {1}, early_data[] = {0, 4, 0, 42, 0, 0};
    static const uint16_t suites[] = {0x1303, 0x1301};
    enum { SAME, OTHER_KEY, OTHER_SUITE, WAYS };

    for (int way = SAME; way < WAYS; way++) {
        insider13_t insider;
        net_t *net = insider13_pair(&insider);
        jar_t jar;

        NOTE("way %d", way);
        jar_use(insider.client, &jar);
        insider.server->config.tickets = true;
        insider.client->config.early_data = insider.server->config.early_data = EARLY;
        insider.client->config.suites = insider.server->config.suites = suites;
        insider.client->config.suite_count = insider.server->config.suite_count = 2;
        insider.server->on_parameters = allow_one_suite;
        only_suite = way == OTHER_SUITE ? 0x1303 : 0x1301;
        connect_pair(&insider, net);
        part(insider.client, insider.server);
        CHECK(jar.length > 0);
        only_suite = 0x1301;
        if (way == OTHER_KEY)
            CHECK_EQ(dtls_set_secrets(insider.server->ctx, secret, 1), 0); /* the ticket is void */
        net->tap = keep_server_hello;
        net->user = &insider;
        CHECK_EQ(resume(insider.client, insider.server, &jar, 2000), 1);
        net_run(net, 1);
        insider13_message(&insider, insider.server, 2, 100, HANDSHAKE_ENCRYPTED_EXTENSIONS, 1,
                          early_data, sizeof early_data);
        if (way == SAME) {
            CHECK_EQ(info_of(insider.client, insider.server).early_data, DTLS_EARLY_ACCEPTED);
        } else {
            CHECK_EQ(node_last_end(insider.client)->code, DTLS_EVENT_FAILED);
            CHECK_EQ(node_last_end(insider.client)->info.alert, DTLS_ALERT_ILLEGAL_PARAMETER);
        }
        insider13_end(&insider, net);
    }
}

/* A server with another suite of the same hash resumes the session, but rejects its early data. */
TEST(early_data_for_another_suite_is_rejected)
{
    static const uint16_t suites[] = {0x1303, 0x1301};
    static uint8_t data[] = "early";

    for (size_t i = 0; i < 2; i++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

        NOTE("suite %zu", i);
        server->on_parameters = allow_one_suite;
        only_suite = suites[0];
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        net_run(net, 1000);
        part(client, server);
        only_suite = suites[i];
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, sizeof(data)), sizeof(data));
        check_connected(client, server, true);
        CHECK_EQ(info_of(server, client).early_data,
                 i == 0 ? DTLS_EARLY_ACCEPTED : DTLS_EARLY_REJECTED);
        net_end(net);
    }
}

static int (*node_random)(void *hook, uint8_t *out, size_t length);

/* The client asks for its private key after it has added the external PSK, and before it sends the ClientHello. Then the
 * external PSK gets an unknown identity, and becomes the first. */
static int exchange_psks(void *hook, uint8_t *out, size_t length)
{
    node_t *client = hook;
    conn_t *conn = client->net->user ? conn_of(client, client->net->user) : NULL;
    hs13_t *v13 = conn && conn->hs ? &conn->hs->v13 : NULL;

    if (v13 && v13->psk_count == 2 && v13->psks[0].suite) {
        psk13_t ticket = v13->psks[0];

        v13->psks[0] = v13->psks[1];
        v13->psks[1] = ticket;
        v13->psks[0].suite = ticket.suite;
        v13->psks[0].identity[0] ^= 1;
        client->net->user = NULL;
    }
    return node_random(hook, out, length);
}

/* RFC 8446 section 4.2.10: the keys of early data are those of the first PSK. */
TEST(early_data_with_a_ticket_that_is_not_first_is_rejected)
{
    static uint8_t data[] = "early";
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

    server->config.cookie = DTLS_COOKIE_OFF; /* only the first identity proves the address */
    node_random = client->config.random;
    client->config.random = exchange_psks;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    net->user = server;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK(!net->user);
    CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, sizeof(data)), sizeof(data));
    check_connected(client, server, true);
    CHECK_EQ(info_of(server, client).early_data, DTLS_EARLY_REJECTED);
    CHECK_EQ(server->message_count, 1); /* that of check_connected() */
    net_end(net);
}

/* A client that sends more early data than its ticket allows: RFC 8446 section 4.2.10. */
TEST(early_data_past_its_limit)
{
    static uint8_t data[1000];
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    conn_of(client, server)->early.left += 1;
    for (int i = 0; i < EARLY / 1000; i++)
        CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, sizeof data), 1000);
    CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, 1), 1);
    net_run(net, 1000);
    CHECK_EQ(node_last_end(server)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(server)->info.alert, DTLS_ALERT_UNEXPECTED_MESSAGE);
    CHECK_EQ(server->message_count, EARLY / 1000);
    net_end(net);
}

/* A plaintext ACK may be forged, so the ServerHello is sent again. */
TEST(plaintext_ack_stops_no_retransmission)
{
    static const uint8_t first_record[2 + 16] = {0, 16};
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    wire_t ack = {.length = 0};

    net_start(net);
    insider.server->loss = 100;
    CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
    net_run(net, 1);
    CHECK(wire_sent_message(insider.server, SERVER_HELLO, 0));
    CHECK(!wire_sent_message(insider.server, SERVER_HELLO, 1));
    wire_put_record(&ack, ACK, 0, 50, first_record, sizeof first_record);
    net_inject(insider.server, &insider.client->address, ack.data, ack.length);
    insider.client->loss = 100;
    net_run(net, 5000);
    CHECK(wire_sent_message(insider.server, SERVER_HELLO, 1));
    net_calm(net);
    net_run(net, 20000);
    CHECK(node_connected(insider.client, insider.server));
    insider13_end(&insider, net);
}

/* ---- cookies ---- */

typedef struct {
    net_t *net;
    node_t *server;
    session_t from;
    client_hello_t hello;
} cookie_world_t;

static void cookie_world(cookie_world_t *world)
{
    static const uint8_t random[RANDOM_LENGTH] = {1};

    *world = (cookie_world_t){.net = net_new(1), .hello = {.random = random}};
    world->server = net_node(world->net, "server");
    world->server->config.only_version = DTLS13;
    net_start(world->net);
    net_address(&world->from, 7000);
    CHECK(cookies_rotate(&world->server->ctx->cookies, &world->server->ctx->config, 0));
}

static bool opens(const cookie_world_t *world, const uint8_t *cookie, size_t length)
{
    client_hello_t hello = world->hello;
    retry_t found;

    hello.extensions.cookie = reader(cookie, length);
    return retry_open(world->server->ctx, &world->from, &hello, &found);
}

/* The cookie proves the address of the client. */
TEST(cookie_of_another_length_proves_nothing)
{
    uint8_t bytes[2 * sizeof((retry_t){.suite = 0}.cookie)] = {0};
    cookie_world_t world;
    retry_t retry = {.suite = 0x1301, .hash = HASH_SHA256};

    cookie_world(&world);
    CHECK(retry_seal(world.server->ctx, &world.from, &world.hello, &retry));
    memcpy(bytes, retry.cookie, retry.cookie_length);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        NOTE("%zu bytes", length);
        CHECK_EQ(opens(&world, bytes, length), length == retry.cookie_length);
    }
    net_end(world.net);
}

/* The hash in the cookie has the length of a hash of its suite. */
TEST(cookie_with_the_hash_of_another_suite)
{
    static const struct {
        uint16_t suite;
        hash_alg_t hash;
        bool good;
    } rows[] = {
        {0x1301, HASH_SHA256, true},  {0x1302, HASH_SHA384, true},  {0x1301, HASH_SHA384, false},
        {0x1302, HASH_SHA256, false}, {0x13ff, HASH_SHA256, false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        cookie_world_t world;
        retry_t retry = {.suite = rows[i].suite, .hash = rows[i].hash};

        NOTE("row %zu", i);
        cookie_world(&world);
        CHECK(retry_seal(world.server->ctx, &world.from, &world.hello, &retry));
        CHECK_EQ(opens(&world, retry.cookie, retry.cookie_length), rows[i].good);
        net_end(world.net);
    }
}

/* RFC 8446 section 4.1.2: the second ClientHello has no early_data. */
TEST(early_data_beside_a_cookie)
{
    static const struct {
        unsigned seen;
        dtls_error_t error;
    } rows[] = {
        {EXT_COOKIE, DTLS_ERR_NONE},
        {EXT_EARLY_DATA, DTLS_ERR_NONE},
        {EXT_COOKIE | EXT_EARLY_DATA, DTLS_ERR_ILLEGAL_PARAMETER},
    };
    static const uint8_t suites[] = {0x13, 0x01}, compressions[] = {0};
    cookie_world_t world;

    cookie_world(&world);
    for (size_t i = 0; i < COUNT(rows); i++) {
        NOTE("row %zu", i);
        world.hello.suites = reader(suites, sizeof suites);
        world.hello.compressions = reader(compressions, sizeof compressions);
        world.hello.extensions.seen =
            rows[i].seen | EXT_PRE_SHARED_KEY | EXT_PSK_KEY_EXCHANGE_MODES;
        CHECK_EQ(hs13_server_check(world.server->ctx, &world.hello), rows[i].error);
    }
    net_end(world.net);
}

/* ---- NewConnectionId ---- */

static net_t *with_cids(insider13_t *insider)
{
    static const uint8_t own_cid[8] = "rules";
    net_t *net = insider13_pair(insider);

    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->client->config.cid_length = 1;
    insider->server->config.cid = own_cid;
    insider->server->config.cid_length = sizeof own_cid;
    connect_pair(insider, net);
    return net;
}

static void new_cids(const insider13_t *insider, const char *hex)
{
    uint8_t body[64];
    size_t length = UNHEX(hex, body);

    insider13_message(insider, insider->client, 3, 100, HANDSHAKE_NEW_CONNECTION_ID, 2, body,
                      length);
}

/* The IDs are as long as possible, so that one too many overwrites other variables, too. */
static void give_cids(bool at_once, uint8_t spares)
{
    enum { LENGTH = UINT8_MAX };
    insider13_t insider;
    net_t *net = with_cids(&insider);
    const conn_cids_t *cids = conn_of(insider.server, insider.client)->cids;
    size_t stored = spares < PEER_SPARES ? spares : PEER_SPARES;
    wire_t body = {.length = 0};

    NOTE("%d spares%s", spares, at_once ? " after one to use at once" : "");
    wire_put_number(&body, (1U + LENGTH) * (at_once + spares), 2);
    for (uint8_t i = at_once ? 0 : 1; i <= spares; i++) {
        uint8_t cid[LENGTH];

        memset(cid, 0xa0 + i, sizeof(cid));
        wire_put_number(&body, LENGTH, 1);
        wire_put(&body, cid, sizeof(cid));
    }
    wire_put_number(&body, !at_once, 1);
    insider13_message(&insider, insider.client, 3, 100, HANDSHAKE_NEW_CONNECTION_ID, 2, body.data,
                      body.length);
    CHECK_EQ(cids->send.length, at_once ? LENGTH : 1);
    CHECK(!at_once || (cids->send.bytes[0] == 0xa0 && cids->send.bytes[LENGTH - 1] == 0xa0));
    CHECK_EQ(cids->spare_count, stored);
    for (size_t i = 0; i < stored; i++) {
        CHECK_EQ(cids->spare[i].length, LENGTH);
        CHECK_EQ(cids->spare[i].bytes[0], 0xa1 + i);
        CHECK_EQ(cids->spare[i].bytes[LENGTH - 1], 0xa1 + i);
    }
    CHECK_EQ(node_ends(insider.server), 0);
    insider13_end(&insider, net);
}

TEST(third_spare_connection_id_is_not_stored)
{
    for (uint8_t spares = 0; spares <= 3; spares++) {
        give_cids(false, spares);
        give_cids(true, spares);
    }
}

TEST(malformed_new_connection_id)
{
    static const struct {
        const char *name, *hex;
        int alert;
    } rows[] = {
        {"a list past the end", "0003 01aa", DTLS_ALERT_DECODE_ERROR},
        {"no usage", "0002 01aa", DTLS_ALERT_DECODE_ERROR},
        {"bytes after the usage", "0002 01aa 00 ff", DTLS_ALERT_DECODE_ERROR},
        {"an ID past the end of the list", "0003 01aa 05 00", DTLS_ALERT_DECODE_ERROR},
        {"usage 2", "0002 01aa 02", DTLS_ALERT_ILLEGAL_PARAMETER},
        {"nothing to use at once", "0000 00", DTLS_ALERT_ILLEGAL_PARAMETER},
        {"an empty ID to use at once", "0001 00 00", DTLS_ALERT_ILLEGAL_PARAMETER},
        {"an empty spare", "0003 01aa 00 01", DTLS_ALERT_ILLEGAL_PARAMETER},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        insider13_t insider;
        net_t *net = with_cids(&insider);

        NOTE("%s", rows[i].name);
        new_cids(&insider, rows[i].hex);
        check_failed(insider.server, rows[i].alert);
        insider13_end(&insider, net);
    }
}

TEST(malformed_request_connection_id)
{
    static const uint8_t body[] = {1, 1};

    for (size_t length = 0; length <= sizeof(body); length++) {
        insider13_t insider;
        net_t *net = with_cids(&insider);

        NOTE("%zu bytes", length);
        insider13_message(&insider, insider.client, 3, 100, HANDSHAKE_REQUEST_CONNECTION_ID, 2,
                          body, length);
        if (length == 1) {
            CHECK_EQ(node_ends(insider.server), 0);
        } else {
            check_failed(insider.server, DTLS_ALERT_DECODE_ERROR);
        }
        insider13_end(&insider, net);
    }
}

/* ---- ACKs and KeyUpdates ---- */

static const uint8_t ticket[] = {0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 1, 7, 0, 0};

static void ticket_fragment(const insider13_t *insider, uint64_t sequence, size_t from, size_t to)
{
    wire_t fragment = {.length = 0};

    wire_put_number(&fragment, HANDSHAKE_NEW_SESSION_TICKET, 1);
    wire_put_number(&fragment, sizeof ticket, 3);
    wire_put_number(&fragment, 3, 2);
    wire_put_number(&fragment, from, 3);
    wire_put_number(&fragment, to - from, 3);
    wire_put(&fragment, ticket + from, to - from);
    insider13_inject(insider, insider->server, 3, sequence, HANDSHAKE, fragment.data,
                     fragment.length);
}

/* RFC 9147 section 7: an ACK lists record numbers in increasing order. */
TEST(ack_lists_numbers_in_order)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    uint8_t content[WIRE_ROOM];
    unsigned type;

    connect_pair(&insider, net);
    ticket_fragment(&insider, 102, 0, 5);
    ticket_fragment(&insider, 100, 5, 9);
    ticket_fragment(&insider, 101, 9, sizeof ticket);
    net_run(net, 1000);
    CHECK_EQ(insider13_last(&insider, insider.client, 3, &type, content), 2 + 3 * 16);
    CHECK_EQ(type, ACK);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(content[2 + 16 * i + 7], 3);
        CHECK_EQ(content[2 + 16 * i + 15], 100 + i);
    }
    insider13_end(&insider, net);
}

/* An ACK has room for ACKS_MAX numbers: those of the latest records. */
TEST(ack_lists_the_latest_numbers)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    uint8_t content[WIRE_ROOM];
    unsigned type;

    connect_pair(&insider, net);
    for (uint64_t i = 0; i < ACKS_MAX + 3; i++)
        insider13_message(&insider, insider.server, 3, 100 + i, HANDSHAKE_NEW_SESSION_TICKET,
                          3 + (unsigned)i, ticket, sizeof(ticket));
    net_run(net, 1000);
    CHECK_EQ(insider13_last(&insider, insider.client, 3, &type, content), 2 + ACKS_MAX * 16);
    CHECK_EQ(type, ACK);
    for (size_t i = 0; i < ACKS_MAX; i++)
        CHECK_EQ(content[2 + 16 * i + 15], 103 + i);
    insider13_end(&insider, net);
}

/* RFC 9147 section 8: after a KeyUpdate, its sender sends no new message in the old epoch. */
TEST(message_in_the_epoch_that_a_key_update_has_ended)
{
    static const uint8_t not_requested[] = {0};
    insider13_t insider;
    net_t *net = insider13_pair(&insider);

    connect_pair(&insider, net);
    insider13_message(&insider, insider.server, 3, 100, HANDSHAKE_KEY_UPDATE, 3, not_requested, 1);
    CHECK_EQ(node_ends(insider.client), 0);
    insider13_message(&insider, insider.server, 3, 101, HANDSHAKE_NEW_SESSION_TICKET, 4, ticket,
                      sizeof ticket);
    check_failed(insider.client, DTLS_ALERT_UNEXPECTED_MESSAGE);
    insider13_end(&insider, net);
}

/* The KeyUpdate of the server is lost, but not its ACK. */
static void drop_key_update(net_t *net, net_packet_t *packet)
{
    const insider13_t *insider = net->user;

    if (packet->from == insider->server && wire_has_hidden(packet, 3, KEY_UPDATE))
        packet->copies = 0;
}

/* RFC 8446 section 4.6.3: while its response is not acknowledged, a peer answers two requests with
 * one KeyUpdate. */
TEST(one_response_to_two_key_update_requests)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);

    connect_pair(&insider, net);
    net->user = &insider;
    net->tap = drop_key_update;
    for (size_t i = 1; i <= 2; i++) {
        CHECK(dtls_update_keys(insider.client->ctx, &insider.server->address, true) >= 0);
        net_run(net, 50);
        CHECK_EQ(node_events(insider.client, DTLS_EVENT_KEYS_UPDATED), i);
        CHECK(conn_of(insider.server, insider.client)->v13->post[POST_KEY_UPDATE]);
        /* as if the client had the response */
        conn_of(insider.client, insider.server)->v13->update_requested = false;
    }
    net_calm(net);
    net_run(net, 10000);
    CHECK_EQ(node_events(insider.client, DTLS_EVENT_KEYS_UPDATED), 2);
    CHECK_EQ(node_events(insider.server, DTLS_EVENT_KEYS_UPDATED), 1);
    CHECK(net_echo(insider.client, insider.server));
    insider13_end(&insider, net);
}

/* ---- NewSessionTicket ---- */

static void give_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                        uint32_t lifetime_s)
{
    (void)hook;
    (void)session;
    (void)state;
    (void)length;
    (void)lifetime_s;
}

/* Lifetime, age_add, nonce, ticket, extensions: RFC 8446 section 4.6.1. */
TEST(malformed_new_session_ticket)
{
    static const struct {
        const char *name, *hex;
        int alert; /* 0: the ticket is accepted or ignored */
    } rows[] = {
        {"good", "00000009 00000000 0100 000107 0000", 0},
        {"a lifetime of 7 days", "00093a80 00000000 0100 000107 0000", 0},
        {"a lifetime of 7 days and a second", "00093a81 00000000 0100 000107 0000",
         DTLS_ALERT_ILLEGAL_PARAMETER},
        {"an unknown extension", "00000009 00000000 0100 000107 0004 abcd0000", 0},
        {"a known extension of other messages", "00000009 00000000 0100 000107 0004 002b0000",
         DTLS_ALERT_ILLEGAL_PARAMETER},
        {"an extension past the end", "00000009 00000000 0100 000107 0004 002a0004",
         DTLS_ALERT_DECODE_ERROR},
        {"no ticket", "00000009 00000000 0100 0000 0000", DTLS_ALERT_DECODE_ERROR},
        {"no extensions", "00000009 00000000 0100 000107", DTLS_ALERT_DECODE_ERROR},
        {"a nonce past the end", "00000009 00000000 ff00 000107 0000", DTLS_ALERT_DECODE_ERROR},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        insider13_t insider;
        net_t *net = insider13_pair(&insider);
        uint8_t body[64];
        size_t length = UNHEX(rows[i].hex, body);

        NOTE("%s", rows[i].name);
        insider.client->config.ticket = give_ticket;
        connect_pair(&insider, net);
        insider13_message(&insider, insider.server, 3, 100, HANDSHAKE_NEW_SESSION_TICKET, 3, body,
                          length);
        if (rows[i].alert == 0)
            CHECK(net_echo(insider.client, insider.server));
        else
            check_failed(insider.client, rows[i].alert);
        insider13_end(&insider, net);
    }
}

/* ---- after close_notify ---- */

/* RFC 8446 section 6.1: what a peer sends after its close_notify is ignored. */
TEST(data_after_close_notify)
{
    static const uint8_t close_notify[] = {DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY};
    insider13_t insider;
    net_t *net = insider13_pair(&insider);

    insider.server->config.half_close = true;
    connect_pair(&insider, net);
    insider13_inject(&insider, insider.client, 3, 100, ALERT, close_notify, sizeof close_notify);
    CHECK_EQ(node_events(insider.server, DTLS_EVENT_HALF_CLOSED), 1);
    insider13_inject(&insider, insider.client, 3, 101, DATA, "late", 4);
    CHECK_EQ(insider.server->message_count, 0);
    CHECK_EQ(node_stats(insider.server, insider.client).dropped[DTLS_DROP_AFTER_CLOSE], 1);
    insider13_inject(&insider, insider.client, 3, 99, DATA, "reordered", 9);
    CHECK_EQ(insider.server->message_count, 1);
    insider13_end(&insider, net);
}

/* ---- ACKs before Finished ---- */

static void put_number(uint8_t *out, uint64_t epoch, uint64_t sequence)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(epoch >> (56 - 8 * i));
        out[8 + i] = (uint8_t)(sequence >> (56 - 8 * i));
    }
}

/* A client may acknowledge the flight of the server before it sends its Finished: the server does not
 * repeat the flight, and still waits. */
TEST(whole_flight_is_acknowledged_before_finished)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    uint8_t ack[2 + 16 * 8];
    size_t length = 2, sent;

    net_start(net);
    CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
    insider.client->loss = 100;
    net_run(net, 10);
    for (size_t i = 0; i < insider.server->record_count; i++) {
        const net_record_t *record = &insider.server->records[i];
        if (record->epoch != 0 && record->epoch != 2)
            continue;
        CHECK(length + 16 <= sizeof ack);
        put_number(ack + length, record->epoch, record->sequence);
        length += 16;
    }
    ack[0] = 0;
    ack[1] = (uint8_t)(length - 2);
    insider13_inject(&insider, insider.client, 2, 100, ACK, ack, length);
    sent = insider.server->sent;
    net_run(net, 5000);
    CHECK_EQ(insider.server->sent, sent);
    CHECK(!node_connected(insider.server, insider.client));
    net_calm(net);
    net_run(net, 20000);
    CHECK(node_connected(insider.server, insider.client));
    CHECK(net_echo(insider.client, insider.server));
    insider13_end(&insider, net);
}

/* ---- no more message numbers ---- */

/* The 16 bits of message_seq do not wrap. */
TEST(no_key_update_without_a_message_number)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    conn_t *conn;

    connect_pair(&insider, net);
    conn = conn_of(insider.client, insider.server);
    conn->messages.send_seq = UINT16_MAX;
    CHECK_EQ(dtls_update_keys(insider.client->ctx, &insider.server->address, false),
             -DTLS_ERR_KEY_LIMIT);
    CHECK(net_echo(insider.client, insider.server));
    insider13_end(&insider, net);
}
