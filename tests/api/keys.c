/*
 * keys.c - the application changes or removes keys: no session of an old key is resumed, no chain of
 * resumptions outlives its key's last use, and dtls_recheck_keys() ends associations.
 */
#include "jar.h"
#include "wire.h"

#include <string.h>

static const uint8_t other_key[16] = {1, 2, 3};

static void change_key(node_t *node)
{
    node->key = other_key;
    node->key_length = sizeof(other_key);
}

static int remove_key(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                      const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)node, (void)peer, (void)type, (void)desc, (void)desc_length, (void)result, (void)room;
    return -1;
}

static void remove_it(node_t *node)
{
    node->on_psk = remove_key;
}

static void (*const changes[])(node_t *node) = {change_key, remove_it};

static size_t received(const node_t *node, const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < node->message_count; i++) {
        const net_message_t *message = &node->messages[i];
        count += message->length == strlen(text) && memcmp(message->data, text, strlen(text)) == 0;
    }
    return count;
}

static void check_refused(node_t *client, node_t *server, const jar_t *jar)
{
    CHECK_EQ(resume(client, server, jar, 2000), 1);
    net_run(client->net, 70000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 1);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
    CHECK(!node_last_end(client)->info.resumed);
}

/* ---- tickets and cached sessions ---- */

EACH_VERSION(ticket_of_an_old_key_is_refused)
{
    for (size_t i = 0; i < 2; i++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(net_version, &client, &server, &jar);

        NOTE("change %zu", i);
        changes[i](server);
        check_refused(client, server, &jar);
        net_end(net);
    }
}

EACH_OF_DTLS12(cached_session_of_an_old_key_is_refused)
{
    for (size_t i = 0; i < 2; i++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(net_version, &client, &server, &jar);

        NOTE("change %zu", i);
        server->config.tickets = false;
        server->config.sessions = 4;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(jar.count, 1);
        part(client, server);
        changes[i](server);
        check_refused(client, server, &jar);
        net_end(net);
    }
}

/* Both sides have the new key. The client does not offer the session of the old one. */
EACH_VERSION(client_with_a_new_key_offers_no_old_session)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);
    size_t length;

    change_key(client);
    change_key(server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    length = net->packets[net->packet_count - 1].length;
    check_connected(client, server, false);
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK(net->packets[net->packet_count - 1].length > length);
    check_connected(client, server, true);
    net_end(net);
}

/* The same key belongs to all identities, as with a key file of one key. */
static int same_key(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                    const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)peer, (void)desc, (void)desc_length, (void)room;
    if (type == DTLS_PSK_HINT) {
        return 0;
    }
    const uint8_t *bytes = type == DTLS_PSK_KEY ? other_key : node->identity;
    size_t length = type == DTLS_PSK_KEY ? sizeof(other_key) : node->identity_length;
    memcpy(result, bytes, length);
    return (int)length;
}

TEST(client_with_another_identity_offers_no_old_session)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

    client->on_psk = server->on_psk = same_key;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    client->identity = (const uint8_t *)"another";
    client->identity_length = strlen("another");
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    net_run(net, 5000);
    CHECK(node_connected(client, server) && node_connected(server, client));
    CHECK(!info_of(server, client).resumed);
    CHECK_MEM(info_of(server, client).identity, "another", strlen("another"));
    net_end(net);
}

/* The salt of the tag is in the ticket, so another server that shares the secrets can check it. */
EACH_VERSION(ticket_of_an_old_key_is_refused_by_another_server)
{
    static const uint8_t secret[DTLS_SECRET] = {1};
    for (int changed = 0; changed < 2; changed++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(net_version, &client, &server, &jar);

        NOTE("changed %d", changed);
        net_start(net);
        CHECK_EQ(dtls_set_secrets(server->ctx, secret, 1), 0);
        CHECK(net_connect(client, server, 5000));
        net_run(net, 1000);
        part(client, server);
        dtls_free_context(server->ctx);
        CHECK(node_start(server));
        CHECK_EQ(dtls_set_secrets(server->ctx, secret, 1), 0);
        if (changed) {
            change_key(server);
            check_refused(client, server, &jar);
        } else {
            CHECK_EQ(resume(client, server, &jar, 2000), 1);
            check_connected(client, server, true);
        }
        net_end(net);
    }
}

static int early(node_t *client, node_t *server, const char *text)
{
    return dtls_write_early(client->ctx, &server->address, (uint8_t *)(uintptr_t)text,
                            strlen(text));
}

TEST(early_data_of_an_old_key_is_refused)
{
    for (size_t i = 0; i < 2; i++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(DTLS13, &client, &server, &jar);

        NOTE("change %zu", i);
        changes[i](server);
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        CHECK_EQ(early(client, server, "early"), 5);
        net_run(net, 70000);
        CHECK_EQ(received(server, "early"), 0);
        CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
        net_end(net);
    }
}

TEST(client_with_a_new_key_sends_no_early_data)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);

    change_key(client);
    change_key(server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    CHECK_EQ(early(client, server, "early"), 0);
    check_connected(client, server, false);
    net_end(net);
}

/* ---- a chain of resumptions ---- */

/* Each resumption brings a new ticket, which is valid for the rest of the first lifetime. The client
 * of this test offers the last ticket although it has expired. */
EACH_VERSION(chain_of_resumptions_ends)
{
    enum { STEPS = 6 };
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);
    uint32_t first_s = jar.lifetime_s, step_s = first_s / STEPS;

    CHECK(first_s <= 604800);
    for (uint32_t i = 1; i < STEPS; i++) {
        NOTE("resumption %u", i);
        net_run(net, 1000 * (uint64_t)step_s - 12000);
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        check_connected(client, server, true);
        CHECK_EQ(jar.count, i + 1);
        CHECK(jar.lifetime_s <= first_s - i * step_s + 12 * i + 12);
        part(client, server);
    }
    net_run(net, 1000 * (uint64_t)step_s);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    if (net_version == DTLS13) {
        CHECK_EQ(early(client, server, "early"), 5);
    }
    check_connected(client, server, false);
    CHECK_EQ(received(server, "early"), 0);
    CHECK(jar.lifetime_s > first_s - step_s); /* a full handshake begins another chain */
    net_end(net);
}

/* ---- dtls_recheck_keys() ---- */

EACH_VERSION(recheck_ends_associations)
{
    for (size_t i = 0; i < 2; i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("change %zu", i);
        client->delay = 5;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        dtls_recheck_keys(server->ctx);
        dtls_recheck_keys(client->ctx);
        CHECK(net_echo(client, server));
        changes[i](server);
        CHECK(node_write(client, server, "on the way") > 0);
        dtls_recheck_keys(server->ctx);
        CHECK(!node_connected(server, client));
        CHECK_EQ(node_last_end(server)->code, DTLS_EVENT_FAILED);
        CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_KEY_CHANGED);
        net_run(net, 1000);
        CHECK_EQ(received(server, "on the way"), 0);
        CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_FAILED);
        CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_ACCESS_DENIED);
        net_end(net);
    }
}

/* A resumed association has the tag of its session. */
EACH_VERSION(recheck_ends_resumed_associations)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    dtls_recheck_keys(server->ctx);
    dtls_recheck_keys(client->ctx);
    CHECK(net_echo(client, server));
    change_key(client);
    dtls_recheck_keys(client->ctx);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_KEY_CHANGED);
    change_key(server);
    dtls_recheck_keys(server->ctx);
    CHECK_EQ(node_ends(server), 2);
    net_end(net);
}

/* Ends the peers of one identity, and no others, also while each end event shortens the list. */
EACH_VERSION(recheck_keeps_other_identities)
{
    enum { CLIENTS = 6 };
    static const char *const names[CLIENTS] = {"Client_identity", "b", "c", "d", "e", "f"};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server"), *clients[CLIENTS];

    server->on_psk = same_key;
    server->config.only_version = net_version;
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = net_node(net, names[i]);
        clients[i]->identity = (const uint8_t *)(i % 2 ? names[i] : names[0]);
        clients[i]->identity_length = strlen(i % 2 ? names[i] : names[0]);
        change_key(clients[i]);
    }
    net_start(net);
    for (size_t i = 0; i < CLIENTS; i++) {
        CHECK(net_connect(clients[i], server, 5000));
    }
    server->on_psk = NULL; /* the server still has one identity, with its key */
    change_key(server);
    dtls_recheck_keys(server->ctx);
    net_run(net, 1000);
    for (size_t i = 0; i < CLIENTS; i++) {
        NOTE("client %zu", i);
        CHECK_EQ(node_connected(clients[i], server), i % 2 == 0);
        CHECK_EQ(node_connected(server, clients[i]), i % 2 == 0);
    }
    net_end(net);
}

/* A client has restarted, and its second handshake has not ended: both associations end. */
TEST(recheck_ends_the_second_handshake_of_a_peer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = server->config.only_version = DTLS13;
    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    node_crash(client);
    CHECK(node_start(client));
    server->loss = 100;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1);
    CHECK_EQ(node_ends(server), 0);
    change_key(server);
    dtls_recheck_keys(server->ctx);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_KEY_CHANGED);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    net_end(net);
}

/* Drops the datagrams of the client after its first `user` ones. */
static void drop_rest(net_t *net, net_packet_t *packet)
{
    size_t *left = net->user;

    if (packet->from == net->nodes[0] && *left == 0) {
        packet->copies = 0;
    } else if (packet->from == net->nodes[0]) {
        --*left;
    }
}

/* A handshake in progress that has used the old key ends, without a datagram. If the identity was
 * unknown from the beginning, the handshake continues. */
TEST(recheck_ends_handshakes_in_silence)
{
    for (int unknown = 0; unknown < 2; unknown++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        size_t left = 1, sent;

        NOTE("unknown %d", unknown);
        client->config.only_version = server->config.only_version = DTLS13;
        server->config.cookie = DTLS_COOKIE_OFF;
        net->user = &left;
        net->tap = drop_rest;
        net_start(net);
        if (unknown) {
            remove_it(server);
        }
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 10);
        sent = server->sent;
        change_key(server);
        dtls_recheck_keys(server->ctx);
        CHECK_EQ(server->sent, sent);
        CHECK_EQ(node_ends(server), 1);
        CHECK_EQ(node_last_end(server)->info.error,
                 unknown ? DTLS_ERR_UNKNOWN_IDENTITY : DTLS_ERR_KEY_CHANGED);
        net_end(net);
    }
}

TEST(recheck_without_peers)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    dtls_recheck_keys(NULL);
    dtls_recheck_keys(server->ctx);
    CHECK_EQ(server->event_count, 0);
    net_end(net);
}
