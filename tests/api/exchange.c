/*
 * exchange.c - the key exchange: config.key_exchange and config.groups in DTLS 1.2, where the suite
 * determines it.
 */
#include "conn/state.h"
#include "wire.h"

#include <string.h>

enum { X25519 = 29, SECP256R1 = 23, FFDHE2048 = 256, FFDHE3072 = 257 };

/* Makes a pair with the library's default suites and groups. */
static net_t *pair_of(node_t **client, node_t **server)
{
    net_ecdhe = true;
    return net_pair(1, client, server);
}

/* Checks that the handshake completes with this group, or fails for lack of a common suite. */
static void check_outcome(node_t *client, node_t *server, bool good, uint16_t group)
{
    net_start(client->net);
    CHECK_EQ(net_connect(client, server, 5000), good);
    if (good) {
        CHECK_EQ(info_of(client, server).version, DTLS12);
        CHECK_EQ(info_of(client, server).group, group);
        CHECK_EQ(info_of(server, client).group, group);
        CHECK(net_echo(client, server));
    } else {
        net_run(client->net, 1000);
        CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    }
    net_end(client->net);
}

TEST(key_exchange_matrix)
{
    for (dtls_ke_t ours = DTLS_KE_DEFAULT; ours <= DTLS_KE_PSK_ONLY; ours++) {
        for (dtls_ke_t theirs = DTLS_KE_DEFAULT; theirs <= DTLS_KE_PSK_ONLY; theirs++) {
            bool plain = ours == DTLS_KE_PSK_ONLY || theirs == DTLS_KE_PSK_ONLY;
            bool ecdhe = ours == DTLS_KE_DHE_ONLY || theirs == DTLS_KE_DHE_ONLY;
            node_t *client, *server;

            NOTE("client %d, server %d", (int)ours, (int)theirs);
            pair_of(&client, &server);
            client->config.key_exchange = ours;
            server->config.key_exchange = theirs;
            check_outcome(client, server, !(plain && ecdhe), plain ? 0 : X25519);
        }
    }
}

/* Some clients also offer groups that they cannot use with a PSK, at the end of the list. */
TEST(the_group_is_the_clients_first_in_common)
{
    static const uint16_t both[] = {X25519, SECP256R1}, turned[] = {SECP256R1, X25519};
    static const struct {
        const uint16_t *ours, *theirs;
        size_t our_count, their_count;
        uint16_t group; /* 0: plain PSK, without a key exchange */
    } rows[] = {
        {both, both, 2, 2, X25519},   {turned, both, 2, 2, SECP256R1},
        {both, turned, 2, 2, X25519}, {turned, both, 1, 2, SECP256R1},
        {both, turned, 1, 2, X25519}, {both, turned, 1, 1, 0},
        {turned, both, 1, 1, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (unsigned strict = 0; strict < 2; strict++) {
            node_t *client, *server;

            NOTE("row %zu%s", i, strict ? ", no plain PSK" : "");
            pair_of(&client, &server);
            client->config.groups = rows[i].ours;
            server->config.groups = rows[i].theirs;
            client->config.group_count = rows[i].our_count;
            server->config.group_count = rows[i].their_count;
            client->config.key_exchange = strict ? DTLS_KE_DHE_ONLY : DTLS_KE_DEFAULT;
            check_outcome(client, server, !strict || rows[i].group, rows[i].group);
        }
    }
}

/* The key share of a hello for both versions is also used for DTLS 1.2. */
TEST(a_client_of_both_versions)
{
    static const uint16_t groups[] = {SECP256R1};

    for (unsigned other = 0; other < 2; other++) {
        node_t *client, *server;

        NOTE("%s", other ? "another group" : "the same group");
        pair_of(&client, &server);
        client->config.only_version = BOTH_VERSIONS;
        server->config.groups = other ? groups : NULL;
        server->config.group_count = other;
        check_outcome(client, server, true, other ? SECP256R1 : X25519);
    }
}

TEST(a_list_of_suites_is_followed)
{
    static const uint16_t plain_first[] = {0xc0a8, 0xd001};
    node_t *client, *server;

    pair_of(&client, &server);
    server->config.suites = plain_first;
    server->config.suite_count = 2;
    check_outcome(client, server, true, 0);
    pair_of(&client, &server);
    server->config.suites = plain_first;
    server->config.suite_count = 2;
    server->config.key_exchange = DTLS_KE_DHE_ONLY;
    check_outcome(client, server, true, X25519);
}

TEST(a_list_without_a_suite_of_that_exchange_is_refused)
{
    static const uint16_t plain = 0xc0a8, ecdhe = 0xd001, newer = 0x1301;
    static const struct {
        const uint16_t *suite;
        dtls_ke_t key_exchange;
        bool good;
    } rows[] = {
        {&plain, DTLS_KE_DEFAULT, true},   {&ecdhe, DTLS_KE_DEFAULT, true},
        {&plain, DTLS_KE_DHE_ONLY, false}, {&ecdhe, DTLS_KE_DHE_ONLY, true},
        {&plain, DTLS_KE_PSK_ONLY, true},  {&ecdhe, DTLS_KE_PSK_ONLY, false},
        {&newer, DTLS_KE_DHE_ONLY, true},  {&newer, DTLS_KE_PSK_ONLY, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = pair_of(&client, &server);

        NOTE("row %zu", i);
        client->config.only_version = BOTH_VERSIONS;
        client->config.suites = rows[i].suite;
        client->config.suite_count = 1;
        client->config.key_exchange = rows[i].key_exchange;
        CHECK_EQ(node_start(client), rows[i].good);
        net_end(net);
    }
}

/* In a ServerKeyExchange the hint comes before the parameters of ECDHE. The client uses it as with
 * plain PSK. */
TEST(a_hint_with_ecdhe)
{
    node_t *client, *server;

    pair_of(&client, &server);
    server->hint = (const uint8_t *)"which key?";
    server->hint_length = 10;
    check_outcome(client, server, true, X25519);
}

/* The ServerKeyExchange has at least 66 bytes of parameters. */
TEST(p256_with_a_small_mtu_and_a_long_identity)
{
    static const uint16_t groups[] = {SECP256R1};
    static uint8_t identity[DTLS_MAX_IDENTITY];
    node_t *client, *server;

    memset(identity, 'i', sizeof(identity));
    pair_of(&client, &server);
    client->identity = server->identity = server->hint = identity;
    client->identity_length = server->identity_length = server->hint_length = sizeof(identity);
    client->config.groups = groups;
    client->config.group_count = 1;
    client->config.mtu = server->config.mtu = 256;
    check_outcome(client, server, true, SECP256R1);
}

/* Each handshake makes its own key pairs. */
TEST(no_key_pair_twice)
{
    static const unsigned types[] = {SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE};
    node_t *client, *server;
    net_t *net = pair_of(&client, &server);

    net_start(net);
    for (unsigned i = 0; i < 2; i++) {
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
        net_run(net, 100000);
    }
    for (unsigned side = 0; side < 2; side++) {
        const node_t *node = side ? client : server;
        wire_record_t first, second;

        CHECK(wire_find(wire_sent_message(node, types[side], 0), types[side], &first));
        CHECK(wire_find(wire_sent_message(node, types[side], 1), types[side], &second));
        CHECK_EQ(first.length, second.length);
        CHECK(memcmp(first.body + first.length - 32, second.body + second.length - 32, 32) != 0);
    }
    net_end(net);
}

/* ---- DHE_PSK ---- */

/* DHE_PSK is off by default. */
TEST(dhe_is_not_on_by_default)
{
    static const uint16_t dhe = 0x00aa;

    for (unsigned side = 0; side < 2; side++) {
        node_t *client, *server;

        NOTE("%s", side ? "client" : "server");
        pair_of(&client, &server);
        (side ? client : server)->config.suites = &dhe;
        (side ? client : server)->config.suite_count = 1;
        check_outcome(client, server, false, 0);
    }
}

/* The finite field groups are off by default, as DHE_PSK is. */
TEST(groups_that_a_hello_names)
{
    static const uint16_t dhe[] = {0x00aa}, both[] = {0xd001, 0x00aa}, plain[] = {0xc0a8};
    static const struct {
        const uint16_t *suites;
        size_t count;
        const char *groups;
        size_t length;
    } rows[] = {{NULL, 0, "\0\12\0\6\0\4\0\35\0\27", 10},
                {dhe, 1, "\0\12\0\6\0\4\1\0\1\1", 10},
                {both, 2, "\0\12\0\12\0\10\0\35\0\27\1\0\1\1", 14},
                {plain, 1, "\0\12\0", 0}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = pair_of(&client, &server);
        const net_packet_t *hello;

        NOTE("row %zu", i);
        client->config.suites = rows[i].suites;
        client->config.suite_count = rows[i].count;
        client->config.only_version = rows[i].suites ? DTLS12 : BOTH_VERSIONS;
        net_start(net);
        dtls_connect(client->ctx, &server->address);
        hello = &net->packets[0];
        CHECK_EQ(memmem(hello->data, hello->length, rows[i].groups,
                        rows[i].length ? rows[i].length : 3) != NULL,
                 rows[i].length > 0);
        net_end(net);
    }
}

/* ECDHE uses curves and DHE uses finite fields, whatever the order of the groups. */
TEST(a_group_of_the_right_kind)
{
    static const uint16_t suites[] = {0xd001, 0x00aa, 0xd001}, groups[] = {256, 29, 256};

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 2; k++) {
            node_t *client, *server;

            NOTE("suite %04x first, group %u first", suites[i], groups[k]);
            pair_of(&client, &server);
            client->config.suites = suites;
            client->config.suite_count = 2;
            server->config.suites = suites + i;
            server->config.suite_count = 2;
            server->config.groups = groups + k;
            server->config.group_count = 2;
            check_outcome(client, server, true, i == 0 ? X25519 : FFDHE2048);
        }
    }
}

/* RFC 7919 section 4: the server chooses a group that the client offers, or another suite. */
TEST(fields_in_common)
{
    static const uint16_t suites[] = {0x00aa, 0xc0a8}, curves[] = {X25519}, both[] = {257, 256};
    static const struct {
        const uint16_t *ours, *theirs;
        size_t our_count, their_count;
        uint16_t group; /* 0: plain PSK */
        bool names_none;
    } rows[] = {
        {NULL, NULL, 0, 0, FFDHE2048, false}, {NULL, both, 0, 2, FFDHE2048, false},
        {both, NULL, 1, 0, FFDHE3072, false}, {both, both + 1, 2, 1, FFDHE2048, false},
        {both, both + 1, 1, 1, 0, false},     {NULL, NULL, 0, 0, FFDHE2048, true},
        {NULL, both, 0, 2, FFDHE3072, true},  {NULL, curves, 0, 1, 0, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (unsigned strict = 0; strict < 2; strict++) {
            node_t *client, *server;

            NOTE("row %zu%s", i, strict ? ", no plain PSK" : "");
            pair_of(&client, &server);
            client->config.suites = server->config.suites = suites;
            client->config.suite_count = server->config.suite_count = 2;
            client->config.groups = rows[i].ours;
            server->config.groups = rows[i].theirs;
            client->config.group_count = rows[i].our_count;
            server->config.group_count = rows[i].their_count;
            client->config.key_exchange = strict ? DTLS_KE_DHE_ONLY : DTLS_KE_DEFAULT;
            CHECK(node_start(client));
            if (rows[i].names_none)
                client->ctx->group_count = 0; /* makes it like a client older than RFC 7919 */
            check_outcome(client, server, !strict || rows[i].group, rows[i].group);
        }
    }
}

/* A client that offers DHE suites must accept any group, also one that its configuration excludes.
 * So without a finite field in its list it offers no DHE suite. */
TEST(suites_without_a_group_are_not_offered)
{
    static const uint16_t field = FFDHE2048, curve = X25519;
    static const uint16_t plain[] = {0xc0a8}, ecdhe[] = {0xd001, 0xc0a8}, dhe[] = {0x00aa, 0xc0a8};
    static const struct {
        const uint16_t *group, *suites; /* NULL: all */
        size_t count;
        bool good;
        uint16_t found;
    } rows[] = {
        {&field, NULL, 0, true, 0},   {&field, ecdhe, 2, true, 0},  {&curve, dhe, 2, true, 0},
        {&field, ecdhe, 1, false, 0}, {&curve, dhe, 1, false, 0},   {&field, plain, 1, true, 0},
        {&curve, NULL, 0, true, 29},  {&curve, ecdhe, 2, true, 29}, {&field, dhe, 2, true, 256},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (unsigned side = 0; side < 2; side++) {
            static const uint16_t all[] = {0xd001, 0x00aa, 0xc0a8};
            node_t *client, *server, *node;
            net_t *net = pair_of(&client, &server);

            NOTE("row %zu, %s", i, side ? "client" : "server");
            client->config.suites = server->config.suites = all;
            client->config.suite_count = server->config.suite_count = 3;
            node = side ? client : server;
            node->config.groups = rows[i].group;
            node->config.group_count = 1;
            node->config.suites = rows[i].suites;
            node->config.suite_count = rows[i].count;
            CHECK_EQ(node_start(node), rows[i].good);
            if (rows[i].good)
                check_outcome(client, server, true, rows[i].found);
            else
                net_end(net);
        }
    }
}

/* In DTLS 1.3 every suite can be used with every group. */
TEST(dtls13_suites_stay)
{
    static const uint16_t field = FFDHE2048, suite = 0x1301;

    for (dtls_ke_t exchange = DTLS_KE_DEFAULT; exchange <= DTLS_KE_PSK_ONLY; exchange++) {
        node_t *client, *server;
        net_t *net = pair_of(&client, &server);

        NOTE("exchange %d", (int)exchange);
        client->config.only_version = server->config.only_version = DTLS13;
        client->config.suites = &suite;
        client->config.groups = &field;
        client->config.suite_count = client->config.group_count = 1;
        client->config.key_exchange = exchange;
        server->config.groups = &field;
        server->config.group_count = 1;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(info_of(client, server).group, exchange == DTLS_KE_PSK_ONLY ? 0 : FFDHE2048);
        net_end(net);
    }
}

TEST(dhe_with_a_small_mtu_a_hint_and_a_long_identity)
{
    static const uint16_t suite = 0xccad, group = FFDHE3072;
    static uint8_t identity[DTLS_MAX_IDENTITY];
    node_t *client, *server;

    memset(identity, 'i', sizeof(identity));
    pair_of(&client, &server);
    client->identity = server->identity = server->hint = identity;
    client->identity_length = server->identity_length = server->hint_length = sizeof(identity);
    client->config.suites = server->config.suites = &suite;
    client->config.groups = &group;
    client->config.suite_count = server->config.suite_count = client->config.group_count = 1;
    client->config.mtu = server->config.mtu = 256;
    check_outcome(client, server, true, FFDHE3072);
}

/* The client must be able to use each group in its hello with each version that the hello
 * offers. */
TEST(finite_fields_in_dtls13)
{
    static const uint16_t fields[] = {FFDHE2048, FFDHE3072}, other[] = {FFDHE3072};

    for (unsigned retry = 0; retry < 2; retry++) {
        node_t *client, *server;
        net_t *net = pair_of(&client, &server);

        NOTE("%s", retry ? "with a retry" : "at once");
        client->config.only_version = server->config.only_version = DTLS13;
        client->config.groups = fields;
        client->config.group_count = 2;
        server->config.groups = retry ? other : fields;
        server->config.group_count = 1;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK_EQ(info_of(client, server).version, DTLS13);
        CHECK_EQ(info_of(client, server).group, retry ? FFDHE3072 : FFDHE2048);
        CHECK_EQ(info_of(server, client).group, retry ? FFDHE3072 : FFDHE2048);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* ---- CBC ---- */

/* CBC suites are used only with encrypt_then_mac. The client offers the extension with CBC suites,
 * and the server answers it if it chooses one. */
TEST(cbc_goes_with_encrypt_then_mac)
{
    static const uint16_t cbc[] = {0x00ae}, both[] = {0x00ae, 0x00a8}, aead[] = {0x00a8};
    static const uint8_t extension[] = {0, 22, 0, 0};
    static const struct {
        const uint16_t *ours, *theirs;
        size_t our_count, their_count;
        bool offered, answered;
    } rows[] = {{cbc, cbc, 1, 1, true, true},
                {both, cbc, 2, 1, true, true},
                {both, aead, 2, 1, true, false},
                {aead, both, 1, 2, false, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = pair_of(&client, &server);
        const net_packet_t *hello;

        NOTE("row %zu", i);
        client->config.suites = rows[i].ours;
        client->config.suite_count = rows[i].our_count;
        server->config.suites = rows[i].theirs;
        server->config.suite_count = rows[i].their_count;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK(net_echo(client, server));
        CHECK_EQ(info_of(client, server).suite, rows[i].answered ? 0x00ae : 0x00a8);
        hello = &net->packets[0];
        CHECK_EQ(memmem(hello->data, hello->length, extension, 4) != NULL, rows[i].offered);
        hello = wire_sent_message(server, SERVER_HELLO, 0);
        CHECK_EQ(memmem(hello->data + 60, hello->length - 60, extension, 4) != NULL,
                 rows[i].answered);
        net_end(net);
    }
}

/* The longest record may leave some bytes of the datagram unused, but a record with one more byte
 * of data must not fit. */
TEST(cbc_with_every_length)
{
    static const uint16_t suite = 0xc035;
    node_t *client, *server;
    net_t *net = pair_of(&client, &server);
    static char text[1300];
    size_t most;

    memset(text, 'x', sizeof(text) - 1);
    client->config.suites = server->config.suites = &suite;
    client->config.suite_count = server->config.suite_count = 1;
    client->config.use_cid = server->config.use_cid = true;
    client->config.cid_length = server->config.cid_length = 4;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    most = dtls_max_payload(client->ctx, &server->address);
    CHECK(most > 1232 - 100);
    for (size_t length = 0; length <= most; length++) {
        size_t before = net->packet_count;
        session_t peer = server->address;

        NOTE("%zu bytes", length);
        CHECK_EQ(dtls_write(client->ctx, &peer, (uint8_t *)text, length), (int)length);
        CHECK(net->packets[before].length <= 1232);
        net_run(net, 1);
        CHECK_EQ(server->messages[server->message_count - 1].length, length);
    }
    net_end(net);
}
