/*
 * amplify.c - duplicates and forgeries make us send few datagrams.
 */
#include "common_hello.h"

enum { COPIES = 100 };

/* Injects copies of one captured datagram at once. Returns how many datagrams the victim sends
 * in response. */
static size_t answers(const net_packet_t *packet, size_t copies)
{
    net_packet_t copy = *packet;
    size_t sent = copy.to->sent;

    copy.to->loss = 100;
    for (size_t i = 0; i < copies; i++) {
        net_inject(copy.to, &copy.from->address, copy.data, copy.length);
    }
    return copy.to->sent - sent;
}

static void stop_at(net_t *net, net_packet_t *packet)
{
    if (packet->index >= *(const size_t *)net->user) {
        packet->copies = 0;
    }
}

/* Makes a handshake and stops it after this number of datagrams. */
static net_t *stopped(size_t datagrams, node_t **client, node_t **server)
{
    static size_t limit;
    net_t *net = net_pair(1, client, server);

    limit = datagrams;
    net_start(net);
    net->tap = stop_at;
    net->user = &limit;
    CHECK(dtls_connect((*client)->ctx, &(*server)->address) > 0);
    net_run(net, 0);
    return net;
}

EACH_VERSION(copies_of_the_hello_with_cookie)
{
    node_t *client, *server;
    net_t *net = stopped(3, &client, &server);

    CHECK(answers(&net->packets[2], COPIES) <= 3);
    net_end(net);
}

EACH_VERSION(copies_of_the_flight_of_the_server)
{
    node_t *client, *server;
    net_t *net = stopped(4, &client, &server);

    CHECK(answers(&net->packets[3], COPIES) <= 3);
    net_end(net);
}

/* The attacker copies the client's last flight. The Finished in it is a replay, and the rest is
 * plaintext, which can be forged. */
EACH_VERSION(copies_of_the_last_flight_of_the_client)
{
    node_t *client, *server;
    net_t *net = stopped(5, &client, &server);

    CHECK(node_connected(server, client));
    CHECK(answers(&net->packets[4], COPIES) <= 1);
    net_end(net);
}

EACH_VERSION(copies_of_the_request_for_a_cookie)
{
    node_t *client, *server;
    net_t *net = stopped(2, &client, &server);

    CHECK(answers(&net->packets[1], COPIES) <= 1);
    net_end(net);
}

/* Over a minute, copies cause at most twice the datagrams that the timer sends. */
EACH_VERSION(copies_spread_over_a_minute)
{
    node_t *client, *server;
    net_t *net = stopped(3, &client, &server);
    net_packet_t hello = net->packets[2];
    size_t sent = server->sent;

    for (unsigned i = 0; i < 6000; i++) {
        net_inject(server, &client->address, hello.data, hello.length);
        net_run(net, 10);
    }
    CHECK(server->sent - sent < 100);
    net_end(net);
}

/* RFC 9147 section 5.1: without a cookie the address is not validated, so the server sends at most
 * three times the bytes that it received. */
TEST(unproven_address_gets_little)
{
    static uint8_t hint[2000];
    wire_hello_t form = {.random = 3};
    wire_t hello = {.length = 0};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    session_t from;

    server->config.cookie = DTLS_COOKIE_AUTO;
    server->hint = hint;
    server->hint_length = sizeof(hint);
    net_start(net);
    net_address(&from, 9999);
    wire_put_hello(&hello, &form);
    net_inject(server, &from, hello.data, hello.length);
    net_run(net, 300000);
    CHECK(server->sent_bytes <= 3 * hello.length);
    net_end(net);
}

/* Each byte that comes from the address permits three more. */
TEST(unproven_address_gets_more_for_more)
{
    static const uint8_t part[1000];
    const wire_message_t message = {.type = CLIENT_KEY_EXCHANGE,
                                    .msg_seq = 1,
                                    .total = 2 * sizeof(part),
                                    .length = sizeof(part),
                                    .body = part};
    wire_hello_t form = {.random = 3};
    wire_t hello = {.length = 0}, more = {.length = 0};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    session_t from;

    server->config.cookie = DTLS_COOKIE_OFF;
    server->config.handshake_ms = 600000;
    net_start(net);
    net_address(&from, 9999);
    wire_put_hello(&hello, &form);
    net_inject(server, &from, hello.data, hello.length);
    net_run(net, 100000);
    size_t sent = server->sent_bytes;
    net_run(net, 100000);
    CHECK_EQ(server->sent_bytes, sent);
    wire_put_fragment(&more, 1, &message);
    net_inject(server, &from, more.data, more.length);
    net_run(net, 100000);
    CHECK(server->sent_bytes > sent);
    CHECK(server->sent_bytes <= 3 * (hello.length + more.length));
    net_end(net);
}

/* ---- before the address is validated ---- */

#define X32 "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define X48 X32 "606162636465666768696a6b6c6d6e6f"
#define VERSIONS "002b 0003 02 fefc"
#define GROUPS "000a 0004 0002 001d"
#define NO_SHARE "0033 0002 0000"
#define SHARE "0033 0026 0024 001d 0020" X32
#define MODES "002d 0002 01 01"
#define MODES_KE "002d 0002 01 00"
#define PSK "0029 002c 0007 0001 63 00000000 0021 20" X32
#define PSK_384 "0029 003c 0007 0001 63 00000000 0031 30" X48

typedef struct {
    const char *name, *suites, *extensions;
} hello_form_t;

/* The shortest ClientHello of each kind. */
static const hello_form_t hellos[] = {
    {"1.2, no extension", "00a8", NULL},
    {"1.2, ECDHE", "d001", "000a 0004 0002 001d"},
    {"1.2, ECDHE, no group", "d001", NULL},
    {"1.2, DHE", "00aa", NULL},
    {"1.2, all suites", "d001 c037 00aa 00a8 c0a8", "0017 0000"},
    {"1.2, session ticket", "00a8", "0023 0000"},
    {"1.3, only the version", "1301", VERSIONS},
    {"1.3, no PSK", "1301", VERSIONS GROUPS SHARE MODES},
    {"1.3, no PSK, no share", "1301", VERSIONS GROUPS NO_SHARE MODES},
    {"1.3, no modes", "1301", VERSIONS PSK},
    {"1.3, no suite", "1399", VERSIONS MODES_KE PSK},
    {"1.3, psk_ke", "1301", VERSIONS MODES_KE PSK},
    {"1.3, psk_ke with SHA-384", "1302", VERSIONS MODES_KE PSK_384},
    {"1.3, a binder too short for SHA-384", "1302", VERSIONS MODES_KE PSK},
    {"1.3, psk_dhe_ke", "1301", VERSIONS GROUPS SHARE MODES PSK},
    {"1.3, psk_dhe_ke without a share", "1301", VERSIONS GROUPS NO_SHARE MODES PSK},
    {"1.3, psk_dhe_ke with SHA-384, without a share", "1302",
     VERSIONS GROUPS NO_SHARE MODES PSK_384},
    {"both versions", "1301 d001 00a8", VERSIONS GROUPS SHARE MODES PSK},
    {"an unknown version", "1301", "002b 0003 02 0a0a"},
    {"an extension twice", "1301", VERSIONS VERSIONS},
    {"extensions cut off", "1301", "002b 0003 02"},
};

static void put_form(wire_t *wire, const hello_form_t *form)
{
    static const uint8_t random[32] = "the random bytes of the client";
    wire_t body = {.length = 0};

    wire_put_number(&body, 0xfefd, 2);
    wire_put(&body, random, sizeof(random));
    wire_put_number(&body, 0, 2); /* no session ID, no cookie */
    put_hex(&body, form->suites, 2);
    put_hex(&body, "00", 1);
    if (form->extensions)
        put_hex(&body, form->extensions, 2);
    put_message(wire, CLIENT_HELLO, 0, 0, &body);
}

/* Sends a ClientHello from an address that does not respond, sometimes twice, and waits until all
 * timers of the server have expired. */
static void check_amplification(const hello_form_t *form, dtls_cookie_t cookie, bool sha384,
                                unsigned copies)
{
    static const uint16_t groups[] = {29, 256};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t hello = {.length = 0};
    size_t received = 0, factor = cookie == DTLS_COOKIE_ON ? 1 : 3;
    session_t from;

    server->config.only_version = BOTH_VERSIONS;
    server->config.cookie = cookie;
    server->config.psk_sha384 = sha384;
    server->config.tickets = true;
    server->config.key_exchange = DTLS_KE_DHE13;
    server->config.groups = groups;
    server->config.group_count = 2;
    net_start(net);
    net_address(&from, 9999);
    put_form(&hello, form);
    NOTE("%s, cookie %d, %s, %u copies", form->name, (int)cookie, sha384 ? "SHA-384" : "SHA-256",
         copies);
    for (unsigned i = 0; i < copies; i++) {
        net_inject(server, &from, hello.data, hello.length);
        received += hello.length;
        CHECK(server->sent_bytes <= factor * received);
        net_run(net, 1000);
        CHECK(server->sent_bytes <= factor * received);
    }
    net_run(net, 300000);
    CHECK(server->sent_bytes <= factor * received);
    net_end(net);
}

/* With cookies a response is never longer than the ClientHello. Without cookies the responses to an
 * address, with all retransmissions, are at most three times as long as what came from it. */
TEST(no_hello_is_amplified)
{
    for (size_t i = 0; i < sizeof(hellos) / sizeof(*hellos); i++) {
        for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
            for (unsigned variant = 0; variant < 4; variant++)
                check_amplification(&hellos[i], cookie, variant % 2, 1 + variant / 2 * 4);
        }
    }
}

/* The same with a ClientHello that is accepted, so that the server sends its flight. The identity
 * of the client has one byte. */
EACH_VERSION(accepted_hello_is_not_amplified)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        size_t length;
        session_t from;

        NOTE("cookie %d", (int)cookie);
        server->config.cookie = cookie;
        client->identity_length = server->identity_length = 1;
        client->loss = 100;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        length = net->packets[0].length;
        net_address(&from, 9999);
        for (unsigned i = 1; i <= 3; i++) {
            net_inject(server, &from, net->packets[0].data, length);
            net_run(net, 30000);
            CHECK(server->sent_bytes > 0);
            CHECK(server->sent_bytes <= (cookie == DTLS_COOKIE_ON ? 1 : 3) * i * length);
        }
        net_end(net);
    }
}

/* ---- the end of a handshake with an address that is not validated ---- */

typedef enum { BY_CLOSE, BY_RESET, BY_ABORT, BY_EVICTION, BY_TIMEOUT, BY_FREE, WAYS } way_t;

enum { VICTIM = 9999, OTHER = 9998 };

static size_t sent_to_victim(const net_t *net, const node_t *server)
{
    size_t sum = 0;

    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];
        sum += packet->from == server && packet->port == VICTIM ? packet->length : 0;
    }
    return sum;
}

static void inject_from(node_t *server, unsigned port, const net_packet_t *hello)
{
    session_t from;

    net_address(&from, port);
    net_inject(server, &from, hello->data, hello->length);
}

static void end_handshake(node_t *server, way_t way, const net_packet_t *hello)
{
    session_t victim;

    net_address(&victim, VICTIM);
    switch (way) {
    case BY_CLOSE: dtls_close(server->ctx, &victim); break;
    case BY_RESET: dtls_reset_peer(server->ctx, dtls_get_peer(server->ctx, &victim)); break;
    case BY_ABORT: dtls_abort(server->ctx, &victim, DTLS_ALERT_ACCESS_DENIED); break;
    case BY_EVICTION: inject_from(server, OTHER, hello); break;
    case BY_FREE:
        dtls_free_context(server->ctx);
        server->ctx = NULL;
        break;
    default: break;
    }
}

/* Makes a server, and the ClientHello of a client that gets no response. */
static net_t *spoofed(dtls_cookie_t cookie, size_t half_open, size_t identity_length,
                      node_t **server, net_packet_t *hello)
{
    node_t *client;
    net_t *net = net_pair(1, &client, server);

    (*server)->config.cookie = cookie;
    (*server)->config.max_half_open = half_open;
    client->identity_length = (*server)->identity_length = identity_length;
    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &(*server)->address) > 0);
    *hello = net->packets[0];
    return net;
}

/* Ends the handshake in each way after each retransmission. The alerts count too. */
EACH_VERSION(end_of_a_handshake_is_not_amplified)
{
    static const uint64_t waits[] = {0, 1500, 3500, 7500, 15500, 31500};
    enum { WAITS = sizeof(waits) / sizeof(*waits), IDENTITIES = 15 };

    for (way_t way = 0; way < WAYS; way++) {
        for (size_t i = 0; i < WAITS * IDENTITIES; i++) {
            node_t *server;
            net_packet_t hello;
            net_t *net = spoofed(DTLS_COOKIE_OFF, 1, 1 + i / WAITS, &server, &hello);

            NOTE("way %d after %u ms", (int)way, (unsigned)waits[i % WAITS]);
            inject_from(server, VICTIM, &hello);
            net_run(net, waits[i % WAITS]);
            end_handshake(server, way, &hello);
            if (server->ctx)
                net_run(net, 300000);
            CHECK(sent_to_victim(net, server) > 0);
            CHECK(sent_to_victim(net, server) <= 3 * hello.length);
            net_end(net);
        }
    }
}

/* Each ClientHello of an address starts a new handshake, or is answered by a demand of a cookie. It
 * counts once. */
EACH_VERSION(many_hellos_of_an_address_are_not_amplified)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_OFF; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        node_t *server;
        net_packet_t hello;
        net_t *net = spoofed(cookie, 4096, 1, &server, &hello);
        size_t received = 0;

        NOTE("cookie %d", (int)cookie);
        for (unsigned i = 0; i < 20; i++) {
            hello.data[WIRE_RECORD_HEADER + WIRE_MESSAGE_HEADER + 2]++;
            inject_from(server, VICTIM, &hello);
            received += hello.length;
            net_run(net, 1100);
            CHECK(sent_to_victim(net, server) <= 3 * received);
        }
        net_run(net, 300000);
        CHECK(sent_to_victim(net, server) <= 3 * received);
        net_end(net);
    }
}
