/*
 * cid.c - connection IDs and peers that change their address: RFC 9146, RFC 9147 section 9, RFC
 * 9853.
 */
#include "conn/cids.h"
#include "jar.h"
#include "wire.h"

#include <string.h>

enum { OTHER_PORT = 50000, ATTACKER = 60000 };

static net_t *cid_pair(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.use_cid = (*server)->config.use_cid = true;
    (*server)->config.cid_length = 8;
    (*client)->delay = (*server)->delay = 5;
    return net;
}

static net_t *associated(node_t **client, node_t **server)
{
    net_t *net = cid_pair(client, server);

    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    return net;
}

static void move(node_t *client, unsigned port)
{
    client->address.addr.sin.sin_port = htons((uint16_t)port);
}

static size_t moves(const node_t *node)
{
    return node_events(node, DTLS_EVENT_MOVED);
}

/* Returns whether the first byte of each protected record announces a connection ID. */
static size_t records_with_cid(const node_t *node, bool with)
{
    size_t count = 0;

    for (size_t i = 0; i < node->net->packet_count; i++) {
        const net_packet_t *packet = &node->net->packets[i];
        uint8_t first = packet->data[0];
        bool unified = (first & 0xe0) == 0x20, plain12 = first >= 20 && first <= 23;
        bool protected12 = first == 25 || (plain12 && packet->data[4] == 1);

        if (packet->from == node && (unified || protected12)) {
            count += with == (unified ? (first & 0x10) != 0 : first == 25);
        }
    }
    return count;
}

EACH_VERSION(client_that_moves_keeps_its_association)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    session_t before = client->address;

    for (unsigned i = 0; i < 3; i++) {
        NOTE("move %u", i);
        move(client, OTHER_PORT + i);
        CHECK(node_write(client, server, "moved") > 0);
        net_run(net, 100);
        CHECK_EQ(moves(server), i + 1);
        CHECK(dtls_get_peer(server->ctx, &before) == NULL);
        CHECK(net_echo(client, server));
        before = client->address;
    }
    CHECK_EQ(server->events[server->event_count - 1].port, OTHER_PORT + 1);
    CHECK_EQ(net_port(&server->events[server->event_count - 1].info.address), OTHER_PORT + 2);
    CHECK_EQ(moves(client), 0);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    /* only records to the server have a connection ID: the client requests none */
    CHECK_EQ(records_with_cid(client, false), 0);
    CHECK_EQ(records_with_cid(server, true), 0);
    net_end(net);
}

/* The round trip of the new path is longer than three round trips of the old one, which is how long
 * a check takes at first. */
EACH_VERSION(client_moves_to_a_path_with_a_longer_round_trip)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    client->delay = server->delay = 150;
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 3000);
    CHECK_EQ(moves(server), 1);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A datagram from a new address belongs to the association that its connection ID names. */
EACH_VERSION(datagram_from_a_new_address_is_counted)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    dtls_stats_t before = node_stats(server, client), others = node_stats(server, NULL);
    size_t sent = client->sent, bytes = client->sent_bytes;

    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(moves(server), 1);
    dtls_stats_t after = node_stats(server, client);
    CHECK_EQ(after.datagrams_in - before.datagrams_in, client->sent - sent);
    CHECK_EQ(after.octets_in - before.octets_in, client->sent_bytes - bytes);
    CHECK_EQ(node_stats(server, NULL).datagrams_in, others.datagrams_in);
    net_end(net);
}

/* A handshake begins at the client's new address while the server checks that address. */
EACH_VERSION(client_does_not_move_to_the_address_of_another_peer)
{
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);
    session_t before = client->address;

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 7); /* the server has sent its challenge */
    const net_packet_t *hello = wire_sent_message(client, CLIENT_HELLO, 0);
    net_inject(server, &client->address, hello->data, hello->length);
    CHECK(dtls_get_peer(server->ctx, &client->address) != NULL);
    net_run(net, 1000);
    CHECK_EQ(moves(server), 0);
    CHECK(dtls_get_peer(server->ctx, &before) != NULL);
    net_end(net);
}

/* Calls dtls_connect() for the address to which the peer is about to move. */
static int connect_there(node_t *server, session_t *peer, int level, unsigned code)
{
    dtls_info_t info;

    (void)level;
    if (code != DTLS_EVENT_MOVED)
        return 0;
    CHECK_EQ(dtls_get_info(server->ctx, peer, &info), 0);
    CHECK(dtls_connect(server->ctx, &info.address) > 0);
    return 0;
}

/* Two peers cannot have one address: the address stays with the handshake that the application has started. */
EACH_VERSION(application_connects_to_the_new_address_inside_the_event)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    session_t before = client->address;

    server->on_event = connect_there;
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(moves(server), 1);
    const dtls_peer_t *moving = dtls_get_peer(server->ctx, &before);
    const dtls_peer_t *called = dtls_get_peer(server->ctx, &client->address);
    CHECK(moving && !moving->conn->client);
    CHECK(called && called->conn->client);
    net_end(net);
}

/* A client without return routability checks moves. It responds to a heartbeat at its new address,
 * or acknowledges a KeyUpdate there. That KeyUpdate may have been in transit to its old address. */
static void moves_without_checks(bool heartbeat, bool updating)
{
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);

    client->config.heartbeat = server->config.heartbeat = heartbeat;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 5000);
    conn_of(server, client)->cids->rrc = false;
    for (unsigned i = 0; i < 3; i++) {
        NOTE("heartbeat %d, updating %d, move %u", heartbeat, updating, i);
        session_t before = client->address;
        move(client, OTHER_PORT + i);
        if (updating)
            CHECK_EQ(dtls_update_keys(server->ctx, &before, false), 0);
        CHECK(node_write(client, server, "moved") > 0);
        net_run(net, 5000);
        CHECK_EQ(moves(server), i + 1);
        CHECK(dtls_get_peer(server->ctx, &before) == NULL);
        CHECK(net_echo(client, server));
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_UNVERIFIED), 0);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

EACH_VERSION(client_without_checks_moves_by_a_heartbeat)
{
    moves_without_checks(true, false);
}

TEST(client_without_checks_moves_by_a_key_update)
{
    net_version = DTLS13;
    moves_without_checks(false, false);
    moves_without_checks(false, true);
    net_version = DTLS12;
}

static bool has_candidate(net_t *net)
{
    const node_t *server = net->nodes[1];
    const dtls_peer_t *peer = dtls_get_peer(server->ctx, net->user);

    return peer && peer->candidate;
}

/* A client moves, and another client starts a handshake from its old address meanwhile. The timers
 * of that handshake continue to run. */
EACH_VERSION(handshake_at_the_old_address_has_timers)
{
    node_t *client, *server, *other;
    net_t *net = cid_pair(&client, &server);
    session_t before = client->address;

    other = net_node(net, "other");
    server->config.handshake_ms = 20000;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    move(client, OTHER_PORT);
    other->address = before;
    net->user = &before;
    CHECK(dtls_connect(other->ctx, &server->address) > 0);
    CHECK(net_until(net, has_candidate, 1000));
    other->loss = 100;
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(moves(server), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_TIMEOUT), 0);
    CHECK(dtls_get_peer(server->ctx, &before) != NULL);
    net_run(net, 30000);
    CHECK_EQ(node_events(server, DTLS_EVENT_TIMEOUT), 1);
    CHECK(dtls_get_peer(server->ctx, &before) == NULL);
    CHECK(net_echo(client, server));
    net_end(net);
}

static int always_the_same(void *hook, uint8_t *out, size_t length)
{
    (void)hook;
    memset(out, 0x11, length);
    return 0;
}

static unsigned same_left;

/* Connection IDs have one byte here. same_left of them are the same, then others follow. */
static int often_the_same(void *hook, uint8_t *out, size_t length)
{
    always_the_same(hook, out, length);
    if (length == 1 && same_left-- == 0)
        *out = 0x22;
    return 0;
}

/* A random connection ID that is in use is not used again. 16 are tried. */
EACH_VERSION(no_connection_id_is_left)
{
    for (unsigned tries = 15; tries <= 16; tries++) {
        node_t *client, *server, *other;
        net_t *net = cid_pair(&client, &server);

        NOTE("the first %u are in use", tries);
        server->config.cid_length = 1;
        server->config.random = often_the_same;
        other = net_node(net, "other");
        other->config = client->config;
        other->config.hook = other;
        net_start(net);
        same_left = 1 + tries;
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(net_connect(other, server, 5000), tries < 16);
        CHECK_EQ(node_ends(server), tries == 16);
        CHECK(tries < 16 || node_last_end(server)->info.error == DTLS_ERR_PEER_LIMIT);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

EACH_VERSION(without_connection_ids_a_client_that_moves_is_unknown)
{
    for (int who = 0; who < 2; who++) {
        node_t *client, *server;
        net_t *net = cid_pair(&client, &server);

        NOTE("%s", who ? "client has none" : "server has none");
        (who ? client : server)->config.use_cid = false;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(net_echo(client, server));
        CHECK_EQ(records_with_cid(client, true), 0);
        size_t delivered = server->message_count;
        move(client, OTHER_PORT);
        CHECK(node_write(client, server, "moved") > 0);
        net_run(net, 100);
        CHECK_EQ(server->message_count, delivered);
        CHECK_EQ(moves(server), 0);
        net_end(net);
    }
}

EACH_VERSION(every_length_and_both_directions)
{
    for (size_t length = 0; length <= 20; length++) {
        node_t *client, *server;
        net_t *net = cid_pair(&client, &server);

        NOTE("length %zu", length);
        client->config.cid_length = length;
        server->config.cid_length = 20 - length;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(net_echo(client, server));
        CHECK_EQ(records_with_cid(client, length == 20), 0);
        CHECK_EQ(records_with_cid(server, length == 0), 0);
        CHECK_EQ(node_drops(client, server) + node_drops(server, client), 0);
        net_end(net);
    }
}

EACH_VERSION(chosen_connection_id)
{
    static const uint8_t cid[] = {0xc0, 0xff, 0xee};
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);

    server->config.cid = cid;
    server->config.cid_length = sizeof(cid);
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    const cid_t *sent = cids_to_send(conn_of(client, server));
    CHECK(sent != NULL);
    CHECK_EQ(sent->length, sizeof(cid));
    CHECK_MEM(sent->bytes, cid, sizeof(cid));
    net_end(net);
}

/* Checks the effect of a datagram from a new address: at most one challenge is sent there, and the
 * peer's address does not change. */
static void check_stays(net_t *net, node_t *client, node_t *server, size_t challenges)
{
    session_t there;
    size_t seen = 0;

    net_address(&there, ATTACKER);
    net_run(net, 5000);
    for (size_t i = 0; i < net->packet_count; i++) {
        seen += net->packets[i].from == server && net->packets[i].port == ATTACKER;
    }
    CHECK_EQ(seen, challenges);
    CHECK_EQ(moves(server), 0);
    CHECK(dtls_get_peer(server->ctx, &there) == NULL);
    CHECK(net_echo(client, server));
}

EACH_VERSION(replayed_or_forged_records_move_nothing)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    session_t attacker;

    net_address(&attacker, ATTACKER);
    CHECK(net_echo(client, server));
    size_t last = net->packet_count;
    for (size_t i = 0; i < last; i++) {
        const net_packet_t *packet = &net->packets[i];

        if (packet->from == client) {
            net_inject(server, &attacker, packet->data, packet->length);
            packet->data[packet->length - 1] ^= 1;
            net_inject(server, &attacker, packet->data, packet->length);
        }
    }
    /* Of many ClientHellos from an unknown address only the first gets a response, which requests a
     * cookie. */
    net_run(net, 100);
    size_t answered = 0;
    for (size_t i = last; i < net->packet_count; i++) {
        answered += net->packets[i].from == server && net->packets[i].port == ATTACKER;
    }
    check_stays(net, client, server, answered);
    net_end(net);
}

static void divert(net_t *net, net_packet_t *packet)
{
    session_t attacker;

    if (packet->from == net->user) {
        net_address(&attacker, ATTACKER);
        packet->copies = 0;
        net_inject(packet->to, &attacker, packet->data, packet->length);
    }
}

/* An attacker forwards new records from an address at which the peer does not respond. */
EACH_VERSION(forwarded_records_are_delivered_but_move_nothing)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    size_t delivered = server->message_count;

    net->tap = divert;
    net->user = client;
    CHECK(node_write(client, server, "one") > 0);
    CHECK(node_write(client, server, "two") > 0);
    net_calm(net);
    CHECK_EQ(server->message_count, delivered + 2);
    check_stays(net, client, server, 1);
    net_end(net);
}

/* A late record from the old path is older than the newest record. */
EACH_VERSION(late_records_move_nothing_back)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    session_t before = client->address;

    client->loss = 100;
    CHECK(node_write(client, server, "late") > 0);
    net_calm(net);
    net_packet_t *late = &net->packets[net->packet_count - 1];
    uint8_t copy[200];
    size_t length = late->length;
    CHECK(length <= sizeof(copy));
    memcpy(copy, late->data, length);
    net_run(net, 100);
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(moves(server), 1);
    size_t sent = net->packet_count, delivered = server->message_count;
    net_inject(server, &before, copy, length);
    CHECK_EQ(server->message_count, delivered + 1);
    net_run(net, 100);
    CHECK_EQ(net->packet_count, sent);
    CHECK_EQ(moves(server), 1);
    net_end(net);
}

/* RFC 9147 section 4, RFC 9146 section 3: in the negotiated direction every protected record has
 * a connection ID. */
EACH_VERSION(unknown_connection_ids_are_dropped)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);

    CHECK(node_write(client, server, "data") > 0);
    const net_packet_t *packet = &net->packets[net->packet_count - 1];
    uint8_t copy[200];
    size_t at = net_version == DTLS13 ? 1 : 11, length = packet->length;
    CHECK(length <= sizeof(copy));
    memcpy(copy, packet->data, length);
    copy[at] ^= 1;
    size_t delivered = server->message_count;
    net_inject(server, &client->address, copy, length);
    CHECK_EQ(node_stats(server, client).dropped[DTLS_DROP_CID], 1);
    CHECK_EQ(server->message_count, delivered);
    net_run(net, 100);
    CHECK_EQ(server->message_count, delivered + 1);
    net_end(net);
}

/* Returns the last datagram of a client, which is lost. */
static net_packet_t lost_message(node_t *client, const node_t *server, const char *text)
{
    client->loss = 100;
    CHECK(node_write(client, server, text) > 0);
    client->loss = 0;
    return client->net->packets[client->net->packet_count - 1];
}

/* RFC 9147 section 4: all records of a datagram belong to one association. */
EACH_VERSION(records_of_two_associations_in_a_datagram)
{
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);
    node_t *other = net_node(net, "other client");
    wire_t wire = {.length = 0};

    other->config.accept = false;
    other->config.use_cid = true;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK(net_connect(other, server, 5000));
    net_run(net, 1000);
    const net_packet_t first = lost_message(client, server, "first");
    const net_packet_t second = lost_message(other, server, "second");
    wire_put(&wire, first.data, first.length);
    wire_put(&wire, second.data, second.length);
    net_inject(server, &client->address, wire.data, wire.length);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(server->messages[0].length, strlen("first"));
    CHECK(net_echo(client, server));
    CHECK(net_echo(other, server));
    net_end(net);
}

EACH_VERSION(records_stripped_of_their_connection_id_are_dropped)
{
    node_t *client, *server;
    net_t *net = associated(&client, &server);
    uint8_t copy[200];

    CHECK(node_write(client, server, "data") > 0);
    const net_packet_t *packet = &net->packets[net->packet_count - 1];
    size_t at = net_version == DTLS13 ? 1 : 11, length = packet->length - 8;
    CHECK(length <= sizeof(copy));
    memcpy(copy, packet->data, at);
    memcpy(copy + at, packet->data + at + 8, length - at);
    copy[0] = (uint8_t)(net_version == DTLS13 ? copy[0] ^ 0x10 : DATA);
    net_inject(server, &client->address, copy, length);
    CHECK_EQ(node_stats(server, client).dropped[DTLS_DROP_CID], 1);
    net_end(net);
}

/* RFC 9146 section 3: the connection ID is negotiated again on resumption. */
EACH_VERSION(resumed_session_negotiates_new_connection_ids)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);

    jar_use(client, &jar);
    server->config.tickets = true;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    cid_t before = *cids_to_send(conn_of(client, server));
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    CHECK(cids_to_send(conn_of(client, server)) != NULL);
    CHECK(memcmp(&before, cids_to_send(conn_of(client, server)), sizeof(before)) != 0);
    CHECK_EQ(records_with_cid(client, false), 0);
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(moves(server), 1);
    net_end(net);
}

/* Two clients swap their addresses. Connection IDs identify them. */
EACH_VERSION(address_of_another_peer_is_not_used)
{
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);
    node_t *other = net_node(net, "other");

    other->config.use_cid = true;
    other->config.accept = false;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK(net_connect(other, server, 5000));
    CHECK(net_echo(other, server));
    session_t swapped = client->address;
    client->address = other->address;
    other->address = swapped;
    size_t delivered = server->message_count;
    CHECK(node_write(client, server, "from client") > 0);
    net_run(net, 100);
    CHECK_EQ(server->message_count, delivered + 1);
    /* its old connection ID still identifies it */
    CHECK_EQ(net_port(&swapped), server->messages[delivered].port);
    CHECK_EQ(moves(server), 0);
    net_end(net);
}

/* ---- NewConnectionId and RequestConnectionId ---- */

static net_t *associated13(node_t **client, node_t **server)
{
    net_t *net = cid_pair(client, server);

    (*client)->config.only_version = (*server)->config.only_version = DTLS13;
    (*client)->config.cid_length = 4;
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    return net;
}

TEST(new_connection_id_is_used_at_once)
{
    node_t *client, *server;
    net_t *net = associated13(&client, &server);

    for (int i = 0; i < 20; i++) {
        cid_t before = *cids_to_send(conn_of(client, server));

        NOTE("round %d", i);
        CHECK_EQ(dtls_new_cid(server->ctx, &client->address), 0);
        net_run(net, 100);
        CHECK(memcmp(&before, cids_to_send(conn_of(client, server)), sizeof(before)) != 0);
        CHECK(net_echo(client, server));
    }
    CHECK(conn_of(server, client)->cids->own_count <= OWN_CIDS);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

TEST(spare_connection_ids_are_used_on_a_new_path)
{
    node_t *client, *server;
    net_t *net = associated13(&client, &server);
    cid_t before = *cids_to_send(conn_of(server, client));

    CHECK_EQ(dtls_request_cids(server->ctx, &client->address, 2), 0);
    net_run(net, 100);
    CHECK_EQ(conn_of(server, client)->cids->spare_count, 2);
    CHECK(memcmp(&before, cids_to_send(conn_of(server, client)), sizeof(before)) == 0);
    move(client, OTHER_PORT);
    CHECK(node_write(client, server, "moved") > 0);
    net_run(net, 100);
    CHECK_EQ(conn_of(server, client)->cids->spare_count, 1);
    CHECK(memcmp(&before, cids_to_send(conn_of(server, client)), sizeof(before)) != 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A NewConnectionId must have an ID to use at once, or it is malformed. Without a free ID none is
 * sent, and the current ID stays in use. */
TEST(no_new_connection_id_to_give)
{
    enum { NONE_FREE, NONE_FREE_BUT_ENOUGH, NO_MEMORY, WAYS };
    for (unsigned way = 0; way < WAYS; way++) {
        node_t *client, *server;
        net_t *net = associated13(&client, &server);

        NOTE("way %u", way);
        if (way == NONE_FREE_BUT_ENOUGH) {
            CHECK_EQ(dtls_request_cids(client->ctx, &server->address, 255), 0);
            net_run(net, 100);
            CHECK_EQ(conn_of(server, client)->cids->own_count, OWN_CIDS);
        }
        if (way == NO_MEMORY) {
            server->fail_at = server->allocations + 1;
        } else {
            server->ctx->config.random = always_the_same;
            CHECK_EQ(dtls_new_cid(server->ctx, &client->address), 0);
            net_run(net, 100);
        }
        for (unsigned i = 0; i < OWN_CIDS; i++) {
            CHECK_EQ(dtls_new_cid(server->ctx, &client->address), 0);
            net_run(net, 100);
            CHECK(net_echo(client, server));
        }
        server->ctx->config.random = server->config.random;
        CHECK_EQ(dtls_new_cid(server->ctx, &client->address), 0);
        net_run(net, 100);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

TEST(more_spares_than_there_is_room_for)
{
    node_t *client, *server;
    net_t *net = associated13(&client, &server);

    for (int i = 0; i < 5; i++) {
        CHECK_EQ(dtls_request_cids(server->ctx, &client->address, 255), 0);
        net_run(net, 100);
    }
    CHECK_EQ(conn_of(client, server)->cids->own_count, OWN_CIDS);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(connection_id_calls_refuse)
{
    node_t *client, *server;
    net_t *net = cid_pair(&client, &server);

    client->config.only_version = server->config.only_version = DTLS13;
    net_start(net);
    CHECK_EQ(dtls_new_cid(server->ctx, &client->address), -DTLS_ERR_STATE);
    CHECK(net_connect(client, server, 5000));
    /* the peer requests no connection ID */
    CHECK_EQ(dtls_new_cid(client->ctx, &server->address), -DTLS_ERR_STATE);
    CHECK_EQ(dtls_request_cids(server->ctx, &client->address, 1), -DTLS_ERR_STATE);
    CHECK_EQ(dtls_request_cids(client->ctx, &server->address, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_request_cids(client->ctx, &server->address, 256), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_request_cids(client->ctx, &server->address, 1), 0);
    net_run(net, 100);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* All post-handshake messages at once, in both directions, on an unreliable network. */
TEST(everything_at_once_with_loss)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        node_t *client, *server;
        net_t *net = associated13(&client, &server);

        NOTE("seed %u", seed);
        net->random = seed * 7919;
        client->loss = server->loss = 25;
        client->duplicate = server->duplicate = 10;
        client->reorder = server->reorder = 20;
        client->reorder_ms = server->reorder_ms = 30;
        for (int i = 0; i < 4; i++) {
            CHECK_EQ(dtls_new_cid(server->ctx, &client->address), 0);
            CHECK_EQ(dtls_request_cids(client->ctx, &server->address, 2), 0);
            CHECK(dtls_update_keys(client->ctx, &server->address, true) >= 0);
            CHECK_EQ(dtls_new_cid(client->ctx, &server->address), 0);
            CHECK_EQ(dtls_request_cids(server->ctx, &client->address, 1), 0);
            net_run(net, 200);
        }
        net_run(net, 20000); /* a third of handshake_ms, after which a silent peer is given up */
        net_calm(net);
        net_run(net, 60000);
        CHECK(net_echo(client, server));
        CHECK_EQ(node_ends(client) + node_ends(server), 0);
        for (post_t post = 0; post < POST_COUNT; post++) {
            CHECK(!conn_of(client, server)->v13->post[post]);
            CHECK(!conn_of(server, client)->v13->pending[post]);
        }
        net_end(net);
    }
}

EACH_VERSION(handshakes_with_connection_ids_survive_loss)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        node_t *client, *server;
        net_t *net = cid_pair(&client, &server);

        NOTE("seed %u", seed);
        client->config.cid_length = 3;
        net->random = seed * 7919;
        client->loss = server->loss = 20;
        client->duplicate = server->duplicate = 10;
        client->reorder = server->reorder = 20;
        client->reorder_ms = server->reorder_ms = 30;
        net_start(net);
        CHECK(net_connect(client, server, 60000));
        net_calm(net);
        net_run(net, 1000);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}
