/*
 * resumption.c - attacks on the resumption of sessions. In DTLS 1.2 the messages before Finished are
 * plaintext. An attacker can observe session IDs and tickets.
 */
#include "base/iana.h"
#include "conn/state.h"
#include "jar.h"
#include "wire.h"

#include <arpa/inet.h>

enum { NEW_SESSION_TICKET = HANDSHAKE_NEW_SESSION_TICKET };

static net_t *pair(bool by_id, node_t **client, node_t **server, jar_t *jar)
{
    net_t *net = ticket_pair(DTLS12, client, server, jar);

    (*server)->config.tickets = !by_id;
    (*server)->config.sessions = by_id ? 4 : 0;
    return net;
}

/* ---- a forged ticket ---- */

/* Injects forged tickets before that datagram, with each message_seq that a ticket could have. */
static void inject_tickets(const net_packet_t *packet)
{
    static const uint8_t body[] = {0, 0, 1, 0, 0, 4, 'e', 'v', 'i', 'l'};
    wire_t wire = {.length = 0};

    for (unsigned seq = 1; seq <= 6; seq++) {
        const wire_message_t ticket = {.type = NEW_SESSION_TICKET,
                                       .msg_seq = (uint16_t)seq,
                                       .total = sizeof(body),
                                       .length = sizeof(body),
                                       .body = body};
        wire_put_fragment(&wire, 70 + seq, &ticket);
    }
    net_inject(packet->to, &packet->from->address, wire.data, wire.length);
}

static void plant_tickets(net_t *net, net_packet_t *packet)
{
    bool *planted = net->user;
    wire_record_t record;

    if (*planted || !wire_find(packet, SERVER_HELLO, &record))
        return;
    *planted = true;
    inject_tickets(packet);
}

EACH_OF_DTLS12(forged_ticket_ahead_of_its_time)
{
    for (unsigned resumes = 0; resumes < 2; resumes++) {
        jar_t jar;
        node_t *client, *server;
        bool planted = false;
        net_t *net = pair(false, &client, &server, &jar);

        NOTE("%s", resumes ? "resumed" : "new");
        net_start(net);
        if (resumes) {
            CHECK(net_connect(client, server, 5000));
            part(client, server);
        }
        net->tap = plant_tickets;
        net->user = &planted;
        CHECK((resumes ? resume(client, server, &jar, 0)
                       : dtls_connect(client->ctx, &server->address)) == 1);
        check_connected(client, server, resumes);
        CHECK(planted);
        net_end(net);
    }
}

/* RFC 5077 sections 3.2 and 3.3: injects a ticket that the client did not request or the server did
 * not announce. */
static void plant_tickets_at_finished(net_t *net, net_packet_t *packet)
{
    bool *planted = net->user;

    if (*planted || !packet->from->config.accept || !wire_has(packet, HANDSHAKE, 1))
        return;
    *planted = true;
    inject_tickets(packet);
}

EACH_OF_DTLS12(forged_ticket_that_was_not_announced)
{
    for (unsigned asks = 0; asks < 2; asks++) {
        jar_t jar;
        node_t *client, *server;
        bool planted = false;
        net_t *net = pair(true, &client, &server, &jar);

        NOTE("client that %s", asks ? "takes tickets" : "takes none");
        if (!asks)
            client->config.ticket = NULL;
        net->tap = plant_tickets_at_finished;
        net->user = &planted;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(planted);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* ---- a server that resumes with other parameters than those of the session ---- */

static void put_resumption(wire_t *wire, const uint8_t *id, uint16_t suite, bool ems)
{
    static const uint8_t random[32] = "mallory";
    wire_t body = {.length = 0};

    wire_put_number(&body, DTLS12, 2);
    wire_put(&body, random, sizeof(random));
    wire_put_number(&body, 32, 1);
    wire_put(&body, id, 32);
    wire_put_number(&body, suite, 2);
    wire_put_number(&body, 0, 1);
    wire_put_number(&body, ems ? 4 : 5, 2);
    wire_put_number(&body, ems ? 0x00170000 : 0xff01000100, ems ? 4 : 5);
    const wire_message_t hello = {.type = SERVER_HELLO,
                                  .total = (uint32_t)body.length,
                                  .length = (uint32_t)body.length,
                                  .body = body.data};
    wire_put_fragment(wire, 0, &hello);
}

static void check_resumption(bool by_id, uint16_t suite, bool ems, dtls_error_t error,
                             unsigned alert)
{
    static const uint16_t suites[] = {0x00a8, 0xc0a8}; /* the first is the suite of the session */
    jar_t jar;
    node_t *client, *server;
    net_t *net = pair(by_id, &client, &server, &jar);
    wire_t wire = {.length = 0};
    wire_record_t record;

    NOTE("by %s, suite %04x%s", by_id ? "ID" : "ticket", suite, ems ? "" : ", no EMS");
    client->config.suites = server->config.suites = suites;
    client->config.suite_count = 2;
    server->config.suite_count = 1;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    part(client, server);
    client->loss = 100;
    CHECK_EQ(resume(client, server, &jar, 0), 1);
    CHECK(wire_find(&net->packets[net->packet_count - 1], CLIENT_HELLO, &record));
    CHECK_EQ(record.body[WIRE_MESSAGE_HEADER + 34], 32);
    put_resumption(&wire, record.body + WIRE_MESSAGE_HEADER + 35, suite, ems);
    net_inject(client, &server->address, wire.data, wire.length);
    net_run(net, 2 * client->config.timer_ms);
    CHECK_EQ(node_ends(client), error ? 2 : 1);
    if (error) {
        CHECK_EQ(node_last_end(client)->info.error, error);
        CHECK_EQ(node_last_end(client)->info.alert, alert);
    }
    net_end(net);
}

TEST(client_resumes_only_what_the_session_was)
{
    for (unsigned by_id = 0; by_id < 2; by_id++) {
        check_resumption(by_id, 0x00a8, true, DTLS_ERR_NONE, 0);
        check_resumption(by_id, 0xc0a8, true, DTLS_ERR_ILLEGAL_PARAMETER,
                         DTLS_ALERT_ILLEGAL_PARAMETER);
        check_resumption(by_id, 0x00a8, false, DTLS_ERR_NO_EXTENDED_MASTER_SECRET,
                         DTLS_ALERT_HANDSHAKE_FAILURE);
    }
}

/* ---- a response before the request ---- */

/* Makes a ServerHello with the message_seq that it would have after a cookie exchange. */
static void plant_hello(net_t *net, net_packet_t *packet)
{
    static uint8_t body[38] = {0xfe, 0xfd, 1, 2, 3, [35] = 0xc0, 0xa8, 0};
    const wire_message_t hello = {
        .type = SERVER_HELLO, .msg_seq = 1, .total = 38, .length = 38, .body = body};
    bool *planted = net->user;
    wire_record_t record;
    wire_t wire = {.length = 0};

    if (*planted || !wire_find(packet, CLIENT_HELLO, &record))
        return;
    *planted = true;
    wire_put_fragment(&wire, 9, &hello);
    net_carry(packet->to, packet->from, wire.data, wire.length, 1);
}

TEST(server_hello_before_the_hello_that_it_answers)
{
    for (unsigned both = 0; both < 2; both++) {
        node_t *client, *server;
        bool planted = false;
        net_t *net = net_pair(1, &client, &server);

        NOTE("a client of %s", both ? "both versions" : "1.2");
        client->config.only_version = both ? BOTH_VERSIONS : DTLS12;
        server->config.only_version = DTLS12;
        client->delay = server->delay = 50;
        net->tap = plant_hello;
        net->user = &planted;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(planted);
        net_end(net);
    }
}

/* ---- loss of Finished ---- */

TEST(finished_of_a_resumed_session_is_lost)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (unsigned by_id = 0; by_id < 2; by_id++) {
            jar_t jar;
            node_t *client, *server;
            net_t *net = pair(by_id, &client, &server, &jar);
            attacker_t attacker = {client, 1};

            NOTE("cookie %d, by %s", (int)cookie, by_id ? "ID" : "ticket");
            server->config.cookie = cookie;
            net_start(net);
            CHECK(net_connect(client, server, 5000));
            part(client, server);
            net->tap = drop_finished;
            net->user = &attacker;
            CHECK_EQ(resume(client, server, &jar, 0), 1);
            check_connected(client, server, true);
            CHECK_EQ(attacker.left, 0);
            net_end(net);
        }
    }
}

/* ---- an attacker who has observed an ID or a ticket ---- */

static void put_hello(wire_t *wire, unsigned seq, const uint8_t *id, const wire_message_t *ticket,
                      const uint8_t *cookie, size_t cookie_length, uint16_t suite)
{
    static const uint8_t random[32] = "eve";
    size_t ticket_length = ticket ? ticket->length - 6 : 0;
    wire_t body = {.length = 0};

    wire_put_number(&body, DTLS12, 2);
    wire_put(&body, random, sizeof(random));
    wire_put_number(&body, id ? 32 : 0, 1);
    wire_put(&body, id, id ? 32 : 0);
    wire_put_number(&body, cookie_length, 1);
    wire_put(&body, cookie, cookie_length);
    wire_put_number(&body, 2, 2);
    wire_put_number(&body, suite, 2);
    wire_put_number(&body, 0x0100, 2);
    wire_put_number(&body, 4 + 4 + ticket_length, 2);
    wire_put_number(&body, 0x00170000, 4);
    wire_put_number(&body, 35, 2);
    wire_put_number(&body, ticket_length, 2);
    wire_put(&body, ticket ? ticket->body + 6 : NULL, ticket_length);
    const wire_message_t hello = {.type = CLIENT_HELLO,
                                  .msg_seq = (uint16_t)seq,
                                  .total = (uint32_t)body.length,
                                  .length = (uint32_t)body.length,
                                  .body = body.data};
    wire_put_fragment(wire, seq, &hello);
}

/* An attacker sends a hello with an observed session ID or ticket. The server requests a cookie,
 * receives it and responds, but then receives nothing more. */
TEST(an_observed_ticket_cannot_be_redeemed_by_an_attacker)
{
    for (unsigned by_id = 0; by_id < 2; by_id++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = pair(by_id, &client, &server, &jar);
        wire_record_t record;
        wire_message_t hello, ticket;
        wire_t first = {.length = 0}, second = {.length = 0};
        const uint8_t *cookie;
        uint8_t length;

        NOTE("by %s", by_id ? "ID" : "ticket");
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        part(client, server);
        CHECK(wire_find(wire_sent_message(server, SERVER_HELLO, 0), SERVER_HELLO, &record) &&
              wire_message(&record, &hello));
        size_t id_length = hello.body[34];
        uint16_t suite = (uint16_t)(hello.body[35 + id_length] << 8 | hello.body[36 + id_length]);
        CHECK_EQ(id_length, by_id ? 32 : 0);
        if (!by_id)
            CHECK(wire_find(wire_sent_message(server, NEW_SESSION_TICKET, 0), NEW_SESSION_TICKET,
                            &record) &&
                  wire_message(&record, &ticket));
        session_t eve = client->address; /* an attacker on the same host */
        eve.addr.sin.sin_port = htons(33333);
        size_t before = net->packet_count;
        const uint8_t *id = by_id ? hello.body + 35 : NULL;
        put_hello(&first, 0, id, by_id ? NULL : &ticket, NULL, 0, suite);
        net_inject(server, &eve, first.data, first.length);
        CHECK(before < net->packet_count && wire_cookie(&net->packets[before], &cookie, &length));
        if (!by_id)
            id = hello.body; /* another session ID: with a ticket it does not matter */
        put_hello(&second, 1, id, by_id ? NULL : &ticket, cookie, length, suite);
        net_inject(server, &eve, second.data, second.length);
        CHECK(wire_find(&net->packets[before + 1], SERVER_HELLO, &record));
        net_run(net, 70000);
        CHECK_EQ(resume(client, server, &jar, 71000), 1);
        check_connected(client, server, true);
        net_end(net);
    }
}

/* ---- a fatal alert ends all of it ---- */

TEST(fatal_alert_of_an_older_connection)
{
    jar_t jar, first;
    node_t *client, *server;
    net_t *net = pair(true, &client, &server, &jar);
    node_t *other = net_node(net, "other");

    other->config.accept = false;
    other->config.only_version = DTLS12;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    first = jar;
    CHECK_EQ(resume(other, server, &first, 0), 1);
    check_connected(other, server, true);
    CHECK_EQ(dtls_abort(server->ctx, &client->address, DTLS_ALERT_INTERNAL_ERROR), 0);
    part(other, server);
    CHECK_EQ(resume(other, server, &first, 0), 1);
    check_connected(other, server, false);
    net_end(net);
}

/* ---- more sessions than tickets ---- */

TEST(a_session_outlives_any_number_of_tickets)
{
    enum { TICKETS = TICKETS_REDEEMABLE + 1 };
    jar_t jar;
    node_t *client, *server;
    net_t *net = pair(true, &client, &server, &jar);

    net_start(net);
    CHECK(net_connect(client, server, 5000));
    part(client, server);
    server->ctx->tickets.next += TICKETS;
    CHECK_EQ(resume(client, server, &jar, 0), 1);
    check_connected(client, server, true);
    net_end(net);
}

/* ---- keys and numbers of tickets ---- */

/* RFC 5077 section 4: the server encrypts tickets under a key for two hours, and accepts them for
 * two more. */
EACH_VERSION(ticket_of_the_key_before)
{
    enum { LIFE_MS = 7200000, SHORTLY = 60000 };
    jar_t jar, last;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    net_run(net, LIFE_MS - SHORTLY);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK(!server->ctx->tickets.keys[1].open);
    last = jar;
    net_run(net, SHORTLY);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK(server->ctx->tickets.keys[1].open != NULL);
    CHECK_EQ(resume(client, server, &last, SHORTLY), 1);
    check_connected(client, server, true);
    net_end(net);
}

/* RFC 8446 section 8.1: the ticket's bit now belongs to a newer ticket. */
EACH_VERSION(redeemed_ticket_stays_redeemed)
{
    jar_t jar, first, second;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    first = jar;
    CHECK_EQ(resume(client, server, &first, 0), 1);
    check_connected(client, server, true);
    part(client, server);
    second = jar;
    server->ctx->tickets.next = TICKETS_REDEEMABLE;
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK_EQ(resume(client, server, &first, 0), 1);
    check_connected(client, server, false);
    part(client, server);
    server->ctx->tickets.next = TICKETS_REDEEMABLE + 1;
    CHECK_EQ(resume(client, server, &second, 0), 1); /* the oldest ticket that has a bit */
    check_connected(client, server, true);
    net_end(net);
}

/* ---- DTLS 1.3 ---- */

/* The client's datagrams are lost, and the attacker changes its ClientHello. At its end are the
 * binders of the ticket and of the external PSK. Only a valid binder redeems the ticket, so the client
 * resumes the session later. */
TEST(forged_hello_redeems_no_ticket)
{
    enum { BINDER = 32, WITH_LENGTH = 1 + BINDER };
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(DTLS13, &client, &server, &jar);
    wire_t hello = {.length = 0};

    client->loss = server->loss = 100;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    wire_put(&hello, net->packets[net->packet_count - 1].data,
             net->packets[net->packet_count - 1].length);
    for (size_t bit = 0; bit < 8 * BINDER; bit++) {
        wire_t forged = hello;
        uint8_t *binder = forged.data + forged.length - WITH_LENGTH - BINDER;

        NOTE("bit %zu", bit);
        binder[bit / 8] = (uint8_t)(binder[bit / 8] ^ 1 << bit % 8);
        net_inject(server, &client->address, forged.data, forged.length);
        CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    }
    client->loss = server->loss = 0;
    check_connected(client, server, true);
    net_end(net);
}
