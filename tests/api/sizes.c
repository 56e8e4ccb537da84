/*
 * sizes.c - record_size_limit (RFC 8449): we respect the peer's limit and enforce our own.
 */
#include "base/iana.h"
#include "conn/state.h"
#include "wire.h"

#include <string.h>

static uint8_t data[16384 + 1];
static uint8_t state_of_session[2048];
static size_t state_length;

static net_t *limited(uint16_t of_client, uint16_t of_server, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 5 >> 2);
    }
    (*client)->config.mtu = (*server)->config.mtu = 65507;
    (*client)->config.record_size_limit = of_client;
    (*server)->config.record_size_limit = of_server;
    (*client)->config.heartbeat = (*server)->config.heartbeat = true;
    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    net_run(net, 1);
    return net;
}

/* Returns the bytes of data that a record may have. In DTLS 1.3 one byte of the limit is the
 * content type. */
static size_t content(uint16_t limit)
{
    return limit && limit < 16384 && net_version == DTLS13 ? limit - 1u : limit ? limit : 16384u;
}

static void check_room(node_t *from, node_t *to, size_t room)
{
    size_t before = to->message_count;

    NOTE("%zu bytes to the %s", room, to->name);
    CHECK_EQ(dtls_max_payload(from->ctx, &to->address), room);
    CHECK_EQ(dtls_write(from->ctx, &to->address, data, room + 1), -DTLS_ERR_TOO_LONG);
    CHECK_EQ(dtls_write(from->ctx, &to->address, data, room), (int)room);
    net_run(from->net, 1);
    CHECK_EQ(to->message_count, before + 1);
    CHECK_EQ(to->messages[before].length, room);
    CHECK_MEM(to->messages[before].data, data, room);
}

/* With a connection ID the type is part of the plaintext: RFC 9146 section 5. */
static void check_type_inside(uint16_t limit)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.mtu = server->config.mtu = 65507;
    client->config.record_size_limit = server->config.record_size_limit = limit;
    client->config.only_version = server->config.only_version = DTLS12;
    client->config.use_cid = server->config.use_cid = true;
    server->config.cid_length = 8;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    check_room(client, server, limit ? limit - 1u : 16383);
    check_room(server, client, limit ? limit : 16384); /* limit 0: none */
    net_end(net);
}

TEST(type_and_connection_id_leave_a_byte_less)
{
    check_type_inside(0);
    check_type_inside(64);
    check_type_inside(512);
}

EACH_VERSION(each_side_keeps_to_the_limit_of_the_other)
{
    static const uint16_t limits[] = {64, 65, 512, 4096, 16383, 16384};
    node_t *client, *server;
    net_t *net;

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        uint16_t limit = limits[i];
        bool less = limit == 16384 && net_version == DTLS13;

        NOTE("%u from both", limit);
        net = limited(limit, limit, &client, &server);
        check_room(client, server, content(limit) - less);
        check_room(server, client, content(limit) - less);
        net_end(net);

        NOTE("%u from the client", limit);
        net = limited(limit, 0, &client, &server);
        check_room(client, server, 16384);
        check_room(server, client, content(limit) - less);
        net_end(net);
    }
    /* the client has no limit of its own, and so is sent none */
    net = limited(0, 64, &client, &server);
    check_room(client, server, 16384);
    check_room(server, client, 16384);
    net_end(net);
}

/* Checks that no protected record of the node has more than `most` bytes of content, and the tag. */
static void check_records(const node_t *from, size_t most)
{
    for (size_t i = 0; i < from->net->packet_count; i++) {
        const net_packet_t *packet = &from->net->packets[i];
        wire_record_t record;
        size_t at = 0;

        while (packet->from == from && wire_next(packet->data, packet->length, &at, &record)) {
            CHECK(record.type != HIDDEN || record.length <= most + 16);
        }
    }
}

static void keep_state(void *hook, const session_t *session, const uint8_t *state, size_t length,
                       uint32_t lifetime_s)
{
    (void)hook;
    (void)session;
    (void)lifetime_s;
    CHECK(length <= sizeof(state_of_session));
    memcpy(state_of_session, state, length);
    state_length = length;
}

/* The ticket and the Finished are sent in fragments, which share datagrams. */
TEST(protected_messages_are_cut_to_the_limit)
{
    net_version = DTLS13;
    for (uint16_t limit = 64; limit < 300; limit++) {
        node_t *client, *server;
        net_t *net = net_pair(limit, &client, &server);

        NOTE("limit %u", limit);
        state_length = 0;
        client->config.record_size_limit = server->config.record_size_limit = limit;
        client->config.ticket = keep_state;
        server->config.tickets = true;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        net_run(net, 1000);
        CHECK(state_length > 0);
        check_records(client, limit);
        check_records(server, limit);
        CHECK(net->packet_count < 10);
        CHECK_EQ(dtls_update_keys(client->ctx, &server->address, true), 0);
        net_run(net, 1000);
        CHECK_EQ(dtls_max_payload(client->ctx, &server->address), limit - 1u);
        CHECK_EQ(dtls_max_payload(server->ctx, &client->address), limit - 1u);
        CHECK(net_echo(client, server));
        net_end(net);
    }
    net_version = DTLS12;
}

/* RFC 8449 section 4: a longer record is dropped, or answered by an alert. */
EACH_VERSION(record_beyond_our_limit_is_refused)
{
    node_t *client, *server;
    net_t *net = limited(100, 100, &client, &server);
    conn_t *conn = conn_of(client, server);
    size_t most = content(100);
    bool is13 = net_version == DTLS13;

    conn_write_epoch(conn, conn->send_epoch)->limit = 16384;
    CHECK_EQ(dtls_write(client->ctx, &server->address, data, most), (int)most);
    CHECK_EQ(dtls_write(client->ctx, &server->address, data, most + 1), (int)most + 1);
    net_run(net, 1);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(node_ends(server), is13);
    if (is13) {
        CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_RECORD_OVERFLOW);
        CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_RECORD_OVERFLOW);
    } else {
        CHECK_EQ(node_stats(server, client).dropped[DTLS_DROP_LENGTH], 1);
        CHECK_EQ(node_stats(server, client).too_long, 1);
        CHECK_EQ(node_stats(server, client).lost, 0);
        CHECK(net_echo(client, server));
    }
    net_end(net);
}

/* Drops the server's first protected record, which is EncryptedExtensions with the server's limit. */
static void drop_limit(net_t *net, net_packet_t *packet)
{
    const node_t *server = net->user;
    wire_record_t record;
    size_t at = 0;

    if (packet->from == server && wire_next(packet->data, packet->length, &at, &record) &&
        record.type == HIDDEN) {
        packet->copies = 0;
        net->tap = NULL;
    }
}

/* The client acknowledges the four records of the Finished before the limit has arrived. */
TEST(an_early_ack_fits_the_least_limit)
{
    node_t *client, *server;
    net_version = DTLS13;
    net_t *net = net_pair(1, &client, &server);

    client->config.record_size_limit = 16384;
    server->config.record_size_limit = 64;
    server->config.fragment = 8;
    server->config.record_per_datagram = true;
    client->delay = server->delay = 5;
    net_start(net);
    net->tap = drop_limit;
    net->user = server;
    CHECK(net_connect(client, server, 5000));
    CHECK(net->tap == NULL);
    CHECK(wire_sent(client, HIDDEN, 2, 0) != NULL);
    check_records(client, 64);
    CHECK_EQ(node_ends(server), 0);
    net_end(net);
    net_version = DTLS12;
}

/* RFC 6520 section 4 limits heartbeats in the same way. */
EACH_VERSION(heartbeat_beyond_the_limit_is_not_sent)
{
    node_t *client, *server;
    net_t *net = limited(64, 200, &client, &server);
    size_t most = content(200) - 19;

    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, data, most + 1), -DTLS_ERR_TOO_LONG);
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, data, most), 0);
    net_run(net, 10);
    /* the response would exceed the limit */
    CHECK_EQ(node_events(client, DTLS_EVENT_HEARTBEAT), 0);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(limits_of_ours_that_make_no_sense)
{
    static const uint16_t bad[] = {1, 63, 16385, 65535};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        dtls_config_t config;

        dtls_config_init(&config);
        config.record_size_limit = bad[i];
        CHECK(dtls_new_context_config(NULL, &config) == NULL);
    }
}

/* ---- max_fragment_length ---- */

/* The limit applies to plaintext messages too: here a long hint. */
TEST(max_fragment_length_cuts_the_first_flight)
{
    static const uint16_t most[] = {0, 512, 1024, 2048, 4096};
    static const uint8_t zeros[2000];

    for (uint8_t code = 1; code <= 4; code++) {
        net_t *net = net_new(code);
        node_t *server = net_node(net, "server");
        wire_t hello = {.length = 0}, body = {.length = 0};
        const uint8_t extension[] = {0, 1, 0, 1, code};
        enum { PADDING = 2000 }; /* a longer flight is not sent to an unproven address */
        wire_message_t message = {.type = CLIENT_HELLO};
        size_t longest = 0;
        session_t from;

        NOTE("code %u", code);
        net_version = DTLS12;
        server->config.cookie = DTLS_COOKIE_OFF;
        server->config.mtu = 65507;
        server->hint = data;
        server->hint_length = 5000;
        net_start(net);
        net_address(&from, 7000);
        wire_put_number(&body, 0xfefd, 2);
        wire_put(&body, "the random bytes of the client..", 32);
        wire_put(&body, "\0\0\0\2\xc0\xa8\1\0", 8);
        wire_put_number(&body, sizeof(extension) + 4 + PADDING, 2);
        wire_put(&body, extension, sizeof(extension));
        wire_put_number(&body, 21, 2);
        wire_put_number(&body, PADDING, 2);
        wire_put(&body, zeros, PADDING);
        message.total = message.length = (uint32_t)body.length;
        message.body = body.data;
        wire_put_fragment(&hello, 0, &message);
        net_inject(server, &from, hello.data, hello.length);
        CHECK_EQ(server->sent, 2); /* records still share datagrams */
        for (size_t i = 0; i < net->packet_count; i++) {
            wire_record_t record;
            size_t at = 0;

            while (wire_next(net->packets[i].data, net->packets[i].length, &at, &record)) {
                longest = record.length > longest ? record.length : longest;
            }
        }
        CHECK_EQ(longest, most[code]);
        net_end(net);
    }
}
