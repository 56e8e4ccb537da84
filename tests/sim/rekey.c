/*
 * rekey.c - KeyUpdates of DTLS 1.3 while datagrams are lost, duplicated and reordered. The tests
 * start them inside the library, as the library itself does.
 */
#include "api/timers.h"
#include "conn/state.h"
#include "handshake/post_handshake.h"
#include "wire.h"

#include <string.h>

enum { SEEDS = 300 };

static void rekey(const node_t *node, const node_t *peer, bool request)
{
    conn_t *conn = conn_of(node, peer);

    CHECK_EQ(post13_update_keys(conn, request), DTLS_ERR_NONE);
    timers_plan(conn->peer);
}

static uint64_t write_epoch(const node_t *node, const node_t *peer)
{
    return conn_of(node, peer)->send_epoch;
}

static net_t *pair13(uint64_t seed, node_t **client, node_t **server)
{
    net_t *net = net_pair(seed, client, server);

    (*client)->config.only_version = (*server)->config.only_version = DTLS13;
    return net;
}

static net_t *associated(uint64_t seed, node_t **client, node_t **server)
{
    net_t *net = pair13(seed, client, server);

    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    net_run(net, 150);
    return net;
}

/* Checks three things: each side writes in the epoch that the other reads, no KeyUpdate is pending,
 * and data is delivered. */
static void check_settled(node_t *client, node_t *server)
{
    CHECK(net_echo(client, server));
    net_run(client->net, 150);
    CHECK_EQ(conn_of(client, server)->v13->read_epoch, write_epoch(server, client));
    CHECK_EQ(conn_of(server, client)->v13->read_epoch, write_epoch(client, server));
    CHECK(!conn_of(client, server)->v13->post[POST_KEY_UPDATE]);
    CHECK(!conn_of(server, client)->v13->post[POST_KEY_UPDATE]);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
}

TEST(keys_change_one_way_again_and_again)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    for (unsigned i = 1; i <= 20; i++) {
        size_t sent = net->packet_count;

        NOTE("update %u", i);
        rekey(client, server, false);
        net_run(net, 150);
        CHECK_EQ(net->packet_count, sent + 2); /* the KeyUpdate and its ACK */
        CHECK_EQ(write_epoch(client, server), 3 + i);
        CHECK_EQ(write_epoch(server, client), 3);
        check_settled(client, server);
    }
    net_run(net, 300000); /* the handshake keys in the same slot have expired */
    check_settled(client, server);
    net_end(net);
}

/* The slots of the write keys follow those of the read keys in memory. Here the first slot of each has keys in use:
 * epoch 8 to read, epoch 4 to write. */
TEST(expiry_of_read_keys_ends_only_read_keys)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    rekey(server, client, false);
    net_run(net, 150);
    for (unsigned i = 0; i < 5; i++) {
        rekey(client, server, false);
        net_run(net, 150);
    }
    check_settled(client, server);
    CHECK_EQ(write_epoch(server, client), 4);
    CHECK_EQ(write_epoch(client, server), 8);
    net_run(net, 300000);
    check_settled(client, server);
    net_end(net);
}

/* The new keys are in use after one round trip, which takes no time here. */
TEST(update_is_acknowledged_without_delay)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    rekey(client, server, false);
    net_run(net, 1);
    CHECK_EQ(write_epoch(client, server), 4);
    net_end(net);
}

TEST(request_is_answered)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    for (unsigned i = 0; i < 6; i++) {
        NOTE("request %u", i);
        rekey(i % 4 < 2 ? client : server, i % 4 < 2 ? server : client, true);
        net_run(net, 150);
        CHECK_EQ(write_epoch(client, server), 4 + i);
        CHECK_EQ(write_epoch(server, client), 4 + i);
    }
    check_settled(client, server);
    net_end(net);
}

/* RFC 8446 section 4.6.3: a second request does not follow before the peer's KeyUpdate. */
TEST(request_under_way_is_not_repeated)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    rekey(client, server, true);
    rekey(client, server, true);
    net_run(net, 1000);
    CHECK_EQ(write_epoch(client, server), 4);
    CHECK_EQ(write_epoch(server, client), 4);
    check_settled(client, server);
    net_end(net);
}

/* RFC 8446 section 4.6.3: both sides request an update at once. Each updates twice. */
TEST(requests_that_cross_advance_both_by_two)
{
    node_t *client, *server;
    net_t *net = pair13(1, &client, &server);

    client->delay = server->delay = 5;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net_run(net, 100);
    rekey(client, server, true);
    rekey(server, client, true);
    net_run(net, 1000);
    CHECK_EQ(write_epoch(client, server), 5);
    CHECK_EQ(write_epoch(server, client), 5);
    check_settled(client, server);
    net_end(net);
}

/* RFC 9147 section 8: until the ACK arrives, data is sent under the old keys and no second
 * KeyUpdate is sent. */
TEST(new_keys_wait_for_the_ack)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    server->loss = 100;
    rekey(client, server, false);
    rekey(client, server, false);
    net_run(net, 150);
    CHECK_EQ(write_epoch(client, server), 3);
    CHECK_EQ(conn_of(server, client)->v13->read_epoch, 4);
    for (unsigned i = 0; i < 5; i++) {
        CHECK(node_write(client, server, "under the old keys") > 0);
        net_run(net, 150);
        CHECK_EQ(server->message_count, i + 1);
    }
    net_calm(net);
    net_run(net, 1000);
    CHECK_EQ(write_epoch(client, server), 4);
    check_settled(client, server);
    net_end(net);
}

/* RFC 9147 section 8: late data under the old keys is read until a record under the new ones
 * arrives. */
TEST(late_data_under_the_old_keys)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    client->delay = 200;
    CHECK(node_write(client, server, "late") > 0);
    client->delay = 0;
    rekey(client, server, false);
    net_run(net, 150);
    CHECK_EQ(write_epoch(client, server), 4);
    CHECK_EQ(server->message_count, 0);
    net_run(net, 100);
    CHECK_EQ(server->message_count, 1);
    check_settled(client, server);
    net_end(net);
}

/* RFC 9147 section 4.2.1: old keys are kept for a while, however much data arrives under the new ones. */
TEST(old_keys_are_wiped_while_data_arrives)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);

    rekey(client, server, false);
    net_run(net, 150);
    for (unsigned s = 0; s < 250; s += 10) {
        CHECK(node_write(client, server, "data") > 0);
        CHECK(conn_read_epoch(conn_of(server, client), 3) || s > 200);
        net_run(net, 10000);
    }
    CHECK(!conn_read_epoch(conn_of(server, client), 3));
    check_settled(client, server);
    net_end(net);
}

/* An ACK of the KeyUpdate must imply that Finished has arrived too. */
TEST(update_waits_for_the_ack_of_finished)
{
    node_t *client, *server;
    net_t *net = pair13(1, &client, &server);

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    client->loss = 100;
    net_run(net, 150);
    CHECK(node_connected(client, server) && !node_connected(server, client));
    rekey(client, server, false);
    net_run(net, 50);
    CHECK_EQ(write_epoch(client, server), 3);
    net_calm(net);
    net_run(net, 1000);
    CHECK_EQ(write_epoch(client, server), 4);
    check_settled(client, server);
    net_end(net);
}

/* ---- loss ------------------------------------------------------------------------------ */

typedef struct {
    size_t from;
    uint64_t lost, twice; /* one bit for each datagram from `first` on */
} plan_t;

static void follow_plan(net_t *net, net_packet_t *packet)
{
    const plan_t *plan = net->user;
    size_t n = packet->index - plan->from;

    if (n < 64) {
        packet->copies = plan->lost >> n & 1 ? 0 : 1 + (plan->twice >> n & 1);
    }
}

static void update_under(uint64_t lost, uint64_t twice)
{
    node_t *client, *server;
    net_t *net = associated(7, &client, &server);
    plan_t plan = {net->packet_count, lost, twice};

    NOTE("lost %llx, twice %llx", (unsigned long long)lost, (unsigned long long)twice);
    net->tap = follow_plan;
    net->user = &plan;
    rekey(client, server, true);
    rekey(server, client, true);
    net_run(net, 20000);
    CHECK_EQ(write_epoch(client, server), 5);
    CHECK_EQ(write_epoch(server, client), 5);
    check_settled(client, server);
    net_end(net);
}

TEST(updates_with_datagrams_lost_or_twice)
{
    for (unsigned i = 0; i < 12; i++) {
        for (unsigned k = 0; k < 12; k++) {
            update_under(UINT64_C(1) << i | UINT64_C(1) << k, 0);
            update_under(UINT64_C(1) << i, UINT64_C(1) << k);
            update_under(0, UINT64_C(1) << i | UINT64_C(1) << k);
        }
    }
    update_under(0, UINT64_MAX);
}

/* Both sides send data all the time, and update their keys at random times. */
static void storm(uint64_t seed)
{
    node_t *client, *server;
    net_t *net = associated(seed, &client, &server);
    uint64_t random = seed;

    NOTE("seed %u", (unsigned)seed);
    for (size_t i = 0; i < net->node_count; i++) {
        net->nodes[i]->loss = 30;
        net->nodes[i]->duplicate = net->nodes[i]->reorder = 20;
        net->nodes[i]->delay = 1;
    }
    for (unsigned step = 0; step < 60; step++) {
        node_t *from = net_random(net, 2) ? client : server;
        node_t *to = from == client ? server : client;

        random = net_random(net, 4);
        if (random == 0) {
            rekey(from, to, net_random(net, 2));
        } else {
            CHECK(node_write(from, to, "data") > 0);
        }
        net_run(net, net_random(net, 40));
    }
    net_calm(net);
    net_run(net, 100000);
    check_settled(client, server);
    CHECK(wire_nonces_are_unique(client) && wire_nonces_are_unique(server));
    net_end(net);
}

TEST(updates_in_a_storm)
{
    net_version = DTLS13;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        storm(seed);
    }
    net_version = DTLS12;
}

/* ---- no epoch or no message number is left ---- */

/* Sets the state as it is after many updates. The epochs 65535 and 3 have the same slot. */
static void jump_to_epoch(node_t *from, node_t *to, uint64_t number)
{
    conn_t *sender = conn_of(from, to), *receiver = conn_of(to, from);

    CHECK_EQ(sender->send_epoch, 3);
    conn_write_epoch(sender, 3)->number = number;
    conn_read_epoch(receiver, 3)->number = number;
    sender->send_epoch = receiver->v13->read_epoch = number;
}

static void use_up(node_t *from, node_t *to)
{
    epoch_t *epoch = conn_write_epoch(conn_of(from, to), conn_of(from, to)->send_epoch);
    size_t before = to->message_count;

    epoch->sequence = epoch->suite->seal_limit - 2;
    conn_read_epoch(conn_of(to, from), epoch->number)->window.next = epoch->sequence;
    CHECK(node_write(from, to, "last but one") > 0);
    CHECK(node_write(from, to, "last") > 0);
    CHECK_EQ(node_write(from, to, "too much"), -DTLS_ERR_KEY_LIMIT);
    net_run(from->net, 1000);
    CHECK_EQ(to->message_count, before + 2);
    CHECK_EQ(node_ends(from), 1);
    CHECK_EQ(node_last_end(from)->info.error, DTLS_ERR_KEY_LIMIT);
    CHECK_EQ(node_last_end(to)->code, DTLS_EVENT_FAILED);
}

static void exhaust(bool epochs, bool client_sends)
{
    node_t *client, *server;
    net_t *net = associated(1, &client, &server);
    node_t *from = client_sends ? client : server, *to = client_sends ? server : client;

    NOTE("no more %s at the %s", epochs ? "epochs" : "numbers", from->name);
    if (epochs) {
        jump_to_epoch(from, to, 65535);
    } else {
        conn_of(from, to)->messages.send_seq = UINT16_MAX;
    }
    CHECK_EQ(dtls_update_keys(from->ctx, &to->address, false), -DTLS_ERR_KEY_LIMIT);
    CHECK_EQ(dtls_update_keys(from->ctx, &to->address, true), -DTLS_ERR_KEY_LIMIT);
    /* RFC 9147 section 8: the request is for an update that is no longer possible */
    rekey(to, from, true);
    net_run(net, 1000);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(from) + node_ends(to), 0);
    use_up(from, to);
    net_end(net);
}

TEST(keys_are_used_up_when_no_others_can_follow)
{
    net_version = DTLS13;
    for (unsigned i = 0; i < 4; i++) {
        exhaust(i % 2 == 0, i / 2 == 0);
    }
    net_version = DTLS12;
}
