/*
 * cookie.c - before the client's address is validated, the server stores nothing and sends no more
 * bytes than it received.
 */
#include "conn/state.h"
#include "wire.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <string.h>

/* Counts the hashes that the library computes: an HMAC is two. */
static size_t hashes;

int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *length)
{
    static int (*real)(EVP_MD_CTX *, unsigned char *, unsigned *);

    if (!real) {
        void *symbol = dlsym(RTLD_NEXT, "EVP_DigestFinal_ex");

        CHECK(symbol != NULL);
        memcpy(&real, &symbol, sizeof(real));
    }
    hashes++;
    return real(ctx, out, length);
}

static net_t *with_server(node_t **server)
{
    net_t *net = net_new(1);

    *server = net_node(net, "server");
    return net;
}

/* Sends a hello from this port. Returns the server's response, or NULL. */
static const net_packet_t *send_hello(node_t *server, unsigned port, const wire_hello_t *form)
{
    net_t *net = server->net;
    size_t before = net->packet_count;
    session_t from;
    wire_t hello = {.length = 0};

    net_address(&from, port);
    wire_put_hello(&hello, form);
    net_inject(server, &from, hello.data, hello.length);
    CHECK(net->packet_count <= before + 1);
    return net->packet_count > before ? &net->packets[before] : NULL;
}

static bool known(const node_t *server, unsigned port)
{
    session_t from;

    net_address(&from, port);
    return dtls_get_peer(server->ctx, &from) != NULL;
}

typedef struct {
    uint8_t bytes[255], length;
} cookie_t;

static cookie_t ask_cookie(node_t *server, unsigned port, const wire_hello_t *form)
{
    const net_packet_t *answer = send_hello(server, port, form);
    const uint8_t *bytes;
    cookie_t cookie;

    CHECK(answer && wire_cookie(answer, &bytes, &cookie.length) && cookie.length > 0);
    memcpy(cookie.bytes, bytes, cookie.length);
    return cookie;
}

/* Returns whether a second hello with that cookie makes the server start a handshake. */
static bool cookie_works(node_t *server, unsigned port, wire_hello_t form, const cookie_t *cookie)
{
    const net_packet_t *answer;
    wire_record_t record;

    form.cookie = cookie->bytes;
    form.cookie_length = cookie->length;
    form.msg_seq = 1;
    form.sequence = 1;
    answer = send_hello(server, port, &form);
    CHECK(answer != NULL);
    if (wire_find(answer, SERVER_HELLO, &record)) {
        CHECK(known(server, port));
        return true;
    }
    CHECK(wire_find(answer, HELLO_VERIFY_REQUEST, &record));
    CHECK(!known(server, port));
    return false;
}

TEST(answer_is_not_longer_than_the_smallest_hello)
{
    wire_hello_t form = {.random = 1, .no_extensions = true, .no_scsv = true};
    wire_t hello = {.length = 0};
    node_t *server;
    net_t *net = with_server(&server);

    net_start(net);
    wire_put_hello(&hello, &form);
    for (unsigned i = 0; i < 100; i++) {
        const net_packet_t *answer = send_hello(server, 7000, &form);

        CHECK(answer && answer->length <= hello.length);
    }
    net_run(net, 300000); /* no timer sends anything later */
    CHECK_EQ(net->packet_count, 100);
    net_end(net);
}

TEST(spoofed_hellos_use_no_memory)
{
    node_t *server;
    net_t *net = with_server(&server);
    size_t live, count;

    net_start(net);
    send_hello(server, 1, &(wire_hello_t){.random = 9});
    live = server->live_bytes;
    count = server->live;
    for (unsigned i = 0; i < 3000; i++) {
        CHECK(send_hello(server, 1000 + i, &(wire_hello_t){.random = (uint8_t)i}) != NULL);
    }
    CHECK_EQ(server->live_bytes, live);
    CHECK_EQ(server->live, count);
    CHECK_EQ(server->event_count, 0);
    CHECK_EQ(dtls_next_timeout(server->ctx), -1);
    net_end(net);
}

TEST(cookie_of_another_address_is_refused)
{
    wire_hello_t form = {.random = 1};
    node_t *server;
    net_t *net = with_server(&server);
    cookie_t cookie;

    net_start(net);
    cookie = ask_cookie(server, 7000, &form);
    CHECK(!cookie_works(server, 7001, form, &cookie));
    CHECK(cookie_works(server, 7000, form, &cookie));
    net_end(net);
}

TEST(cookie_with_any_bit_flipped_is_refused)
{
    wire_hello_t form = {.random = 1};
    node_t *server;
    net_t *net = with_server(&server);
    cookie_t cookie;

    net_start(net);
    cookie = ask_cookie(server, 7000, &form);
    for (unsigned bit = 0; bit < 8U * cookie.length; bit++) {
        cookie_t bad = cookie;

        NOTE("bit %u", bit);
        bad.bytes[bit / 8] = (uint8_t)(bad.bytes[bit / 8] ^ 1 << bit % 8);
        CHECK(!cookie_works(server, 7000, form, &bad));
    }
    for (uint8_t length = 1; length < cookie.length; length++) {
        cookie_t cut = cookie;

        NOTE("cut to %u bytes", length);
        cut.length = length;
        CHECK(!cookie_works(server, 7000, form, &cut));
    }
    memset(cookie.bytes + cookie.length, 0, sizeof(cookie.bytes) - cookie.length);
    cookie.length = 255;
    CHECK(!cookie_works(server, 7000, form, &cookie));
    net_end(net);
}

/* RFC 6347 section 4.2.1: the cookie depends on random, suites and compression methods. It does
 * not depend on the extensions, which wolfSSL reorders in its second hello. */
TEST(cookie_is_bound_to_the_hello)
{
    wire_hello_t form = {.random = 1}, other;
    node_t *server;
    net_t *net = with_server(&server);
    cookie_t cookie;

    net_start(net);
    cookie = ask_cookie(server, 7000, &form);
    other = form;
    other.random = 2;
    CHECK(!cookie_works(server, 7000, other, &cookie));
    other = form;
    other.suite = 0xccab;
    CHECK(!cookie_works(server, 7000, other, &cookie));
    other = form;
    other.deflate = true;
    CHECK(!cookie_works(server, 7000, other, &cookie));
    other = form;
    other.no_extensions = true;
    CHECK(cookie_works(server, 7000, other, &cookie));
    net_end(net);
}

/* A hello costs one HMAC. This holds for every wrong cookie, whichever secret it names. */
TEST(hello_with_a_wrong_cookie_costs_one_hmac)
{
    wire_hello_t form = {.random = 1, .cookie_length = 10};
    node_t *server;
    net_t *net = with_server(&server);

    net_start(net);
    for (unsigned i = 0; i < 512; i++) {
        uint8_t cookie[10] = {(uint8_t)i};

        if (i == 256) {
            net_run(net, server->config.cookie_ms); /* so that there is a previous secret */
        }
        send_hello(server, 7000,
                   &(wire_hello_t){.random = 1}); /* the hello changes a secret that is due */
        form.cookie = cookie;
        hashes = 0;
        CHECK(send_hello(server, 7000, &form) != NULL);
        CHECK_EQ(hashes, 2);
    }
    net_end(net);
}

/* ---- DTLS 1.3: the cookie of a HelloRetryRequest ---- */

/* Returns the nth ClientHello of a client of DTLS 1.3, whose later datagrams are lost. */
static net_packet_t hello13(net_t **net, node_t **server, size_t nth)
{
    node_t *client;

    net_version = DTLS13;
    *net = net_pair(1, &client, server);
    net_version = DTLS12;
    net_start(*net);
    CHECK(dtls_connect(client->ctx, &(*server)->address) > 0);
    client->loss = 100;
    net_run(*net, 10);
    const net_packet_t *hello = wire_sent_message(client, CLIENT_HELLO, nth);
    CHECK(hello != NULL);
    return *hello;
}

/* Passes the hello to the server from this port, with another random. Returns the length of the
 * response. */
static size_t answer_to13(node_t *server, unsigned port, const net_packet_t *hello)
{
    size_t before = server->sent_bytes;
    session_t from;

    net_address(&from, port);
    hello->data[WIRE_RECORD_HEADER + WIRE_MESSAGE_HEADER + 2]++;
    hashes = 0;
    net_inject(server, &from, hello->data, hello->length);
    CHECK(!known(server, port));
    return server->sent_bytes - before;
}

/* The server computes the hash of the hello, and an HMAC. */
TEST(spoofed_hellos_of_dtls13_use_no_memory)
{
    node_t *server;
    net_t *net;
    const net_packet_t hello = hello13(&net, &server, 0);
    size_t live = server->live_bytes, count = server->live;

    for (unsigned i = 0; i < 3000; i++) {
        size_t length = answer_to13(server, 1000 + i, &hello);

        CHECK(length > 0 && length <= hello.length);
        CHECK_EQ(hashes, 3);
    }
    CHECK_EQ(server->live_bytes, live);
    CHECK_EQ(server->live, count);
    CHECK_EQ(server->event_count, 0);
    CHECK_EQ(dtls_next_timeout(server->ctx), -1);
    net_end(net);
}

/* With shared secrets, the key of a ticket of another server is not derived for an address that may be
 * spoofed. */
TEST(spoofed_hello_with_a_ticket_of_another_server_costs_no_more)
{
    static const uint8_t secret[DTLS_SECRET] = {1};
    uint8_t ticket[100] = {0};
    node_t *client, *server;

    net_version = DTLS13;
    net_t *net = net_pair(1, &client, &server);
    net_version = DTLS12;
    net_start(net);
    CHECK_EQ(dtls_set_secrets(server->ctx, secret, 1), 0);
    memcpy(ticket, server->ctx->secrets.names[0], SECRET_NAME);
    client->identity = ticket;
    client->identity_length = sizeof ticket;
    client->loss = 100;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    const net_packet_t hello = *wire_sent_message(client, CLIENT_HELLO, 0);
    CHECK(answer_to13(server, 1000, &hello) > 0);
    CHECK(answer_to13(server, 1001, &hello) > 0);
    CHECK_EQ(hashes, 3);
    net_end(net);
}

/* RFC 9147 section 5.1: the response is an alert. */
TEST(hello_of_dtls13_with_a_wrong_cookie_costs_one_hmac)
{
    enum { ALERT_DATAGRAM = WIRE_RECORD_HEADER + 2 };
    node_t *server;
    net_t *net;
    const net_packet_t hello = hello13(&net, &server, 1);
    size_t live = server->live_bytes;

    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQ(answer_to13(server, 1000 + i, &hello), ALERT_DATAGRAM);
        CHECK_EQ(hashes, 2);
    }
    CHECK_EQ(server->live_bytes, live);
    net_end(net);
}

/* ---- the lifetime of a cookie ---- */

TEST(cookie_lives_as_long_as_two_secrets)
{
    wire_hello_t form = {.random = 1};
    node_t *server;
    net_t *net = with_server(&server);
    cookie_t first, second, third;

    server->config.cookie_ms = 10000;
    net_start(net);
    first = ask_cookie(server, 7000, &form);
    net_run(net, 9000);
    CHECK(cookie_works(server, 7000, form, &first));
    second = ask_cookie(server, 7001, &form);
    net_run(net, 9900);
    CHECK(cookie_works(server, 7001, form, &second)); /* under the previous secret */
    third = ask_cookie(server, 7002, &form);
    net_run(net, 20001);
    CHECK(!cookie_works(server, 7002, form, &third));
    net_end(net);
}

/* A secret expires after a day, even if no hello arrives meanwhile and makes the server change
 * it. */
TEST(recorded_hello_is_useless_the_next_day)
{
    wire_hello_t form = {.random = 1};
    node_t *server;
    net_t *net = with_server(&server);
    cookie_t cookie;

    net_start(net);
    cookie = ask_cookie(server, 7000, &form);
    net->now += 86400000;
    CHECK(!cookie_works(server, 7000, form, &cookie));
    net->now += 86400000;
    CHECK(!cookie_works(server, 7000, form, &cookie));
    net_end(net);
}

TEST(replayed_hello_with_cookie_does_not_end_an_association)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    net_packet_t hello;
    session_t elsewhere;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    hello = *wire_sent_message(client, CLIENT_HELLO, 1);
    for (unsigned i = 0; i < 10; i++) {
        net_inject(server, &client->address, hello.data, hello.length);
        CHECK(net_echo(client, server));
        net_run(net, 20000);
    }
    net_address(&elsewhere, 7777);
    net_inject(server, &elsewhere, hello.data, hello.length);
    CHECK(dtls_get_peer(server->ctx, &elsewhere) == NULL);
    net_run(net, 100000);
    CHECK_EQ(node_ends(client), 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* RFC 6347 section 4.2.1: the response continues the record and message numbers of the hello,
 * whatever they are. */
TEST(responses_continue_the_numbers_of_the_hello)
{
    for (unsigned round = 0; round < 5; round++) {
        wire_hello_t form = {.random = 1, .sequence = 7 + round, .msg_seq = (uint16_t)round};
        node_t *server;
        net_t *net = with_server(&server);
        const net_packet_t *answer;
        wire_record_t record;
        wire_message_t message;
        cookie_t cookie;

        net_start(net);
        cookie = ask_cookie(server, 7000, &form);
        answer = wire_sent_message(server, HELLO_VERIFY_REQUEST, 0);
        CHECK(wire_find(answer, HELLO_VERIFY_REQUEST, &record) && wire_message(&record, &message));
        CHECK_EQ(record.sequence, 7 + round);
        CHECK_EQ(message.body[0] << 8 | message.body[1], 0xfeff);
        form.cookie = cookie.bytes;
        form.cookie_length = cookie.length;
        form.msg_seq++;
        form.sequence += 2;
        answer = send_hello(server, 7000, &form);
        CHECK(wire_find(answer, SERVER_HELLO, &record) && wire_message(&record, &message));
        CHECK_EQ(record.sequence, 9 + round);
        CHECK_EQ(message.msg_seq, round + 1);
        CHECK(wire_find(answer, SERVER_HELLO_DONE, &record) && wire_message(&record, &message));
        CHECK_EQ(message.msg_seq, round + 2);
        net_end(net);
    }
}

/* The server drops a hello with such a high message_seq, because the handshake would run out of
 * numbers. */
TEST(hello_with_a_number_near_the_end_is_dropped)
{
    for (unsigned msg_seq = 65520; msg_seq < 65536; msg_seq++) {
        wire_hello_t form = {.random = 1, .msg_seq = (uint16_t)msg_seq};
        bool early = msg_seq <= 65535 - 8;
        node_t *server;
        net_t *net = with_server(&server);

        NOTE("msg_seq %u", msg_seq);
        net_start(net);
        CHECK_EQ(send_hello(server, 7000, &form) != NULL, early);
        CHECK_EQ(node_stats(server, NULL).dropped[DTLS_DROP_BAD_HELLO], !early);
        net_end(net);
    }
}

/* RFC 6347 section 4.2.1: sends the HelloVerifyRequest of a server that accepts no cookie. */
static int hello_verify(node_t *client, const node_t *server, unsigned round, uint16_t msg_seq,
                        uint64_t sequence)
{
    wire_t answer = {.length = 0};
    uint8_t body[] = {0xfe, 0xff, 4, 'c', 'o', (uint8_t)(round >> 8), (uint8_t)round};
    wire_message_t message = {.type = HELLO_VERIFY_REQUEST,
                              .total = sizeof(body),
                              .length = sizeof(body),
                              .msg_seq = msg_seq,
                              .body = body};

    wire_put_fragment(&answer, sequence, &message);
    return net_inject(client, &server->address, answer.data, answer.length);
}

/* Each HelloVerifyRequest has the record number of our last hello. So the measured round trip is
 * zero, and the timer is short. */
TEST(endless_hello_verify_requests_are_given_up)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("%s", kind == 2 ? "all numbers right" : kind ? "msg_seq counted" : "msg_seq 0");
        client->loss = 100;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        for (unsigned round = 0; round < 100000 && node_ends(client) == 0; round++) {
            hello_verify(client, server, round, (uint16_t)(kind == 1 ? round : 0),
                         kind == 2 ? client->sent - 1 : round);
            net_run(net, 1);
        }
        CHECK_EQ(node_ends(client), 1);
        CHECK(client->sent < 100);
        net_end(net);
    }
}

/* An attacker sends more forged cookies than the client follows at a time. The client still uses
 * the server's cookie. */
TEST(forged_hello_verify_requests_are_survived)
{
    for (unsigned count = 1; count <= 64; count *= 2) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("%u of them", count);
        client->delay = server->delay = 20;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        for (unsigned i = 0; i < count; i++) {
            hello_verify(client, server, i, 0, 900 + i);
        }
        net_run(net, 3000);
        CHECK(node_connected(client, server));
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

static void only_server_hello(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    (void)net;
    if (wire_find(packet, SERVER_HELLO, &record)) {
        /* the ServerHello is the first record; the rest is lost */
        packet->length = record.raw_length;
    }
}

/* RFC 6347 section 4.2.1: a HelloVerifyRequest after ServerHello is late and ignored, whatever
 * its number. */
EACH_VERSION(late_hello_verify_request_is_ignored)
{
    for (uint16_t msg_seq = 0; msg_seq < 6; msg_seq++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("msg_seq %u", msg_seq);
        server->config.timer_ms = server->config.timer_min_ms = 5000;
        client->config.timer_ms = client->config.timer_min_ms = 5000;
        net_start(net);
        net->tap = only_server_hello;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 10);
        CHECK(wire_sent_message(server, SERVER_HELLO, 0));
        net_calm(net);
        hello_verify(client, server, 0, msg_seq, 77);
        net_run(net, 4000); /* the grace period is long over */
        CHECK_EQ(node_ends(client), 0);
        net_run(net, 6000);
        CHECK(node_connected(client, server));
        net_end(net);
    }
}
