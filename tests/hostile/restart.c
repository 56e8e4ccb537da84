/*
 * restart.c - a new ClientHello from an address that has an association (RFC 6347 section 4.2.8). A
 * restarted client connects at once. An attacker cannot end the association.
 */
#include "wire.h"

#include <string.h>

static net_t *associated(dtls_cookie_t cookie, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*server)->config.cookie = cookie;
    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    return net;
}

/* Gives the client a new context, as after a crash. The old context continues to exist, but sends
 * nothing. */
static dtls_context_t *crash(node_t *client)
{
    dtls_context_t *old = client->ctx;

    client->ctx = NULL;
    CHECK(node_start(client));
    return old;
}

static void bury(node_t *client, dtls_context_t *old)
{
    client->refuse_writes = true;
    dtls_free_context(old);
    client->refuse_writes = false;
}

static void restart(dtls_cookie_t cookie)
{
    node_t *client, *server;
    net_t *net = associated(cookie, &client, &server);
    dtls_context_t *old = crash(client);
    size_t before = net->packet_count;

    NOTE("cookie %d", (int)cookie);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    CHECK(node_connected(client, server));
    CHECK_EQ(net->packet_count - before, cookie == DTLS_COOKIE_ON ? 6 : 4);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 2);
    CHECK_EQ(node_ends(server), 1);
    bury(client, old);
    net_run(net, 100000);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(restarted_client_gets_in_at_once)
{
    restart(DTLS_COOKIE_ON);
    restart(DTLS_COOKIE_OFF);
}

/* The old association works until the new Finished arrives, and no longer. */
static void stop_at(net_t *net, net_packet_t *packet)
{
    if (packet->index >= *(const size_t *)net->user) {
        packet->copies = 0;
    }
}

static void old_until_finished(size_t datagrams)
{
    node_t *client, *server;
    net_t *net = associated(DTLS_COOKIE_ON, &client, &server);
    net_packet_t record;
    dtls_context_t *old;
    size_t limit;

    NOTE("after %zu datagrams", datagrams);
    client->loss = 100;
    CHECK(node_write(client, server, "from before") > 0);
    client->loss = 0;
    record = net->packets[net->packet_count - 1];
    old = crash(client);
    limit = net->packet_count + datagrams;
    net->tap = stop_at;
    net->user = &limit;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 10);
    net_inject(server, &client->address, record.data, record.length);
    CHECK_EQ(server->message_count, datagrams < 5 ? 1 : 0);
    CHECK_EQ(node_ends(server), datagrams < 5 ? 0 : 1);
    CHECK(node_write(server, client, "answer") > 0);
    bury(client, old);
    net_end(net);
}

EACH_VERSION(old_association_lives_until_the_new_finished)
{
    for (size_t datagrams = 0; datagrams <= 6; datagrams++) {
        old_until_finished(datagrams);
    }
}

/* A new handshake fails. The old association continues. */
static void attempt_fails(dtls_cookie_t cookie, size_t datagrams)
{
    node_t *client, *server;
    net_t *net = associated(cookie, &client, &server);
    dtls_context_t *old = crash(client), *attempt;
    size_t limit = net->packet_count + datagrams;

    NOTE("attempt of %zu datagrams, cookie %d", datagrams, (int)cookie);
    net->tap = stop_at;
    net->user = &limit;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 10);
    attempt = client->ctx;
    client->ctx = old;
    CHECK(net_echo(client, server));
    bury(client, attempt);
    net_run(net, 200000); /* the attempt times out, with or without an alert */
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client), 0);
    net_end(net);
}

EACH_VERSION(attempt_that_stops_ends_nothing)
{
    for (size_t datagrams = 0; datagrams < 5; datagrams++) {
        attempt_fails(DTLS_COOKIE_ON, datagrams);
        if (datagrams < 3) {
            attempt_fails(DTLS_COOKIE_OFF, datagrams);
        }
    }
}

EACH_VERSION(attempt_with_the_wrong_key_ends_nothing)
{
    static const uint8_t other[16] = "another key";
    node_t *client, *server;
    net_t *net = associated(DTLS_COOKIE_ON, &client, &server);
    dtls_context_t *old = crash(client), *attempt;
    const uint8_t *key = client->key;

    client->key = other;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1000);
    CHECK(!node_connected(client, server));
    client->key = key;
    attempt = client->ctx;
    client->ctx = old;
    CHECK(net_echo(client, server));
    bury(client, attempt);
    net_run(net, 200000);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* An attacker floods the server with forged hellos from the client's address. Where the attacker
 * can observe cookies, they are valid. */
EACH_VERSION(forged_hellos_end_nothing)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        node_t *client, *server;
        net_t *net = associated(cookie, &client, &server);
        size_t live = server->live_bytes;

        NOTE("cookie %d", (int)cookie);
        server->loss = 100;
        for (unsigned i = 0; i < 2000; i++) {
            wire_hello_t form = {
                .random = (uint8_t)i, .sequence = i, .msg_seq = (uint16_t)(i / 256)};
            wire_t hello = {.length = 0};

            wire_put_hello(&hello, &form);
            net_inject(server, &client->address, hello.data, hello.length);
        }
        CHECK(server->live_bytes - live < 10000);
        CHECK(net_echo(client, server));
        net_run(net, 200000);
        CHECK_EQ(node_ends(client), 0);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* A flood of forged ClientHellos begins after that of the restarted client. */
EACH_VERSION(forged_hellos_do_not_evict_a_restarted_client)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_OFF; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        node_t *client, *server;
        net_t *net = associated(DTLS_COOKIE_OFF, &client, &server);
        dtls_context_t *old = crash(client);

        NOTE("cookie %d", (int)cookie);
        client->delay = server->delay = 50;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 51);
        for (unsigned ms = 0; ms < 200; ms++) {
            wire_hello_t form = {.random = (uint8_t)(1 + ms)};
            wire_t hello = {.length = 0};

            wire_put_hello(&hello, &form);
            net_inject(server, &client->address, hello.data, hello.length);
            net_run(net, 1);
        }
        CHECK(node_connected(client, server));
        CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 2);
        bury(client, old);
        net_end(net);
    }
}

/* Before its second handshake is complete, the client restarts once more. Its cookie shows that it is no attacker. */
EACH_VERSION(client_that_restarts_twice_gets_in_at_once)
{
    node_t *client, *server;
    net_t *net = associated(DTLS_COOKIE_ON, &client, &server);
    dtls_context_t *first = crash(client), *second;
    size_t limit = net->packet_count + 3;

    net->tap = stop_at;
    net->user = &limit;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 10);
    CHECK(!node_connected(client, server));
    net_calm(net);
    second = crash(client);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    CHECK(node_connected(client, server));
    CHECK(net_echo(client, server));
    bury(client, first);
    bury(client, second);
    net_end(net);
}

/* RFC 6347 section 4.2.1: the client has discarded our response, for example because of a late HelloVerifyRequest, and
 * sends its ClientHello with a higher message_seq. After its next flight, such a ClientHello is an old one. */
EACH_OF_DTLS12(hello_with_a_higher_number_is_answered)
{
    for (unsigned late = 0; late < 2; late++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        net_packet_t hello;
        size_t sent;

        NOTE("late %u", late);
        client->delay = server->delay = 10;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, late ? 45 : 35);
        hello = *wire_sent_message(client, CLIENT_HELLO, 1);
        server->loss = 100;
        hello.data[WIRE_RECORD_HEADER + 5] += 3;
        sent = server->sent;
        if (late) {
            const net_packet_t *flight = wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0);
            wire_record_t record;

            CHECK(wire_find(flight, CLIENT_KEY_EXCHANGE, &record));
            net_inject(server, &client->address, record.raw, record.raw_length);
        }
        net_inject(server, &client->address, hello.data, hello.length);
        CHECK_EQ(server->sent > sent, !late);
        net_end(net);
    }
}

/* RFC 6347 section 4.2.8: a late copy of the hello of the current association. */
EACH_VERSION(late_hello_of_this_handshake_changes_nothing)
{
    node_t *client, *server;
    net_t *net = associated(DTLS_COOKIE_ON, &client, &server);
    net_packet_t hello = *wire_sent_message(client, CLIENT_HELLO, 1);
    size_t sent = server->sent, live = 0, events = server->event_count;

    for (unsigned i = 0; i < 100; i++) {
        net_inject(server, &client->address, hello.data, hello.length);
        net_run(net, 100);
        if (i == 0)
            live = server->live_bytes; /* the first hello allocates the counters of drops */
    }
    CHECK(server->live_bytes <= live);
    CHECK_EQ(server->event_count, events);
    CHECK(server->sent - sent <= 100); /* at most one request for a cookie per hello */
    CHECK(net_echo(client, server));
    net_end(net);
}

/* An attacker replays a hello of an earlier association from the same address. Its cookie is still
 * valid. */
EACH_VERSION(hello_of_an_earlier_association_is_harmless)
{
    node_t *client, *server;
    net_t *net = associated(DTLS_COOKIE_ON, &client, &server);
    net_packet_t hello = *wire_sent_message(client, CLIENT_HELLO, 1);

    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK(net_connect(client, server, 1000));
    for (unsigned i = 0; i < 10; i++) {
        net_inject(server, &client->address, hello.data, hello.length);
        CHECK(net_echo(client, server));
        net_run(net, 1000);
    }
    net_run(net, 200000);
    CHECK_EQ(node_ends(client), 1);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* ---- a server with several addresses ---- */

static int interface_of_last;

static void note_interface(node_t *node, session_t *peer)
{
    (void)node;
    interface_of_last = peer->ifindex;
}

/* Datagrams of the client arrive on that interface. All responses must be sent on the same
 * interface. */
static void talk_by(int interface, node_t *client, node_t *server, size_t first)
{
    net_t *net = client->net;

    for (size_t i = first; i < net->packet_count; i++) {
        net_packet_t packet = net->packets[i];
        session_t from = client->address;

        if (packet.from == server) {
            CHECK_EQ(interface_of_last, interface);
            net_inject(client, &server->address, packet.data, packet.length);
            continue;
        }
        from.ifindex = interface;
        CHECK_EQ(dtls_handle_message(server->ctx, &from, packet.data, (int)packet.length), 0);
    }
}

/* RFC 9147 section 4.3: the restarted client sends to another address of the server, and gets its
 * responses from that address. */
EACH_VERSION(restarted_client_gets_its_response_from_the_address_it_used)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_context_t *old = NULL;

    client->loss = server->loss = 100; /* the test itself delivers the datagrams */
    server->on_write = note_interface;
    net_start(net);
    for (int interface = 1; interface <= 3; interface++) {
        size_t first = net->packet_count;

        NOTE("interface %d", interface);
        if (interface > 1) {
            old = crash(client);
        }
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        talk_by(interface, client, server, first);
        CHECK(node_connected(client, server));
        interface_of_last = 0;
        CHECK(node_write(server, client, "hello") > 0);
        CHECK_EQ(interface_of_last, interface);
        if (old) {
            bury(client, old);
        }
    }
    net_end(net);
}

/* RFC 9257 section 4.1: one key is used in both roles, and an attacker reflects our datagrams. */
static void reflect(net_t *net, net_packet_t *packet)
{
    packet->copies = 0;
    net_carry(net->nodes[1], packet->from, packet->data, packet->length, 1);
}

EACH_VERSION(reflected_handshake_is_refused)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        net_t *net = net_new(1);
        node_t *both = net_node(net, "both"), *mirror = net_node(net, "mirror");

        NOTE("cookie %d", (int)cookie);
        both->config.cookie = cookie;
        CHECK(node_start(both));
        net->tap = reflect;
        CHECK(dtls_connect(both->ctx, &mirror->address) > 0);
        net_run(net, 200000);
        CHECK_EQ(node_events(both, DTLS_EVENT_CONNECTED), 0);
        CHECK_EQ(node_ends(both), node_events(both, DTLS_EVENT_CONNECT));
        CHECK(both->sent < 1000);
        net_end(net);
    }
}

/* The attacker reflects datagrams between two addresses: what is sent to one comes back from the
 * other. */
static void cross(net_t *net, net_packet_t *packet)
{
    unsigned back = packet->to == net->nodes[1] ? 2 : 1;

    packet->copies = 0;
    net_carry(net->nodes[back], packet->from, packet->data, packet->length, 1);
}

static void cross_over(dtls_cookie_t cookie, bool fragments)
{
    static const uint8_t identity[200] = "both";
    net_t *net = net_new(1);
    node_t *both = net_node(net, "both"), *mirror = net_node(net, "mirror");

    NOTE("cookie %d%s", (int)cookie, fragments ? ", in fragments" : "");
    net_node(net, "the other mirror");
    both->config.cookie = cookie;
    if (fragments) {
        both->config.mtu = 256;
        both->identity = identity;
        both->identity_length = sizeof(identity);
    }
    CHECK(node_start(both));
    net->tap = cross;
    CHECK(dtls_connect(both->ctx, &mirror->address) > 0);
    net_run(net, 200000);
    CHECK_EQ(node_events(both, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_ends(both), node_events(both, DTLS_EVENT_CONNECT));
    CHECK(both->sent < 200);
    net_end(net);
}

EACH_VERSION(handshake_crossed_over_is_refused)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        cross_over(cookie, false);
        cross_over(cookie, true);
    }
}
