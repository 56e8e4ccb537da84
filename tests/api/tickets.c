/*
 * tickets.c - session tickets of either version, and sessions resumed with them: RFC 5077, RFC 8446
 * section 4.6.1.
 */
#include "base/iana.h"
#include "jar.h"
#include "wire.h"

#include <string.h>

EACH_VERSION(no_ticket_unless_configured)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    server->config.tickets = false;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar.count, 0);
    net_end(net);
}

EACH_VERSION(ticket_resumes)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);
    size_t sent = client->sent;

    CHECK(jar.lifetime_s > 0 && jar.lifetime_s <= 604800);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    CHECK_EQ(jar.count, 2); /* the server has sent another ticket */
    /* in DTLS 1.3 the ticket proves the address, as a cookie would */
    CHECK_EQ(info_of(server, client).cookie, net_version == DTLS12);
    CHECK(client->sent > sent);
    net_end(net);
}

EACH_VERSION(ticket_is_redeemed_once)
{
    jar_t jar, first;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    first = jar;
    for (int i = 0; i < 3; i++) {
        NOTE("use %d", i + 1);
        CHECK_EQ(resume(client, server, &first, 2000), 1);
        check_connected(client, server, i == 0);
        part(client, server);
    }
    net_end(net);
}

/* From another address the server still requires a cookie. */
EACH_VERSION(ticket_from_elsewhere_needs_a_cookie)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    client->address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    CHECK(info_of(server, client).cookie);
    net_end(net);
}

/* If the stored session is of no use, a full handshake takes place. */
EACH_VERSION(useless_state_falls_back)
{
    enum { ALTERED, EMPTY, SHORT, LONG, OLD, EXPIRED, RESTARTED, WAYS };
    for (int way = 0; way < WAYS; way++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(net_version, &client, &server, &jar);
        uint64_t age = 2000;

        NOTE("way %d", way);
        switch (way) {
        case ALTERED: jar.state[jar.length - 1] ^= 1; break;
        case EMPTY: jar.length = 0; break;
        case SHORT: jar.length--; break;
        case LONG: jar.state[jar.length++] = 0; break;
        case OLD: age = 1000 * (uint64_t)jar.lifetime_s; break;
        case EXPIRED: net_run(net, 1000 * (uint64_t)jar.lifetime_s); break;
        case RESTARTED: /* a server that has restarted has other ticket keys */
            dtls_free_context(server->ctx);
            CHECK(node_start(server));
            break;
        }
        CHECK_EQ(resume(client, server, &jar, age), 1);
        check_connected(client, server, false);
        net_end(net);
    }
}

static int forget_identity(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                           const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)node, (void)peer, (void)type, (void)desc, (void)desc_length, (void)result, (void)room;
    return -1;
}

EACH_VERSION(identity_that_is_gone_does_not_resume)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    server->on_psk = forget_identity;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    net_run(net, 5000);
    CHECK(!node_connected(client, server) && !node_connected(server, client));
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
    net_end(net);
}

static void lose_all(net_t *net, net_packet_t *packet)
{
    (void)net;
    packet->copies = 0;
}

static size_t bytes_to(const net_t *net, unsigned port)
{
    size_t bytes = 0;

    for (size_t i = 0; i < net->packet_count; i++)
        bytes += net->packets[i].port == port ? net->packets[i].length : 0;
    return bytes;
}

/* DTLS 1.2: an observer replays a ClientHello with a ticket, before the ticket is redeemed. With cookies off
 * the ticket proves one address, and to the others the server sends three times the bytes that came. */
TEST(replayed_ticket_proves_one_address)
{
    enum { COPIES = 50, FIRST_PORT = 1000 };
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS12, &client, &server, &jar);
    session_t from;
    unsigned proven = 0;

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    net->tap = lose_all;
    size_t sent = net->packet_count;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    const net_packet_t hello = net->packets[sent];
    for (unsigned i = 0; i < COPIES; i++) {
        net_address(&from, FIRST_PORT + i);
        net_inject(server, &from, hello.data, hello.length);
    }
    net_run(net, 100000);
    for (unsigned i = 0; i < COPIES; i++) {
        CHECK(bytes_to(net, FIRST_PORT + i) > 0);
        proven += bytes_to(net, FIRST_PORT + i) > 3 * hello.length;
    }
    CHECK_EQ(proven, 1);
    net_end(net);
}

/* DTLS 1.2: a ticket whose key has changed is not resumed, and what it says of the client does not count: the
 * identity is that of the ClientKeyExchange. */
static void drop_key_exchange(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    (void)net;
    if (wire_find(packet, CLIENT_KEY_EXCHANGE, &record))
        packet->copies = 0;
}

TEST(identity_of_a_refused_ticket_is_forgotten)
{
    static const uint8_t other_key[16] = {99};
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS12, &client, &server, &jar);
    dtls_info_t info;

    server->key = other_key;
    server->key_length = sizeof other_key;
    net->tap = drop_key_exchange;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    net_run(net, 100);
    CHECK_EQ(dtls_get_info(server->ctx, &client->address, &info), 0);
    CHECK_EQ(info.identity_length, 0);
    net_end(net);
}

EACH_VERSION(long_identity_gets_no_ticket)
{
    static uint8_t identity[300];
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    memset(identity, 'i', sizeof(identity));
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar.count, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(ticket_for_two_versions)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    client->config.only_version = server->config.only_version = BOTH_VERSIONS;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    net_end(net);
}

/* ---- DTLS 1.2 ---- */

/* A resumed session has the same master secret, so its lifetime is not extended. */
TEST(resumption_does_not_prolong_a_session)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS12, &client, &server, &jar);
    uint32_t half = 1000 * jar.lifetime_s / 2;

    net_run(net, half);
    CHECK_EQ(resume(client, server, &jar, half), 1);
    check_connected(client, server, true);
    part(client, server);
    CHECK(jar.lifetime_s <= half / 1000);
    net_run(net, half);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, false);
    CHECK(jar.lifetime_s > half / 1000);
    net_end(net);
}

/* RFC 5246 section 7.3: a resumption has new randoms and new keys. Only the master secret is the
 * same. */
TEST(each_resumption_has_new_randoms)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS12, &client, &server, &jar);
    uint8_t randoms[3][32];
    wire_record_t record;

    for (size_t i = 0; i < 3; i++) {
        const net_packet_t *packet = wire_sent_message(server, SERVER_HELLO, i);

        CHECK(packet && wire_find(packet, SERVER_HELLO, &record));
        memcpy(randoms[i], record.body + WIRE_MESSAGE_HEADER + 2, 32);
        for (size_t k = 0; k < i; k++) {
            CHECK(memcmp(randoms[i], randoms[k], 32) != 0);
        }
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        check_connected(client, server, true);
        part(client, server);
    }
    net_end(net);
}

/* RFC 5077 sections 3.2 and 3.3: the server sends neither the extension nor the message to a client
 * that has not asked. */
EACH_OF_DTLS12(no_ticket_unless_asked_for)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->config.tickets = true;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK(wire_sent_message(server, HANDSHAKE_NEW_SESSION_TICKET, 0) == NULL);
    net_end(net);
}

TEST(no_ticket_without_extended_master_secret)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS12, &client, &server, &jar);

    server->config.ems = DTLS_EMS_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(jar.count, 0);
    net_end(net);
}

/* An attacker removes extended_master_secret from the hello of a client that offers a session. */
static void strip_ems(net_t *net, net_packet_t *packet)
{
    static const uint8_t ems[] = {0, 23, 0, 0};

    (void)net;
    for (size_t i = 0; i + sizeof(ems) <= packet->length; i++) {
        if (wire_has(packet, HANDSHAKE, 0) && memcmp(packet->data + i, ems, sizeof(ems)) == 0) {
            packet->data[i] = packet->data[i + 1] = 0x1a;
        }
    }
}

TEST(session_with_extended_master_secret_is_not_resumed_without)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS12, &client, &server, &jar);

    net->tap = strip_ems;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    net_run(net, 5000);
    CHECK(!node_connected(client, server) && !node_connected(server, client));
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_NO_EXTENDED_MASTER_SECRET);
    CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    net_end(net);
}

/* An attacker records a resumption. Its ticket is useless to the attacker, during the association
 * and afterwards. */
TEST(replayed_resumption)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS12, &client, &server, &jar);
    size_t first = net->packet_count;

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    size_t last = net->packet_count, connected = node_events(server, DTLS_EVENT_CONNECTED);
    for (int gone = 0; gone < 2; gone++) {
        for (size_t i = first; i < last; i++) {
            if (net->packets[i].from == client) {
                net_inject(server, &client->address, net->packets[i].data, net->packets[i].length);
            }
        }
        net_run(net, 70000);
        CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), connected);
        if (!gone) {
            CHECK(net_echo(client, server));
            part(client, server);
        }
    }
    net_end(net);
}

/* A DTLS 1.2 ticket holds a master secret, which is not a PSK for DTLS 1.3. The server encrypts
 * tickets of both versions under one key. */
TEST(ticket_of_1_2_is_none_of_1_3)
{
    static const uint16_t suites[] = {0x00a9, 0x1302};
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(BOTH_VERSIONS, &client, &server, &jar);

    client->config.only_version = DTLS12;
    client->config.psk_sha384 = server->config.psk_sha384 = true;
    client->config.suites = server->config.suites = suites;
    client->config.suite_count = server->config.suite_count = 2;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(jar.count, 1);
    part(client, server);
    dtls_free_context(client->ctx);
    client->config.only_version = DTLS13;
    CHECK(node_start(client));
    jar.state[1] = 0x13;
    jar.state[2] = 0x02;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, false);
    net_end(net);
}

/* The client sends the last flight, then data, and closes at once. */
TEST(client_that_closes_at_once_still_delivers_its_finished)
{
    for (unsigned lost = 0; lost < 4; lost++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(DTLS12, &client, &server, &jar);
        attacker_t attacker = {client, lost};

        NOTE("%u lost", lost);
        net->tap = drop_finished;
        net->user = &attacker;
        CHECK_EQ(resume(client, server, &jar, 2000), 1);
        net_run(net, 20);
        CHECK(node_connected(client, server));
        CHECK(node_write(client, server, "bye") > 0);
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, 10000);
        CHECK_EQ(attacker.left, 0);
        CHECK_EQ(server->message_count, 1);
        CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 2);
        CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 2);
        net_end(net);
    }
}

/* RFC 5246 section 7.2.2, RFC 8446 section 6.2: after a fatal alert the session cannot be
 * resumed. */
EACH_VERSION(ticket_of_a_session_that_failed)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(dtls_abort(server->ctx, &client->address, DTLS_ALERT_INTERNAL_ERROR), 0);
    net_run(net, 1000);
    CHECK_EQ(resume(client, server, &jar, 0), 1);
    check_connected(client, server, false);
    net_end(net);
}

/* ---- by session ID, without tickets ---- */

static size_t hellos_with(const net_t *net, const uint8_t *id, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < net->packet_count; i++)
        count += memmem(net->packets[i].data, net->packets[i].length, id, length) != NULL;
    return count;
}

static net_t *with_session(node_t **client, node_t **server, jar_t *jar, size_t sessions)
{
    net_t *net = ticket_pair(DTLS12, client, server, jar);

    (*server)->config.tickets = false;
    (*server)->config.sessions = sessions;
    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    CHECK_EQ(jar->count, sessions > 0);
    part(*client, *server);
    return net;
}

TEST(session_id_resumes_again_and_again)
{
    jar_t jar, first;
    node_t *client, *server;
    net_t *net = with_session(&client, &server, &jar, 4);

    first = jar;
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(resume(client, server, &first, 2000), 1);
        check_connected(client, server, true);
        part(client, server);
    }
    net_run(net, 7200000);
    CHECK_EQ(resume(client, server, &first, 2000), 1);
    check_connected(client, server, false);
    net_end(net);
}

TEST(one_session_is_cached)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_session(&client, &server, &jar, 1);

    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    net_end(net);
}

/* RFC 5246 section 7.2.2: after a fatal alert the session cannot be resumed. */
TEST(a_fatal_alert_ends_the_session)
{
    for (unsigned who = 0; who < 3; who++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_session(&client, &server, &jar, 4);
        node_t *from = who == 1 ? client : server, *to = who == 1 ? server : client;

        NOTE("%s", who == 2 ? "close_notify" : from->name);
        CHECK_EQ(resume(client, server, &jar, 0), 1);
        check_connected(client, server, true);
        if (who == 2)
            part(client, server);
        else
            CHECK_EQ(dtls_abort(from->ctx, &to->address, DTLS_ALERT_INTERNAL_ERROR), 0);
        net_run(net, 10000);
        CHECK_EQ(resume(client, server, &jar, 0), 1);
        check_connected(client, server, who == 2);
        net_end(net);
    }
}

/* The client sends config.session_id in each DTLS 1.2 hello that offers no session. */
TEST(configured_session_id)
{
    static const uint8_t id[] = "whose phone this is";

    for (uint16_t version = 0; version != DTLS13; version = version ? DTLS13 : DTLS12) {
        node_t *client, *server;
        jar_t jar;
        net_t *net = ticket_pair(version, &client, &server, &jar);

        NOTE("%s", version ? "1.2" : "both");
        server->config.only_version = DTLS12;
        client->config.session_id = id;
        client->config.session_id_length = sizeof id;
        net_start(net);
        CHECK_EQ(resume(client, server, &(jar_t){.length = 1}, 0), 1);
        check_connected(client, server, false);
        CHECK_EQ(hellos_with(net, id, sizeof id), 2);
        part(client, server);
        CHECK_EQ(resume(client, server, &jar, 0), 1);
        check_connected(client, server, true);
        CHECK_EQ(hellos_with(net, id, sizeof id), 2);
        net_end(net);
    }
}

/* A hello for DTLS 1.3 only has an empty session ID: RFC 9147 section 5.3. */
TEST(no_session_id_in_dtls13_hellos)
{
    static const uint8_t id[] = "whose phone this is";
    node_t *client, *server;
    jar_t jar;
    net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

    client->config.session_id = id;
    client->config.session_id_length = sizeof id;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    CHECK_EQ(hellos_with(net, id, sizeof id), 0);
    net_end(net);
}

TEST(no_session_id_unless_configured)
{
    jar_t jar;
    node_t *client, *server;

    net_end(with_session(&client, &server, &jar, 0));
}

TEST(oldest_session_is_overwritten)
{
    jar_t jar, first, second;
    node_t *client, *server;
    net_t *net = with_session(&client, &server, &jar, 2);

    first = jar;
    for (int i = 0; i < 2; i++) {
        second = jar;
        CHECK(net_connect(client, server, 5000));
        part(client, server);
    }
    CHECK_EQ(resume(client, server, &first, 2000), 1);
    check_connected(client, server, false); /* this session replaces the second one in the cache */
    part(client, server);
    CHECK_EQ(resume(client, server, &second, 2000), 1);
    check_connected(client, server, false);
    net_end(net);
}

/* ---- failures ---- */

/* Connects while the nth allocation of one side fails. Returns false if there were fewer
 * allocations. */
static bool connects_without(size_t nth, bool in_client, bool tickets, bool *connected)
{
    jar_t jar;
    node_t *client, *server, *victim;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    client->config.timer_ms = server->config.timer_ms = 60000; /* no retransmission */
    server->config.tickets = tickets;
    victim = in_client ? client : server;
    victim->fail_at = nth;
    *connected = node_start(client) && node_start(server);
    if (*connected) {
        dtls_connect(client->ctx, &server->address);
        net_run(net, 1000);
        *connected = node_connected(client, server) && node_connected(server, client) &&
                     node_ends(client) + node_ends(server) == 0;
    }
    bool tried = victim->allocations >= nth;
    net_end(net);
    return tried;
}

static size_t fatal_allocations(bool in_client, bool tickets)
{
    size_t fatal = 0;
    bool connected;

    for (size_t nth = 1; connects_without(nth, in_client, tickets, &connected); nth++) {
        fatal += !connected;
    }
    return fatal;
}

/* Without memory for a ticket there is none. All other failures have the same effects as without
 * tickets. */
EACH_VERSION(no_memory_for_a_ticket_ends_nothing)
{
    for (unsigned side = 0; side < 2; side++) {
        NOTE("%s", side ? "client" : "server");
        CHECK(fatal_allocations(side, false) > 5);
        CHECK_EQ(fatal_allocations(side, true), fatal_allocations(side, false));
    }
}

/* Connects; the server's random generator fails from call fail_at on. Returns the number of its
 * calls. */
static size_t random_calls(size_t fail_at, bool *connected)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);
    size_t calls;

    server->random_fail_at = fail_at;
    if (node_start(client) && node_start(server)) {
        dtls_connect(client->ctx, &server->address);
        net_run(net, 1000);
    }
    *connected = server->ctx && node_connected(server, client);
    calls = server->random_calls;
    net_end(net);
    return calls;
}

/* Without randomness there is no connection. */
EACH_VERSION(no_randomness_for_a_ticket_is_fatal)
{
    bool connected;
    size_t calls = random_calls(0, &connected);

    CHECK(connected && calls > 4);
    for (size_t nth = 1; nth <= calls; nth++) {
        NOTE("call %zu", nth);
        random_calls(nth, &connected);
        CHECK(!connected);
    }
}
