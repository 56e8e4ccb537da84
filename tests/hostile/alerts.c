/*
 * alerts.c - unauthenticated alerts. A handshake must not trust them, and must report them if it
 * fails.
 */
#include "wire.h"

static void forge_alert(node_t *from, node_t *to, unsigned level, unsigned code)
{
    const uint8_t body[] = {(uint8_t)level, (uint8_t)code};
    wire_t wire = {.length = 0};

    wire_put_record(&wire, ALERT, 0, 0x2000, body, sizeof(body));
    net_inject(to, &from->address, wire.data, wire.length);
}

/* An attacker injects a forged fatal alert with every datagram, to both sides. The handshake
 * completes. */
static void alert_both(net_t *net, net_packet_t *packet)
{
    (void)net;
    forge_alert(packet->from, packet->to, 2, 40);
    forge_alert(packet->to, packet->from, 2, 40);
}

EACH_VERSION(handshake_that_goes_on_ignores_alerts)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->delay = server->delay = 30;
    net_start(net);
    net->tap = alert_both;
    CHECK(net_connect(client, server, 1000));
    net_run(net, 10000);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

/* If the handshake makes no progress, the alert is confirmed at the end of the grace period. info
 * shows it as received. */
static void confirmed_after(uint32_t grace, unsigned code)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const net_event_t *end;
    uint64_t from = net->now;

    NOTE("alert %u, grace %u ms", code, grace);
    client->config.alert_grace_ms = grace;
    /* No round trip has been measured, so the grace period is at least two first timers. */
    if (grace > 0 && grace < 2 * client->config.timer_ms) {
        grace = 2 * client->config.timer_ms;
    }
    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    forge_alert(server, client, 2, code);
    net_run(net, grace ? grace - 1 : 0);
    CHECK_EQ(node_ends(client), grace ? 0 : 1);
    net_run(net, 1);
    CHECK_EQ(node_ends(client), 1);
    end = node_last_end(client);
    CHECK_EQ(end->code, DTLS_EVENT_FAILED);
    CHECK_EQ(end->at - from, 50 + grace);
    CHECK_EQ(end->info.error, DTLS_ERR_ALERT);
    CHECK_EQ(end->info.alert, code);
    CHECK(end->info.alert_received && !end->info.alert_authenticated);
    net_run(net, 100000);
    CHECK_EQ(node_ends(client), 1);
    net_end(net);
}

EACH_VERSION(alert_is_confirmed_after_the_grace_period)
{
    confirmed_after(100, 40);
    confirmed_after(100, 70);
    confirmed_after(1000, 40);
    confirmed_after(0, 40);
}

static dtls_repeat_t last_repeat; /* why the latest ServerHello was repeated */

static void count_server_hellos(void *hook, const dtls_trace_t *trace)
{
    unsigned *count = ((node_t *)hook)->user;

    if (trace->outgoing && trace->kind == DTLS_TRACE_MESSAGE && trace->msg_type == SERVER_HELLO) {
        CHECK_EQ(trace->retransmit, (*count)++);
        last_repeat = trace->repeat;
    }
}

static void lose_all_but_the_cookie(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->from->user && packet->index > 1) {
        packet->copies = 0;
    }
}

/* The reason for each retransmission is reported: a suspect alert, the peer's retransmission, or
 * the timer. */
EACH_VERSION(repeat_after_a_suspect_alert_is_counted)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    unsigned hellos = 0;

    server->user = &hellos;
    server->config.trace = count_server_hellos;
    net->tap = lose_all_but_the_cookie;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    CHECK_EQ(hellos, 1);
    CHECK_EQ(last_repeat, DTLS_REPEAT_NONE);
    forge_alert(client, server, 2, 40);
    CHECK_EQ(hellos, 2);
    CHECK_EQ(last_repeat, DTLS_REPEAT_SUSPECT);
    net_run(net, 700); /* less than the grace period */
    CHECK(hellos > 3);
    CHECK(last_repeat == DTLS_REPEAT_TIMER || last_repeat == DTLS_REPEAT_PEER);
    net_end(net);
}

static void note_repeat_of_hello(void *hook, const dtls_trace_t *trace)
{
    (void)hook;
    if (trace->outgoing && trace->kind == DTLS_TRACE_MESSAGE && trace->msg_type == CLIENT_HELLO)
        last_repeat = trace->repeat;
}

/* A client of both versions gets a HelloVerifyRequest, which only a DTLS 1.2 server sends. After a suspect
 * alert it sends its first ClientHello again, because the HelloVerifyRequest may be forged. */
TEST(repeat_of_the_first_hello_after_a_suspect_alert)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = BOTH_VERSIONS;
    server->user = server;
    client->config.trace = note_repeat_of_hello;
    net->tap = lose_all_but_the_cookie;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 50);
    CHECK_EQ(last_repeat, DTLS_REPEAT_NONE);
    forge_alert(server, client, 2, 40);
    CHECK_EQ(last_repeat, DTLS_REPEAT_SUSPECT);
    net_end(net);
}

/* RFC 5246 section 7.2.2: warnings other than close_notify are ignored, however many. */
EACH_VERSION(flood_of_warnings_in_a_handshake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    for (unsigned i = 0; i < 10000; i++) {
        forge_alert(server, client, 1, i % 2 ? DTLS_ALERT_NO_RENEGOTIATION : 112);
    }
    net_run(net, 399);
    CHECK_EQ(node_ends(client), 0);
    CHECK_EQ(client->sent, 1);
    client->loss = 0;
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(flood_of_warnings_in_an_association)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t sent, events;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    sent = net->packet_count;
    events = client->event_count;
    for (unsigned i = 0; i < 10000; i++) {
        forge_alert(server, client, 1 + i % 2, i % 256);
    }
    CHECK_EQ(net->packet_count, sent);
    CHECK_EQ(client->event_count, events);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A failure that a genuine server reports arrives at the client as that alert. */
TEST(refusal_of_the_server_is_reported)
{
    static const uint16_t ours = 0xc0a8, theirs = 0xccab;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.suites = &ours;
    server->config.suites = &theirs;
    client->config.suite_count = server->config.suite_count = 1;
    net_start(net);
    CHECK(!net_connect(client, server, 1000));
    net_run(net, 1000);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_ALERT);
    CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    net_end(net);
}

/* ---- the subject of an alert ---- */

static size_t answers; /* how many datagrams of the server still arrive */

static void lose_later_answers(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->from->config.accept && answers == 0) {
        packet->copies = 0;
    } else if (packet->from->config.accept) {
        answers--;
    }
}

/* A row: how far the handshake is when this number of datagrams of the server have arrived. */
TEST(alert_about_the_key_differs_from_others)
{
    static const struct {
        const char *name;
        uint16_t client, server;
        dtls_cookie_t cookie;
        size_t answers;
        dtls_proof_t proof;
    } rows[] = {
        {"1.2, a hello", DTLS12, DTLS12, DTLS_COOKIE_ON, 0, DTLS_PROOF_NONE},
        {"1.2, a hello with a cookie", DTLS12, DTLS12, DTLS_COOKIE_ON, 1, DTLS_PROOF_NONE},
        {"1.2, a Finished", DTLS12, DTLS12, DTLS_COOKIE_ON, 2, DTLS_PROOF_ASKED},
        {"1.2, a Finished without a cookie", DTLS12, DTLS12, DTLS_COOKIE_OFF, 1, DTLS_PROOF_ASKED},
        {"both, a hello", BOTH_VERSIONS, DTLS12, DTLS_COOKIE_ON, 0, DTLS_PROOF_OFFERED},
        {"both, a cookie of 1.2", BOTH_VERSIONS, DTLS12, DTLS_COOKIE_ON, 1, DTLS_PROOF_NONE},
        {"both, a Finished of 1.2", BOTH_VERSIONS, DTLS12, DTLS_COOKIE_ON, 2, DTLS_PROOF_ASKED},
        {"1.3, a hello", DTLS13, DTLS13, DTLS_COOKIE_ON, 0, DTLS_PROOF_OFFERED},
        {"1.3, after a HelloRetryRequest", DTLS13, DTLS13, DTLS_COOKIE_ON, 1, DTLS_PROOF_ASKED},
    };

    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
        bool decrypt = i % 2;
        dtls_proof_t proof = rows[i / 2].proof;
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("%s, %s", rows[i / 2].name, decrypt ? "decrypt_error" : "illegal_parameter");
        client->config.only_version = rows[i / 2].client;
        server->config.only_version = rows[i / 2].server;
        server->config.cookie = rows[i / 2].cookie;
        answers = rows[i / 2].answers;
        net->tap = lose_later_answers;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 50);
        forge_alert(server, client, 2, decrypt ? DTLS_ALERT_DECRYPT_ERROR : 47);
        net_run(net, 1000);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_last_end(client)->info.proof, proof);
        CHECK_EQ(node_last_end(client)->info.error,
                 decrypt && proof ? DTLS_ERR_WRONG_PSK : DTLS_ERR_ALERT);
        net_end(net);
    }
}
