/*
 * resumption.c - sessions of DTLS 1.2 that are resumed, under attack: what stands there before Finished is
 * plaintext, and IDs and tickets can be read off the wire.
 */
#include "iana.h"
#include "jar.h"
#include "state.h"
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

/* ---- a ticket that a forger has sent ---- */

/* Before the server's flight, with each number that it could have. */
static void plant_tickets(net_t *net, net_packet_t *packet)
{
    static const uint8_t body[] = {0, 0, 1, 0, 0, 4, 'e', 'v', 'i', 'l'};
    bool *planted = net->user;
    wire_record_t record;
    wire_t wire = {.length = 0};

    if (*planted || !wire_find(packet, SERVER_HELLO, &record))
        return;
    *planted = true;
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

/* ---- the answer before the question ---- */

/* A ServerHello with the number that it would have after a cookie. */
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

/* ---- Finished that is lost ---- */

typedef struct {
    const node_t *from;
    unsigned left;
} thief_t;

static void steal_finished(net_t *net, net_packet_t *packet)
{
    thief_t *thief = net->user;

    if (packet->from != thief->from || !wire_has(packet, HANDSHAKE, 1) || thief->left == 0)
        return;
    thief->left--;
    packet->copies = 0;
}

TEST(finished_of_a_resumed_session_is_lost)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (unsigned by_id = 0; by_id < 2; by_id++) {
            jar_t jar;
            node_t *client, *server;
            net_t *net = pair(by_id, &client, &server, &jar);
            thief_t thief = {client, 1};

            NOTE("cookie %d, by %s", (int)cookie, by_id ? "ID" : "ticket");
            server->config.cookie = cookie;
            net_start(net);
            CHECK(net_connect(client, server, 5000));
            part(client, server);
            net->tap = steal_finished;
            net->user = &thief;
            CHECK_EQ(resume(client, server, &jar, 0), 1);
            check_connected(client, server, true);
            CHECK_EQ(thief.left, 0);
            net_end(net);
        }
    }
}

/* ---- who has seen an ID or a ticket ---- */

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

/* The server asks for a cookie, gets it, answers, and never hears of that client again. */
TEST(who_has_seen_it_cannot_use_it_up)
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
        session_t eve = client->address; /* the same host */
        eve.addr.sin.sin_port = htons(33333);
        size_t before = net->packet_count;
        const uint8_t *id = by_id ? hello.body + 35 : NULL;
        put_hello(&first, 0, id, by_id ? NULL : &ticket, NULL, 0, suite);
        net_inject(server, &eve, first.data, first.length);
        CHECK(before < net->packet_count && wire_cookie(&net->packets[before], &cookie, &length));
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
    enum { TICKETS = TICKETS_KEPT + 1 };
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
