/*
 * resume.c - early data of resumed sessions, data that is sent before the handshake completes, and
 * exporters.
 */
#include "conn/state.h"
#include "jar.h"
#include "wire.h"

#include <string.h>

static size_t count_received(const node_t *node, const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < node->message_count; i++) {
        const net_message_t *message = &node->messages[i];
        count += message->length == strlen(text) && memcmp(message->data, text, strlen(text)) == 0;
    }
    return count;
}

static int early(node_t *client, node_t *server, const char *text)
{
    return dtls_write_early(client->ctx, &server->address, (uint8_t *)(uintptr_t)text,
                            strlen(text));
}

/* ---- early data ---- */

TEST(early_data_needs_no_round_trip)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);
    uint64_t start = net->now;

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK(dtls_max_payload(client->ctx, &server->address) > 0);
    CHECK_EQ(early(client, server, "early"), 5);
    CHECK_EQ(early(client, server, "bird"), 4);
    net_run(net, 5);
    CHECK_EQ(count_received(server, "early"), 1);
    CHECK_EQ(server->messages[server->message_count - 1].at, start + 5);
    CHECK(!node_connected(server, client));
    check_connected(client, server, true);
    CHECK_EQ(count_received(server, "bird"), 1);
    CHECK_EQ(info_of(client, server).early_data, DTLS_EARLY_ACCEPTED);
    CHECK_EQ(info_of(server, client).early_data, DTLS_EARLY_ACCEPTED);
    net_end(net);
}

TEST(early_data_is_limited)
{
    static uint8_t data[1000];
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    for (int i = 0; i < EARLY / 1000; i++) {
        CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, sizeof(data)), 1000);
    }
    CHECK_EQ(dtls_write_early(client->ctx, &server->address, data, 1), 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 0);
    check_connected(client, server, true);
    net_end(net);
}

TEST(early_data_that_was_not_sent_is_not_counted)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    client->refuse_writes = true;
    CHECK_EQ(early(client, server, "early"), -DTLS_ERR_WRITE);
    CHECK_EQ(node_stats(client, server).records_out, 0);
    client->refuse_writes = false;
    CHECK_EQ(early(client, server, "bird"), 4);
    CHECK_EQ(node_stats(client, server).records_out, 1);
    net_end(net);
}

TEST(no_early_data_without_a_ticket_or_after_the_handshake)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    CHECK(early(client, server, "x") < 0); /* there is no such peer */
    CHECK_EQ(dtls_connect(client->ctx, &server->address), 1);
    CHECK_EQ(early(client, server, "x"), 0);
    check_connected(client, server, false);
    CHECK_EQ(early(client, server, "x"), 0);
    CHECK_EQ(info_of(client, server).early_data, DTLS_EARLY_NONE);
    net_end(net);
}

static void check_rejected(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms,
                           bool resumed)
{
    CHECK_EQ(resume(client, server, jar, age_ms), 1);
    CHECK_EQ(early(client, server, "early"), 5);
    check_connected(client, server, resumed);
    CHECK_EQ(info_of(client, server).early_data, DTLS_EARLY_REJECTED);
    CHECK_EQ(count_received(server, "early"), 0);
}

static void restart_server(node_t *server)
{
    dtls_free_context(server->ctx);
    CHECK(node_start(server));
}

TEST(early_data_is_rejected)
{
    static const uint16_t p256 = 23, chacha = 0x1303;
    enum { STALE, RETRY, OTHER_KEYS, OTHER_HOST, OTHER_SUITE, WAYS };
    for (int way = 0; way < WAYS; way++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(DTLS13, &client, &server, &jar);

        NOTE("way %d", way);
        if (way == OTHER_HOST) {
            client->address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
        }
        if (way == RETRY) {
            server->config.groups = &p256;
            server->config.group_count = 1;
        }
        if (way == OTHER_SUITE) {
            server->config.suites = &chacha;
            server->config.suite_count = 1;
        }
        if (way == RETRY || way == OTHER_KEYS || way == OTHER_SUITE) {
            restart_server(server);
        }
        bool known = way == STALE || way == OTHER_HOST;
        check_rejected(client, server, &jar, way == STALE ? 60000 : 2000, known);
        net_end(net);
    }
}

/* The network delivers every datagram twice, and an attacker replays the datagrams later. */
TEST(replayed_early_data_is_delivered_once)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);
    size_t first = net->packet_count;

    client->duplicate = 100;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK_EQ(early(client, server, "early"), 5);
    check_connected(client, server, true);
    CHECK_EQ(count_received(server, "early"), 1);
    net_calm(net);
    size_t last = net->packet_count;
    for (int gone = 0; gone < 2; gone++) {
        for (size_t i = first; i < last; i++) {
            if (net->packets[i].from == client) {
                net_inject(server, &client->address, net->packets[i].data, net->packets[i].length);
            }
        }
        net_run(net, 10000);
        CHECK_EQ(count_received(server, "early"), 1);
        if (!gone) {
            CHECK(net_echo(client, server));
            part(client, server);
        }
    }
    net_end(net);
}

/* Before a new client's Finished arrives, a server cannot distinguish its early data from a
 * replay. */
TEST(newcomer_beside_a_live_association_gets_no_early_data)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    client->loss = 100; /* the server must not receive the close_notify */
    dtls_free_context(client->ctx);
    net_calm(net);
    CHECK(node_start(client));
    check_rejected(client, server, &jar, 7000, true);
    net_end(net);
}

/* The server speaks DTLS 1.2 and requests a cookie. The client recognises that by the
 * HelloVerifyRequest, before it sends early data. */
TEST(early_data_for_a_server_of_1_2)
{
    for (int cookie = 0; cookie < 2; cookie++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

        NOTE("cookie %d", cookie);
        client->config.only_version = BOTH_VERSIONS;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        net_run(net, 1000);
        part(client, server);
        server->config.only_version = DTLS12;
        server->config.cookie = cookie ? DTLS_COOKIE_ON : DTLS_COOKIE_OFF;
        restart_server(server);
        if (cookie) {
            check_rejected(client, server, &jar, 2000, false);
        } else {
            CHECK_EQ(resume(client, server, &jar, 2000), 1);
            net_run(net, 5000);
            CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_VERSION); /* RFC 8446 D.3 */
        }
        net_end(net);
    }
}

/* ---- with loss ---- */

TEST(resumption_survives_loss)
{
    size_t accepted = 0;
    for (unsigned seed = 1; seed <= 300; seed++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(DTLS13, &client, &server, &jar);

        NOTE("seed %u", seed);
        net->random = seed * 7919;
        client->loss = server->loss = 30;
        client->duplicate = server->duplicate = 10;
        client->reorder = server->reorder = 20;
        client->reorder_ms = server->reorder_ms = 30;
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        CHECK_EQ(early(client, server, "early"), 5);
        net_run(net, 60000);
        net_calm(net);
        net_run(net, 1000);
        CHECK(count_received(server, "early") <= 1);
        accepted += count_received(server, "early");
        if (node_connected(client, server)) {
            CHECK(node_connected(server, client));
            CHECK(net_echo(client, server));
        } else {
            CHECK(node_ends(client) > 1);
        }
        net_end(net);
    }
    CHECK(accepted > 100);
}

/* ---- without extended master secret ---- */

/* RFC 7627 section 5.3: without extended master secret the session could not be resumed, so the
 * client does not offer it. */
TEST(client_without_extended_master_secret_offers_no_session)
{
    for (unsigned by_id = 0; by_id < 2; by_id++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(DTLS12, &client, &server, &jar);
        wire_record_t record;

        NOTE("by %s", by_id ? "ID" : "ticket");
        server->config.tickets = !by_id;
        server->config.sessions = 4;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        part(client, server);
        dtls_free_context(client->ctx);
        client->config.ems = DTLS_EMS_OFF;
        CHECK(node_start(client));
        CHECK_EQ(resume(client, server, &jar, 0), 1);
        CHECK(wire_find(&net->packets[net->packet_count - 1], CLIENT_HELLO, &record));
        CHECK_EQ(record.body[WIRE_MESSAGE_HEADER + 34], 0); /* the session ID is empty */
        check_connected(client, server, false);
        net_end(net);
    }
}

/* ---- no data ahead of Finished ---- */

/* RFC 5246 section 7.4.9: a side that has sent its Finished sends data only after the peer's
 * Finished. */
static bool sends_no_data_yet(net_t *net)
{
    bool connected = true;

    for (size_t i = 0; i < 2; i++) {
        node_t *node = net->nodes[i], *peer = net->nodes[1 - i];

        if (!node_connected(node, peer)) {
            connected = false;
            if (dtls_get_peer(node->ctx, &peer->address))
                CHECK_EQ(node_write(node, peer, "too early"), 0);
        }
    }
    return connected;
}

EACH_VERSION(no_data_before_both_are_finished)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    net_start(net);
    CHECK_EQ(dtls_connect(client->ctx, &server->address), 1);
    CHECK(net_until(net, sends_no_data_yet, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK(net_until(net, sends_no_data_yet, 5000));
    CHECK(info_of(client, server).resumed);
    CHECK_EQ(client->message_count + server->message_count, 0);
    net_end(net);
}

/* ---- exporters ---- */

static void export_of(const node_t *node, const node_t *peer, const char *label,
                      const char *context, uint8_t out[80])
{
    size_t length = context ? strlen(context) : 0;

    CHECK_EQ(
        dtls_export(node->ctx, &peer->address, label, (const uint8_t *)context, length, out, 80),
        0);
}

EACH_VERSION(exporters_agree)
{
    static const struct {
        const char *label, *context;
    } asked[] = {{"EXPERIMENTAL-a", NULL}, {"EXPERIMENTAL-b", NULL}, {"EXPERIMENTAL-b", "context"}};
    uint8_t found[4][80], theirs[80];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK_EQ(dtls_export(client->ctx, &server->address, "x", NULL, 0, theirs, 80), -DTLS_ERR_STATE);
    CHECK(net_connect(client, server, 5000));
    for (size_t i = 0; i < 3; i++) {
        export_of(client, server, asked[i].label, asked[i].context, found[i]);
        export_of(server, client, asked[i].label, asked[i].context, theirs);
        CHECK_MEM(found[i], theirs, 80);
        for (size_t j = 0; j < i; j++) {
            CHECK(memcmp(found[i], found[j], 80) != 0);
        }
    }
    export_of(client, server, "EXPERIMENTAL-a", "", found[3]);
    /* RFC 8446 section 7.5: no context equals an empty one. RFC 5705 section 4: in DTLS 1.2 they
     * differ. */
    CHECK_EQ(memcmp(found[3], found[0], 80) == 0, net_version == DTLS13);
    net_end(net);
}

/* RFC 5705 section 4: the labels that the handshake itself uses are reserved. */
EACH_VERSION(labels_of_the_handshake_are_not_exported)
{
    static const char *const labels[] = {"client finished", "server finished", "master secret",
                                         "extended master secret", "key expansion"};
    uint8_t out[80];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 5000));
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        NOTE("%s", labels[i]);
        CHECK_EQ(dtls_export(client->ctx, &server->address, labels[i], NULL, 0, out, 80),
                 -DTLS_ERR_ARGUMENT);
    }
    net_end(net);
}

TEST(no_exporter_without_extended_master_secret)
{
    uint8_t out[80];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.ems = DTLS_EMS_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(dtls_export(client->ctx, &server->address, "EXPERIMENTAL", NULL, 0, out, 80),
             -DTLS_ERR_STATE);
    net_end(net);
}

/* A session with a suite that the client does not offer any more. */
TEST(a_session_of_another_suite_is_not_resumed)
{
    static const uint16_t versions[] = {DTLS12, DTLS13};
    static const uint16_t others[] = {0xc0a8, 0x1303};

    for (size_t i = 0; i < 2; i++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(versions[i], &client, &server, &jar);
        node_t *other = net_node(net, "other");

        NOTE("version %zu", i);
        other->config.only_version = versions[i];
        other->config.suites = &others[i];
        other->config.suite_count = 1;
        net_start(net);
        CHECK_EQ(resume(other, server, &jar, 1000), 1);
        check_connected(other, server, false);
        net_end(net);
    }
}

/* A server without extended master secret gets a ticket of one that has it. */
TEST(a_ticket_is_not_resumed_without_extended_master_secret)
{
    static const uint8_t secret[DTLS_SECRET] = {1};
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS12, &client, &server, &jar);
    node_t *other = net_node(net, "other");

    other->config.only_version = DTLS12;
    other->config.tickets = true;
    other->config.ems = DTLS_EMS_OFF;
    net_start(net);
    CHECK_EQ(dtls_set_secrets(server->ctx, secret, 1), 0);
    CHECK_EQ(dtls_set_secrets(other->ctx, secret, 1), 0);
    CHECK(net_connect(client, server, 5000));
    part(client, server);
    CHECK_EQ(jar.count, 1);
    CHECK_EQ(resume(client, other, &jar, 1000), 1);
    check_connected(client, other, false);
    net_end(net);
}

/* Makes the stored session one of TLS_AES_256_GCM_SHA384, whose secret has 48 bytes. */
static void change_hash(jar_t *jar)
{
    enum { SUITE = 1, SECRET = 1 + 2 + 3 * 4 + KEYTAG_LENGTH, SHA256 = 32, SHA384 = 48 };
    uint8_t *secret = jar->state + SECRET;

    CHECK_EQ(*secret, SHA256);
    memmove(secret + 1 + SHA384, secret + 1 + SHA256, jar->length - SECRET - 1 - SHA256);
    *secret = SHA384;
    jar->length += SHA384 - SHA256;
    jar->state[SUITE + 1] = 0x02;
}

/* RFC 8446 section 4.2.11: a ticket has the hash of its suite. A server that negotiates a suite of another hash uses
 * the next PSK of the client. */
TEST(a_ticket_of_another_hash_is_not_resumed)
{
    static const uint8_t secret[DTLS_SECRET] = {1};
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS13, &client, &server, &jar);
    node_t *other = net_node(net, "other server"), *again = net_node(net, "client of SHA-384");

    other->config = server->config, again->config = client->config;
    other->config.hook = other, again->config.hook = again;
    other->config.psk_sha384 = again->config.psk_sha384 = true;
    net_start(net);
    CHECK_EQ(dtls_set_secrets(server->ctx, secret, 1), 0);
    CHECK_EQ(dtls_set_secrets(other->ctx, secret, 1), 0);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar.count, 1);
    change_hash(&jar);
    again->user = client->user;
    CHECK_EQ(resume(again, other, &jar, 1000), 1);
    CHECK_EQ(conn_of(again, other)->hs->v13.psk_count, 2);
    check_connected(again, other, false);
    net_end(net);
}
