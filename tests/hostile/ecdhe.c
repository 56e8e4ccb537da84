/*
 * ecdhe.c - forged ECDHE_PSK key exchange messages that are invalid. They replace the genuine ones
 * or arrive before them.
 */
#include "wire.h"

#include <string.h>

enum { X25519 = 29, SECP256R1 = 23, FFDHE2048 = 256 };

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
/* Points of order 8, and an encoding of zero that is not canonical: RFC 7748 section 7. */
#define LOW_ORDER "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
#define PRIME "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
#define P256_BASE                                                                                  \
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"                           \
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

typedef struct {
    const char *name;
    uint16_t group;
    const char *body; /* in hex, without the client's identity, which precedes it */
    dtls_error_t error;
} bad_t;

static const bad_t of_server[] = {
    {"nothing", X25519, "", DTLS_ERR_DECODE},
    {"a hint and no more", X25519, "0000", DTLS_ERR_DECODE},
    {"a hint that overruns", X25519, "0025 03001d 20" ONES, DTLS_ERR_DECODE},
    {"no point", X25519, "0000 03001d", DTLS_ERR_DECODE},
    {"a point that overruns", X25519, "0000 03001d 21" ONES, DTLS_ERR_DECODE},
    {"a trailing byte", X25519, "0000 03001d 20" ONES "00", DTLS_ERR_DECODE},
    {"an explicit curve", X25519, "0000 01001d 20" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"curve type 255", X25519, "0000 ff", DTLS_ERR_ILLEGAL_PARAMETER},
    {"a group that does not exist", X25519, "0000 030000 20" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"secp384r1", X25519, "0000 030018 20" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"a group that we know and have not offered", X25519, "0000 030017 41" P256_BASE,
     DTLS_ERR_ILLEGAL_PARAMETER},
    {"a finite field", X25519, "0000 030100 20" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"no bytes", X25519, "0000 03001d 00", DTLS_ERR_ILLEGAL_PARAMETER},
    {"a byte too few", X25519, "0000 03001d 1f 00" ONES, DTLS_ERR_DECODE},
    {"33 bytes", X25519, "0000 03001d 21 00" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"zero", X25519, "0000 03001d 20" ZEROS, DTLS_ERR_ILLEGAL_PARAMETER},
    {"zero modulo the prime", X25519, "0000 03001d 20" PRIME, DTLS_ERR_ILLEGAL_PARAMETER},
    {"a point of order 8", X25519, "0000 03001d 20" LOW_ORDER, DTLS_ERR_ILLEGAL_PARAMETER},
    {"off the curve", SECP256R1, "0000 030017 41 04" ONES ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"compressed", SECP256R1, "0000 030017 21 02" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"hybrid", SECP256R1, "0000 030017 41 06" ONES ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"infinity", SECP256R1, "0000 030017 01 00", DTLS_ERR_ILLEGAL_PARAMETER},
    {"infinity of full length", SECP256R1, "0000 030017 41 00" ZEROS ZEROS,
     DTLS_ERR_ILLEGAL_PARAMETER},
};

static const bad_t of_client[] = {
    {"no point", X25519, "", DTLS_ERR_DECODE},
    {"a point that overruns", X25519, "21" ONES, DTLS_ERR_DECODE},
    {"a trailing byte", X25519, "20" ONES "00", DTLS_ERR_DECODE},
    {"no bytes", X25519, "00", DTLS_ERR_ILLEGAL_PARAMETER},
    {"33 bytes", X25519, "21 00" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"zero", X25519, "20" ZEROS, DTLS_ERR_ILLEGAL_PARAMETER},
    {"zero modulo the prime", X25519, "20" PRIME, DTLS_ERR_ILLEGAL_PARAMETER},
    {"a point of order 8", X25519, "20" LOW_ORDER, DTLS_ERR_ILLEGAL_PARAMETER},
    {"that of X25519", SECP256R1, "20" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"off the curve", SECP256R1, "41 04" ONES ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"compressed", SECP256R1, "21 02" ONES, DTLS_ERR_ILLEGAL_PARAMETER},
    {"infinity", SECP256R1, "01 00", DTLS_ERR_ILLEGAL_PARAMETER},
};

typedef struct {
    unsigned msg_type;
    wire_t body;
    bool instead; /* true: replaces the genuine message; false: arrives before it */
    bool done;
} forgery_t;

static void put_forged(wire_t *wire, const forgery_t *forgery, const wire_record_t *genuine)
{
    wire_message_t message;

    CHECK(wire_message(genuine, &message));
    message.total = message.length = (uint32_t)forgery->body.length;
    message.body = forgery->body.data;
    wire_put_fragment(wire, genuine->sequence + (forgery->instead ? 0 : 100), &message);
}

/* If the forged message replaces the genuine one, it does so each time. Otherwise it is injected
 * once. */
static void forge(net_t *net, net_packet_t *packet)
{
    forgery_t *forgery = net->user;
    wire_record_t genuine, record;
    wire_t forged = {.length = 0};

    if (!wire_find(packet, forgery->msg_type, &genuine) || forgery->done) {
        return;
    }
    if (!forgery->instead) {
        forgery->done = true;
        put_forged(&forged, forgery, &genuine);
        net_carry(packet->from, packet->to, forged.data, forged.length, 0);
        return;
    }
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.raw == genuine.raw) {
            put_forged(&forged, forgery, &genuine);
        } else {
            wire_put(&forged, record.raw, record.raw_length);
        }
    }
    packet->copies = 0;
    net_carry(packet->from, packet->to, forged.data, forged.length, 0);
}

static void put_hex(wire_t *wire, const char *hex)
{
    uint8_t bytes[256];

    wire_put(wire, bytes, UNHEX(hex, bytes));
}

static void check_forgery(const bad_t *bad, bool by_server, bool instead)
{
    /* The second suite is DHE_PSK, which uses another kind of group. */
    static const uint16_t suites[] = {0xd001, 0x00aa};
    const uint16_t groups[] = {bad->group, FFDHE2048};
    forgery_t forgery = {.msg_type = by_server ? SERVER_KEY_EXCHANGE : CLIENT_KEY_EXCHANGE,
                         .instead = instead};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const node_t *victim = by_server ? client : server;

    NOTE("%s, of the %s, %s", bad->name, by_server ? "server" : "client",
         instead ? "instead" : "before");
    if (!by_server) {
        wire_put_number(&forgery.body, client->identity_length, 2);
        wire_put(&forgery.body, client->identity, client->identity_length);
    }
    put_hex(&forgery.body, bad->body);
    client->config.suites = suites;
    client->config.groups = groups;
    client->config.suite_count = client->config.group_count = 2;
    client->config.handshake_ms = server->config.handshake_ms = 5000;
    net_ecdhe = true;
    net_start(net);
    net_ecdhe = false;
    net->tap = forge;
    net->user = &forgery;
    CHECK_EQ(net_connect(client, server, 10000), !instead);
    if (instead) {
        net_run(net, 20000);
        CHECK_EQ(node_ends(victim), 1);
        CHECK_EQ(node_last_end(victim)->info.error, bad->error);
        CHECK(!node_last_end(victim)->info.alert_received);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    } else {
        CHECK(net_echo(client, server));
    }
    net_end(net);
}

TEST(bad_server_key_exchange_is_refused)
{
    for (size_t i = 0; i < sizeof(of_server) / sizeof(*of_server); i++) {
        check_forgery(&of_server[i], true, true);
    }
}

TEST(bad_client_key_exchange_is_rejected)
{
    for (size_t i = 0; i < sizeof(of_client) / sizeof(*of_client); i++) {
        check_forgery(&of_client[i], false, true);
    }
}

/* A client must not fail at once: the invalid message may be forged, and the genuine one in
 * transit. */
TEST(bad_key_exchange_before_the_genuine_one_is_survived)
{
    for (size_t i = 0; i < sizeof(of_server) / sizeof(*of_server); i++) {
        check_forgery(&of_server[i], true, false);
    }
    for (size_t i = 0; i < sizeof(of_client) / sizeof(*of_client); i++) {
        check_forgery(&of_client[i], false, false);
    }
}

/* Leaves out the messages between ServerHello and ServerHelloDone. */
static void leave_out(net_t *net, net_packet_t *packet)
{
    wire_record_t record;
    wire_message_t message;
    wire_t rest = {.length = 0};

    (void)net;
    if (!wire_find(packet, SERVER_KEY_EXCHANGE, &record)) {
        return;
    }
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        CHECK(wire_message(&record, &message));
        if (message.type == SERVER_HELLO) {
            wire_put(&rest, record.raw, record.raw_length);
        } else if (message.type == SERVER_HELLO_DONE) {
            message.msg_seq--;
            wire_put_fragment(&rest, record.sequence, &message);
        }
    }
    packet->copies = 0;
    net_carry(packet->from, packet->to, rest.data, rest.length, 0);
}

TEST(server_key_exchange_must_come)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_ecdhe = true;
    net_start(net);
    net_ecdhe = false;
    net->tap = leave_out;
    CHECK(!net_connect(client, server, 10000));
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_UNEXPECTED_MESSAGE);
    CHECK(!wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0));
    net_run(net, 100000);
    net_end(net);
}

/* An attacker replaces a public key by its own. Then both sides have different secrets, and no data
 * is delivered. */
static void substitute(bool by_server)
{
    const bad_t good = {"another key", X25519, by_server ? "0000 03001d 20" ONES : "20" ONES,
                        DTLS_ERR_WRONG_PSK};
    forgery_t forgery = {.msg_type = by_server ? SERVER_KEY_EXCHANGE : CLIENT_KEY_EXCHANGE,
                         .instead = true};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    if (!by_server) {
        wire_put_number(&forgery.body, client->identity_length, 2);
        wire_put(&forgery.body, client->identity, client->identity_length);
    }
    put_hex(&forgery.body, good.body);
    net_ecdhe = true;
    net_start(net);
    net_ecdhe = false;
    net->tap = forge;
    net->user = &forgery;
    CHECK(!net_connect(client, server, 10000));
    net_run(net, 100000);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_ends(client), 1);
    net_end(net);
}

TEST(a_substituted_public_key_never_connects)
{
    substitute(true);
    substitute(false);
}

/* The server makes no key pair before it has validated the address. */
TEST(no_key_pair_before_the_cookie)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_hello_t form = {.suite = 0xccac, .random = 7};
    session_t from;

    net_ecdhe = true;
    net_start(net);
    net_ecdhe = false;
    net_address(&from, 7000);
    for (unsigned i = 0; i < 2; i++) {
        wire_t hello = {.length = 0};
        size_t calls = server->random_calls;

        form.random = (uint8_t)(i + 1);
        wire_put_hello(&hello, &form);
        net_inject(server, &from, hello.data, hello.length);
        CHECK_EQ(server->sent, i + 1);
        if (i > 0) { /* the first call makes the secret of the cookies */
            CHECK_EQ(server->random_calls, calls);
        }
    }
    net_end(net);
}
