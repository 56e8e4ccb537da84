/*
 * cid.c - attacks with connection IDs and early data: IDs as long as the MTU, checks that amplify,
 * hellos that would make both sides use a key twice.
 */
#include "base/iana.h"
#include "common.h"
#include "common13.h"
#include "jar.h"

#include <arpa/inet.h>
#include <string.h>

enum { CID_MAX = 255, MANY = 2000, VICTIM = 60001 };

/* The virtual clock does not advance while a flight is sent. Stop a flight that never ends. */
static void count_writes(node_t *node, session_t *peer)
{
    static uint64_t instant;
    static size_t count;

    (void)peer;
    count = node->net->now == instant ? count + 1 : 0;
    instant = node->net->now;
    CHECK(count < MANY);
}

/* Makes a DTLS 1.2 ServerHello and a ServerHelloDone, which an attacker can forge. */
static void put_server_flight(wire_t *wire, unsigned cid_length)
{
    wire_t body = {.length = 0};

    wire_put_number(&body, 0xfefd, 2);
    for (int i = 0; i < 32; i++) {
        wire_put_number(&body, 7, 1);
    }
    wire_put_number(&body, 0, 1);
    wire_put_number(&body, 0x00a8, 2);
    wire_put_number(&body, 0, 1);
    wire_put_number(&body, 4 + 1 + cid_length, 2);
    wire_put_number(&body, 54, 2);
    wire_put_number(&body, 1 + cid_length, 2);
    wire_put_number(&body, cid_length, 1);
    for (unsigned i = 0; i < cid_length; i++) {
        wire_put_number(&body, i, 1);
    }
    const wire_message_t hello = {.type = SERVER_HELLO,
                                  .total = (uint32_t)body.length,
                                  .length = (uint32_t)body.length,
                                  .body = body.data};
    const wire_message_t done = {.type = SERVER_HELLO_DONE, .msg_seq = 1, .body = body.data};
    wire_put_fragment(wire, 0, &hello);
    wire_put_fragment(wire, 1, &done);
}

TEST(long_connection_id_of_an_attacker)
{
    for (unsigned length = 200; length <= CID_MAX; length++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        wire_t wire = {.length = 0};

        NOTE("%u bytes", length);
        client->config.use_cid = true;
        client->config.mtu = 256;
        client->on_write = count_writes;
        server->config.accept = false; /* so that the server sends nothing */
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        put_server_flight(&wire, length);
        net_inject(client, &server->address, wire.data, wire.length);
        net_run(net, 61000);
        CHECK_EQ(node_ends(client), 1);
        net_end(net);
    }
}

/* RFC 9146 section 3: a connection ID may have any length. In the header it follows content type,
 * version, epoch 1 and number 0. */
TEST(connection_id_of_any_length_is_sent)
{
    for (unsigned length = 1; length <= CID_MAX; length++) {
        uint8_t header[11 + CID_MAX] = {25, 0xfe, 0xfd, 0, 1};
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        wire_t wire = {.length = 0};

        NOTE("%u bytes", length);
        for (unsigned i = 0; i < length; i++)
            header[11 + i] = (uint8_t)i;
        client->config.use_cid = true;
        client->loss = 100;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        put_server_flight(&wire, length);
        net_inject(client, &server->address, wire.data, wire.length);
        const net_packet_t *packet = &net->packets[net->packet_count - 1];
        const uint8_t *finished = memmem(packet->data, packet->length, header, 11 + length);
        CHECK(finished != NULL);
        CHECK(finished + 11 + length + 2 + 8 + 24 + 1 + 16 == packet->data + packet->length);
        net_end(net);
    }
}

/* A NewConnectionId with a long ID, which the peer must use at once. */
static const uint8_t long_cid[2 + 1 + CID_MAX + 1] = {1, 0, CID_MAX};

static net_t *with_long_cid(insider13_t *insider)
{
    net_t *net = insider13_pair(insider);

    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->client->config.cid_length = 20;
    insider->server->config.mtu = 256;
    insider->server->on_write = count_writes;
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 5000));
    net_run(net, 2000);
    insider13_message(insider, insider->client, 3, 100, HANDSHAKE_NEW_CONNECTION_ID, 2, long_cid,
                      sizeof(long_cid));
    return net;
}

TEST(long_connection_id_of_a_peer)
{
    insider13_t insider;
    net_t *net = with_long_cid(&insider);
    size_t room = dtls_max_payload(insider.server->ctx, &insider.client->address);

    CHECK(node_connected(insider.server, insider.client));
    CHECK(room > 0 && room <= 256);
    CHECK_EQ(dtls_update_keys(insider.server->ctx, &insider.client->address, false), 0);
    net_run(net, 20000);
    insider13_end(&insider, net);
}

/* ---- data before Finished ---- */

typedef struct {
    insider_t insider;
    node_t *from, *to;
    bool done;
} hasty_t;

/* With a connection ID the content type is encrypted. */
static void put_data_first(net_t *net, net_packet_t *packet)
{
    hasty_t *hasty = net->user;
    wire_record_t record;
    wire_t wire = {.length = 0};

    if (packet->from != hasty->from || !wire_has(packet, CCS, 0) || hasty->done)
        return;
    hasty->done = true;
    insider_learn(&hasty->insider);
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record) && record.epoch == 0;)
        wire_put(&wire, record.raw, record.raw_length);
    insider_put(&hasty->insider, &wire, hasty->from, DATA, 7, "early", 5);
    net_inject(hasty->to, &hasty->from->address, wire.data, wire.length);
    CHECK_EQ(hasty->to->message_count, 0);
    CHECK(node_stats(hasty->to, hasty->from).dropped[DTLS_DROP_TOO_EARLY] > 0);
}

TEST(data_before_finished_with_connection_ids)
{
    static const uint8_t cid[] = {1, 2, 3, 4};

    for (unsigned side = 0; side < 2; side++) {
        hasty_t hasty = {.done = false};
        net_t *net = insider_pair(&hasty.insider, 1);
        node_t *client = hasty.insider.client, *server = hasty.insider.server;

        hasty.from = side ? server : client;
        hasty.to = side ? client : server;
        NOTE("from the %s", hasty.from->name);
        client->config.use_cid = server->config.use_cid = true;
        client->config.cid = server->config.cid = cid;
        client->config.cid_length = server->config.cid_length = sizeof(cid);
        net_start(net);
        net->tap = put_data_first;
        net->user = &hasty;
        CHECK(net_connect(client, server, 1000));
        CHECK(hasty.done);
        CHECK(net_echo(client, server));
        CHECK_EQ(hasty.to->message_count, 1);
        net_end(net);
    }
}

/* ---- early data ---- */

/* With an empty cookie the second hello would equal the first one, and both would have the same
 * early data keys. */
TEST(forged_hello_verify_request_ends_early_data)
{
    static const uint8_t body[] = {0xfe, 0xff, 0};
    const wire_message_t verify = {
        .type = HELLO_VERIFY_REQUEST, .total = 3, .length = 3, .body = body};
    uint8_t early[] = "early";
    dtls_info_t info;
    jar_t jar;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_t wire = {.length = 0};

    jar_use(client, &jar);
    server->config.tickets = true;
    client->config.only_version = server->config.only_version = BOTH_VERSIONS;
    client->config.early_data = server->config.early_data = 4000;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 10000);
    session_t peer = server->address;
    CHECK(dtls_resume(client->ctx, &peer, jar.state, jar.length, 11000) > 0);
    CHECK_EQ(dtls_write_early(client->ctx, &peer, early, sizeof(early)), (int)sizeof(early));
    wire_put_fragment(&wire, 0, &verify);
    net_inject(client, &server->address, wire.data, wire.length);
    CHECK_EQ(dtls_write_early(client->ctx, &peer, early, sizeof(early)), 0);
    net_run(net, 1000);
    CHECK(node_connected(client, server)); /* both the early data and the session survive */
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
    CHECK(info.resumed);
    CHECK_EQ(info.early_data, DTLS_EARLY_ACCEPTED);
    CHECK_EQ(server->message_count, 1);
    net_end(net);
}

/* ---- callbacks ---- */

static unsigned depth;

static void run_timers(node_t *node, session_t *peer)
{
    (void)peer;
    CHECK(++depth < 20);
    dtls_check_retransmit(node->ctx, NULL);
    depth--;
}

/* The first client moves. The network gives its old address to a second client. The second client
 * has begun a handshake when the first one sends again. */
EACH_VERSION(client_that_moves_leaves_a_handshake_behind)
{
    node_t *first, *server;
    net_t *net = net_pair(1, &first, &server);
    node_t *second = net_node(net, "second");

    second->config.accept = false;
    second->config.only_version = first->config.only_version;
    second->config.suites = first->config.suites;
    second->config.suite_count = first->config.suite_count;
    first->config.use_cid = server->config.use_cid = true;
    server->config.cid_length = 8;
    first->delay = second->delay = server->delay = 20;
    net_start(net);
    CHECK(net_connect(first, server, 5000));
    net_run(net, 1000);
    second->address = first->address;
    first->address.addr.sin.sin_port = htons(50001);
    CHECK_EQ(dtls_connect(second->ctx, &server->address), 1);
    /* The server has responded to the hello, perhaps with a request for a cookie. */
    net_run(net, 20);
    node_write(first, server, "here I am");
    net_run(net, 2000);
    CHECK_EQ(node_events(server, DTLS_EVENT_MOVED), 1);
    CHECK(node_connected(first, server) && node_connected(second, server));
    CHECK(net_echo(first, server) && net_echo(second, server));
    net_end(net);
}

TEST(timers_run_from_the_write_callback)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = server->config.only_version = DTLS13;
    client->config.heartbeat = server->config.heartbeat = true;
    /* a server that sends tickets receives ACKs, which the client delays */
    server->config.tickets = true;
    client->on_write = server->on_write = run_timers;
    client->delay = server->delay = 5;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), 0);
    net_run(net, 5000);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* get_psk_info passes datagrams to the library, which must not process them inside another message. */
static void inject_junk(node_t *node, const session_t *peer)
{
    net_inject(node, peer, (const uint8_t *)"x", 1);
}

/* More ClientHellos in fragments than there is memory for, each from a network of its own. */
static void crowd_out(node_t *node, const session_t *peer)
{
    static const uint8_t piece[20] = {0xfe, 0xfd};

    for (uint32_t i = 0; i < 2 * DTLS_HELLO_POOL; i++) {
        const wire_message_t hello = {
            .type = CLIENT_HELLO, .total = 400, .length = sizeof(piece), .body = piece};
        session_t from = *peer;
        wire_t wire = {.length = 0};

        from.addr.sin.sin_addr.s_addr = htonl(0x0a000000 + i);
        wire_put_fragment(&wire, 5, &hello);
        net_inject(node, &from, wire.data, wire.length);
    }
}

static int inject_and_find(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                           const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    void (*inject)(node_t * node, const session_t *peer);

    (void)desc, (void)desc_length;
    CHECK(node->key_length <= room);
    if (type != DTLS_PSK_KEY) {
        return 0;
    }
    memcpy(&inject, node->user, sizeof(inject));
    inject(node, peer);
    memcpy(result, node->key, node->key_length);
    return (int)node->key_length;
}

TEST(datagram_passed_in_while_a_reassembled_hello_is_read)
{
    static void (*ways[])(node_t * node, const session_t *peer) = {inject_junk, crowd_out};
    static uint8_t identity[150];

    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        wire_record_t record;
        wire_message_t message;
        size_t at = 0;

        NOTE("way %zu", i);
        client->config.mtu = 256;
        client->config.use_cid = true;
        client->config.cid_length = 20;
        client->config.only_version = server->config.only_version = DTLS13;
        client->identity = identity;
        client->identity_length = sizeof(identity);
        server->config.cookie = DTLS_COOKIE_OFF;
        server->on_psk = inject_and_find;
        server->user = &ways[i];
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(wire_next(net->packets[0].data, net->packets[0].length, &at, &record) &&
              wire_message(&record, &message));
        CHECK(message.length < message.total);
        CHECK(net_echo(client, server));
        /* the first ClientHello was accepted */
        CHECK(!wire_sent_message(client, CLIENT_HELLO, 2));
        net_end(net);
    }
}
