/*
 * peer.c - dtls_connect, dtls_write, dtls_close and related calls: their results, and what they
 * send.
 */
#include "wire.h"

#include <string.h>

static net_t *connected(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    return net;
}

EACH_VERSION(connect_starts_once)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    CHECK_EQ(client->sent, 1);
    CHECK(dtls_get_peer(client->ctx, &server->address) != NULL);
    CHECK_EQ(dtls_connect(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    CHECK_EQ(dtls_connect(client->ctx, &server->address), 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 1);
    CHECK_EQ(net->packet_count, 6);
    net_end(net);
}

EACH_VERSION(write_without_a_peer_starts_a_handshake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK_EQ(node_write(client, server, "too early"), 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    CHECK_EQ(client->sent, 1);
    CHECK_EQ(node_write(client, server, "still"), 0);
    CHECK_EQ(client->sent, 1);
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    CHECK_EQ(server->message_count, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(write_beyond_the_limit_sends_nothing)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    session_t peer = server->address;
    uint8_t data[2000] = {0};
    size_t most = dtls_max_payload(client->ctx, &peer), sent = client->sent;

    CHECK_EQ(dtls_write(client->ctx, &peer, data, most + 1), -(int)DTLS_ERR_TOO_LONG);
    CHECK_EQ(dtls_write(client->ctx, &peer, data, sizeof(data)), -(int)DTLS_ERR_TOO_LONG);
    CHECK_EQ(client->sent, sent);
    CHECK_EQ(dtls_write(client->ctx, &peer, data, most), (int)most);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(server->messages[0].length, most);
    net_end(net);
}

EACH_VERSION(empty_record_is_delivered)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    session_t peer = server->address;
    uint8_t nothing = 0;

    CHECK_EQ(dtls_write(client->ctx, &peer, &nothing, 0), 0);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 1);
    CHECK_EQ(server->messages[0].length, 0);
    net_end(net);
}

EACH_VERSION(max_payload_follows_mtu)
{
    static const size_t mtus[] = {256, 257, 576, 1232, 1500, 9000};
    node_t *client, *server;
    net_t *net = connected(&client, &server);

    for (size_t i = 0; i < sizeof(mtus) / sizeof(*mtus); i++) {
        CHECK_EQ(dtls_set_mtu(client->ctx, &server->address, mtus[i]), 0);
        /* less for the record header and the AEAD; suites.c tests the overhead of each suite */
        CHECK(dtls_max_payload(client->ctx, &server->address) < mtus[i]);
        CHECK(dtls_max_payload(client->ctx, &server->address) >= mtus[i] - 37);
    }
    CHECK_EQ(dtls_set_mtu(client->ctx, &server->address, 65507), 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 16384);
    CHECK(dtls_set_mtu(client->ctx, &server->address, 255) < 0);
    CHECK(dtls_set_mtu(client->ctx, &server->address, 65508) < 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 16384);
    CHECK(dtls_set_mtu(client->ctx, &client->address, 1000) < 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &client->address), 0);
    net_end(net);
}

EACH_VERSION(writev_sends_one_record)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    session_t peer = server->address;
    uint8_t a[] = "gather", b[] = "", c[] = "ed", big[1211] = {0};
    uint8_t *parts[] = {a, b, c, big};
    size_t lengths[] = {6, 0, 2, sizeof(big)}, sent = client->sent;

    CHECK_EQ(dtls_writev(client->ctx, &peer, parts, lengths, 3), 8);
    CHECK_EQ(client->sent, sent + 1);
    CHECK_EQ(dtls_writev(client->ctx, &peer, parts, lengths, 4), -(int)DTLS_ERR_TOO_LONG);
    CHECK_EQ(dtls_writev(client->ctx, &peer, parts, lengths, 0), 0);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 2);
    CHECK_STR((const char *)server->messages[0].data, "gathered");
    CHECK_EQ(server->messages[1].length, 0);
    net_end(net);
}

/* dtls_write() does not change the data of the caller: it encrypts a copy. */
EACH_VERSION(write_leaves_the_data_alone)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    session_t peer = server->address;
    uint8_t data[] = "as it was";

    CHECK_EQ(dtls_write(client->ctx, &peer, data, sizeof(data)), (int)sizeof(data));
    CHECK_STR((const char *)data, "as it was");
    net_end(net);
}

EACH_VERSION(unknown_peers_are_errors)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_info_t info;
    dtls_stats_t stats;

    net_start(net);
    CHECK(dtls_close(client->ctx, &server->address) < 0);
    CHECK(dtls_get_info(client->ctx, &server->address, &info) < 0);
    CHECK(dtls_get_stats(client->ctx, &server->address, &stats) < 0);
    CHECK_EQ(dtls_get_stats(client->ctx, NULL, &stats), 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 0);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK_EQ(client->sent, 0);
    CHECK_EQ(client->event_count, 0);
    net_end(net);
}

EACH_VERSION(close_tells_both_ends_once)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);

    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 1000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    CHECK_EQ(node_ends(client) + node_ends(server), 2);
    CHECK(node_last_end(client)->info_ok && node_last_end(server)->info_ok);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_NONE);
    CHECK(node_last_end(client)->info.alert_authenticated);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    CHECK(dtls_close(client->ctx, &server->address) < 0);
    CHECK(net_connect(client, server, 1000));
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(received_close_notify_is_an_alert_event_too)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    size_t alerts = 0;

    CHECK_EQ(dtls_close(server->ctx, &client->address), 0);
    net_run(net, 1000);
    for (size_t i = 0; i < client->event_count; i++) {
        alerts += client->events[i].level == DTLS_ALERT_LEVEL_WARNING &&
                  client->events[i].code == DTLS_ALERT_CLOSE_NOTIFY;
    }
    CHECK_EQ(alerts, 1);
    net_end(net);
}

EACH_VERSION(close_in_a_handshake_is_immediate)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_record_t record;
    size_t alerts = 0;
    uint8_t seen[4] = {0};

    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    for (size_t i = 1; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];

        for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
            CHECK(record.type == ALERT && record.length == 2 && alerts < 2);
            seen[2 * alerts] = record.body[0];
            seen[2 * alerts++ + 1] = record.body[1];
        }
    }
    CHECK_MEM(seen, ((uint8_t[]){1, DTLS_ALERT_USER_CANCELED, 1, DTLS_ALERT_CLOSE_NOTIFY}), 4);
    net_run(net, 100000);
    CHECK_EQ(node_ends(client), 1);
    net_end(net);
}

EACH_VERSION(reset_is_silent_here_and_closes_there)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    size_t sent = client->sent;

    dtls_reset_peer(client->ctx, dtls_get_peer(client->ctx, &server->address));
    CHECK_EQ(client->sent, sent + 1);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    net_run(net, 1000);
    CHECK_EQ(node_ends(client), 0);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* A client has restarted, and its second handshake has not ended: both associations end, and without an
 * event. */
TEST(reset_ends_the_second_handshake_of_a_peer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    node_crash(client);
    CHECK(node_start(client));
    server->loss = 100;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1);
    size_t events = server->event_count;
    dtls_reset_peer(server->ctx, dtls_get_peer(server->ctx, &client->address));
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    CHECK_EQ(server->event_count, events);
    net_end(net);
}

EACH_VERSION(free_closes_every_peer_once_without_events)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    size_t sent = client->sent, events = client->event_count;

    dtls_free_context(client->ctx);
    client->ctx = NULL;
    CHECK_EQ(client->sent, sent + 1);
    CHECK_EQ(client->event_count, events);
    CHECK_EQ(client->live, 0);
    net_run(net, 1000);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

EACH_VERSION(reset_and_free_in_a_handshake_send_nothing)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    dtls_reset_peer(client->ctx, dtls_get_peer(client->ctx, &server->address));
    CHECK_EQ(client->sent, 1); /* the ClientHello */
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    dtls_free_context(client->ctx);
    client->ctx = NULL;
    CHECK_EQ(client->sent, 2);
    CHECK_EQ(node_ends(client), 0);
    net_end(net);
}

/* ---- calls that are invalid ---- */

static void *data_at_end;

static int keep_data(node_t *node, session_t *peer, int level, unsigned code)
{
    if (level == 0 && (code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED))
        data_at_end = dtls_get_peer_data(dtls_get_peer(node->ctx, peer));
    return 0;
}

EACH_VERSION(data_of_the_application_stays_until_the_end_event)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    dtls_peer_t *peer = dtls_get_peer(server->ctx, &client->address);

    CHECK(dtls_get_peer_data(peer) == NULL);
    dtls_set_peer_data(peer, net);
    CHECK(net_echo(client, server));
    CHECK(dtls_get_peer_data(dtls_get_peer(server->ctx, &client->address)) == net);
    server->on_event = keep_data;
    data_at_end = NULL;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK(data_at_end == net);
    CHECK(net_connect(client, server, 1000));
    CHECK(dtls_get_peer_data(dtls_get_peer(server->ctx, &client->address)) == NULL);
    net_end(net);
}

static uint64_t silent_for(const node_t *node, const node_t *peer)
{
    dtls_info_t info;

    CHECK_EQ(dtls_get_info(node->ctx, &peer->address, &info), 0);
    return info.silent_ms;
}

EACH_VERSION(silence_ends_with_what_is_authentic)
{
    static uint8_t junk[] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0};
    node_t *client, *server;
    net_t *net = connected(&client, &server);

    net_run(net, 5000);
    CHECK(silent_for(server, client) >= 5000);
    net_inject(server, &client->address, junk, sizeof(junk));
    net_run(net, 100);
    CHECK(silent_for(server, client) >= 5100);
    CHECK(node_write(client, server, "hello") > 0);
    net_run(net, 100);
    CHECK(silent_for(server, client) <= 100);
    net_end(net);
}

EACH_VERSION(addresses_of_other_families_are_refused)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint8_t data[] = "x";
    session_t nowhere;

    net_start(net);
    dtls_session_init(&nowhere);
    CHECK_EQ(dtls_connect(client->ctx, &nowhere), -(int)DTLS_ERR_ARGUMENT);
    CHECK(dtls_write(client->ctx, &nowhere, data, 1) < 0);
    nowhere.addr.sa.sa_family = AF_UNIX;
    CHECK_EQ(dtls_connect(client->ctx, &nowhere), -(int)DTLS_ERR_ARGUMENT);
    CHECK(dtls_get_peer(client->ctx, &nowhere) == NULL);
    CHECK_EQ(client->sent, 0);
    CHECK_EQ(client->event_count, 0);
    net_end(net);
}

EACH_VERSION(datagrams_of_no_length_are_junk)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    session_t peer = client->address;
    uint8_t data[] = {22};

    CHECK_EQ(dtls_handle_message(server->ctx, &peer, data, 0), 0);
    CHECK_EQ(dtls_handle_message(server->ctx, &peer, data, -1), 0);
    CHECK_EQ(dtls_handle_message(server->ctx, &peer, data, 1), 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(second_close_sends_nothing_more)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    size_t sent;

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    sent = client->sent;
    dtls_close(client->ctx, &server->address);
    CHECK_EQ(client->sent, sent);
    net_run(net, 100000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

/* dtls_handle_message() returns the alert with which the association failed. */
static int worst_result;

static void keep_worst(net_t *net, net_packet_t *packet)
{
    int result = net_inject(packet->to, &packet->from->address, packet->data, packet->length);

    (void)net;
    packet->copies = 0;
    worst_result = result < worst_result ? result : worst_result;
}

TEST(handle_message_reports_the_alert)
{
    static const uint16_t ours = 0xc0a8, theirs = 0xccab;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.suites = &ours;
    server->config.suites = &theirs;
    client->config.suite_count = server->config.suite_count = 1;
    client->config.alert_grace_ms = 0;
    worst_result = 0;
    net_start(net);
    net->tap = keep_worst;
    dtls_connect(client->ctx, &server->address);
    CHECK_EQ(worst_result, dtls_alert_fatal_create(DTLS_ALERT_HANDSHAKE_FAILURE));
    net_end(net);
}

/* ---- before a handshake is complete --------------------------------------- */

TEST(mtu_can_change_in_a_handshake)
{
    static uint8_t identity[700];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    memset(identity, 'i', sizeof(identity));
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    client->delay = 10;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 0);
    CHECK_EQ(dtls_set_mtu(client->ctx, &server->address, 300), 0);
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    for (size_t i = 1; i < net->packet_count; i++) {
        CHECK(net->packets[i].length <= 300);
    }
    CHECK(dtls_max_payload(client->ctx, &server->address) < 300);
    CHECK(dtls_max_payload(server->ctx, &client->address) > 1000);
    net_end(net);
}

/* ---- in every state of a handshake ---------------------------------------- */

static void stop_at(net_t *net, net_packet_t *packet)
{
    if (packet->index >= *(const size_t *)net->user) {
        packet->copies = 0;
    }
}

typedef enum { CLOSE, RESET, FREE } way_t;

static void end_it(node_t *node, const node_t *peer, way_t way)
{
    dtls_peer_t *known = dtls_get_peer(node->ctx, &peer->address);

    switch (way) {
    case CLOSE: CHECK((dtls_close(node->ctx, &peer->address) == 0) == (known != NULL)); break;
    case RESET:
        if (known) {
            dtls_reset_peer(node->ctx, known);
        }
        break;
    case FREE:
        dtls_free_context(node->ctx);
        node->ctx = NULL;
        CHECK_EQ(node->live, 0);
        break;
    }
}

static void end_after(size_t datagrams, way_t way, bool by_client, bool received)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    NOTE("%s of the %s after %zu datagrams%s", (const char *[]){"close", "reset", "free"}[way],
         by_client ? "client" : "server", datagrams, received ? "" : ", not received");
    net_start(net);
    net->tap = stop_at;
    net->user = &datagrams;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    if (received) {
        net_calm(net);
    }
    end_it(by_client ? client : server, by_client ? server : client, way);
    net_run(net, 200000);
    CHECK(node_ends(client) <= 1 && node_ends(server) <= 1);
    net_end(net);
}

EACH_VERSION(close_reset_and_free_in_every_state)
{
    for (size_t datagrams = 0; datagrams <= 7; datagrams++) {
        for (way_t way = CLOSE; way <= FREE; way++) {
            end_after(datagrams, way, true, true);
            end_after(datagrams, way, true, false);
            end_after(datagrams, way, false, true);
            end_after(datagrams, way, false, false);
        }
    }
}
