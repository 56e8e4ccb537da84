/*
 * suites.c - negotiation of cipher suites, extended master secret and cookies.
 */
#include "wire.h"

#include <string.h>

static const struct {
    uint16_t number;
    const char *name, *iana, *hex;
    /* Bytes around the content of a record, at most: header, explicit nonce, type, padding, tag. */
    size_t overhead;
    uint16_t version;
    bool sha384; /* DTLS 1.3: its PSK must be one for SHA-384 */
} suites[] = {
    {0xc0a8, "PSK-AES128-CCM8", "TLS_PSK_WITH_AES_128_CCM_8", "c0a8", 13 + 8 + 8, 0xfefd, false},
    {0xc0a9, "PSK-AES256-CCM8", "TLS_PSK_WITH_AES_256_CCM_8", "C0A9", 13 + 8 + 8, 0xfefd, false},
    {0xc0a4, "PSK-AES128-CCM", "TLS_PSK_WITH_AES_128_CCM", "c0a4", 13 + 8 + 16, 0xfefd, false},
    {0xc0a5, "PSK-AES256-CCM", "TLS_PSK_WITH_AES_256_CCM", "c0a5", 13 + 8 + 16, 0xfefd, false},
    {0x00a8, "PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256", "00a8", 13 + 8 + 16,
     0xfefd, false},
    {0x00a9, "PSK-AES256-GCM-SHA384", "TLS_PSK_WITH_AES_256_GCM_SHA384", "00A9", 13 + 8 + 16,
     0xfefd, false},
    {0xccab, "PSK-CHACHA20-POLY1305", "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", "ccab", 13 + 16,
     0xfefd, false},
    {0xd001, "ECDHE-PSK-AES128-GCM-SHA256", "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", "d001",
     13 + 8 + 16, 0xfefd, false},
    {0xd002, "ECDHE-PSK-AES256-GCM-SHA384", "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", "d002",
     13 + 8 + 16, 0xfefd, false},
    {0xccac, "ECDHE-PSK-CHACHA20-POLY1305", "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "CCAC",
     13 + 16, 0xfefd, false},
    {0xd005, "ECDHE-PSK-AES128-CCM-SHA256", "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", "D005",
     13 + 8 + 16, 0xfefd, false},
    {0xd003, "ECDHE-PSK-AES128-CCM8-SHA256", "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", "d003",
     13 + 8 + 8, 0xfefd, false},
    {0x00aa, "DHE-PSK-AES128-GCM-SHA256", "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", "00aa",
     13 + 8 + 16, 0xfefd, false},
    {0x00ab, "DHE-PSK-AES256-GCM-SHA384", "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", "00AB",
     13 + 8 + 16, 0xfefd, false},
    {0xc0a6, "DHE-PSK-AES128-CCM", "TLS_DHE_PSK_WITH_AES_128_CCM", "c0a6", 13 + 8 + 16, 0xfefd,
     false},
    {0xc0aa, "DHE-PSK-AES128-CCM8", "TLS_PSK_DHE_WITH_AES_128_CCM_8", "c0aa", 13 + 8 + 8, 0xfefd,
     false},
    {0xccad, "DHE-PSK-CHACHA20-POLY1305", "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "ccad",
     13 + 16, 0xfefd, false},
    {0x00ae, "PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256", "00ae", 13 + 16 + 16 + 32,
     0xfefd, false},
    {0x008c, "PSK-AES128-CBC-SHA", "TLS_PSK_WITH_AES_128_CBC_SHA", "008C", 13 + 16 + 16 + 20,
     0xfefd, false},
    {0xc037, "ECDHE-PSK-AES128-CBC-SHA256", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "c037",
     13 + 16 + 16 + 32, 0xfefd, false},
    {0xc035, "ECDHE-PSK-AES128-CBC-SHA", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", "c035",
     13 + 16 + 16 + 20, 0xfefd, false},
    {0x1301, "AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256", "1301", 5 + 1 + 16, 0xfefc, false},
    {0x1302, "AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384", "1302", 5 + 1 + 16, 0xfefc, true},
    {0x1303, "CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256", "1303", 5 + 1 + 16, 0xfefc,
     false},
    {0x1304, "AES128-CCM-SHA256", "TLS_AES_128_CCM_SHA256", "1304", 5 + 1 + 16, 0xfefc, false},
    {0x1305, "AES128-CCM8-SHA256", "TLS_AES_128_CCM_8_SHA256", "1305", 5 + 1 + 8, 0xfefc, false},
};
enum { SUITES = sizeof(suites) / sizeof(*suites) };

TEST(the_facts_of_a_suite_are_those_of_its_iana_name)
{
    dtls_suite_info_t info;

    for (size_t i = 0; i < SUITES; i++) {
        const char *iana = suites[i].iana;
        bool curve = strstr(iana, "ECDHE_") != NULL, field = !curve && strstr(iana, "DHE_") != NULL;
        NOTE("%s", iana);
        CHECK_EQ(dtls_suite_info(suites[i].number, &info), 0);
        CHECK_EQ(info.id, suites[i].number);
        CHECK_EQ(info.version, suites[i].version);
        CHECK_STR(info.name, suites[i].name);
        CHECK_STR(info.iana_name, iana);
        CHECK_EQ(info.group, curve   ? DTLS_SUITE_CURVE
                             : field ? DTLS_SUITE_FIELD
                                     : DTLS_SUITE_NO_GROUP);
        CHECK_EQ(info.hash_bits, strstr(iana, "_SHA384") != NULL ? 384 : 256);
    }
    CHECK(dtls_suite_info(0, &info) < 0);
    CHECK(dtls_suite_info(0x1301, NULL) < 0);
}

TEST(suites_are_found_by_every_name)
{
    for (size_t i = 0; i < SUITES; i++) {
        NOTE("%s", suites[i].name);
        CHECK_STR(dtls_suite_name(suites[i].number), suites[i].name);
        CHECK_EQ(dtls_suite_find(suites[i].name), suites[i].number);
        CHECK_EQ(dtls_suite_find(suites[i].iana), suites[i].number);
        CHECK_EQ(dtls_suite_find(suites[i].hex), suites[i].number);
    }
    CHECK_EQ(dtls_suite_find("psk-aes128-ccm8"), 0xc0a8);
    CHECK_EQ(dtls_suite_find("tls_psk_with_aes_128_ccm_8"), 0xc0a8);
    CHECK_EQ(dtls_suite_find("PSK-AES128-CCM88"), 0);
    CHECK_EQ(dtls_suite_find("PSK-AES128-CCM"), 0xc0a4);
    CHECK_EQ(dtls_suite_find("PSK-AES128"), 0);
    CHECK_EQ(dtls_suite_find(""), 0);
    CHECK_EQ(dtls_suite_find("00ff"), 0);
    CHECK(dtls_suite_name(0x00ff) == NULL);
    CHECK(dtls_suite_name(0) == NULL);
}

TEST(default_order_has_each_suite_once)
{
    bool seen[SUITES] = {false};

    for (size_t n = 0; n < SUITES; n++) {
        size_t i = 0;

        while (i < SUITES && suites[i].number != dtls_suite_at(n)) {
            i++;
        }
        CHECK(i < SUITES && !seen[i]);
        seen[i] = true;
    }
    CHECK_EQ(dtls_suite_at(SUITES), 0);
    CHECK_EQ(dtls_suite_at((size_t)-1), 0);
}

/* Makes a pair with these suites. Both sides support both versions. */
static net_t *with_suites(const uint16_t *ours, size_t our_count, const uint16_t *theirs,
                          size_t their_count, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.suites = ours;
    (*client)->config.suite_count = our_count;
    (*server)->config.suites = theirs;
    (*server)->config.suite_count = their_count;
    (*client)->config.only_version = (*server)->config.only_version = 0;
    return net;
}

enum { X25519 = 29, FFDHE2048 = 256 };

static uint16_t group_of(size_t i)
{
    bool ecdhe = suites[i].version == DTLS13 || strncmp(suites[i].name, "ECDHE-", 6) == 0;

    return ecdhe ? X25519 : strncmp(suites[i].name, "DHE-", 4) == 0 ? FFDHE2048 : 0;
}

/* Returns true if the suite is not in the default list. */
static bool is_on_request(size_t i)
{
    return suites[i].number == 0x1305 || group_of(i) == FFDHE2048 ||
           strstr(suites[i].name, "CBC") != NULL;
}

static void alone(size_t i, bool client_only)
{
    node_t *client, *server;
    net_t *net = with_suites(&suites[i].number, 1, &suites[i].number, 1, &client, &server);
    node_t *other = client_only ? server : client;

    NOTE("%s, %s", suites[i].name, client_only ? "client" : "server");
    if (!is_on_request(i)) {
        other->config.suites = NULL;
        other->config.suite_count = 0;
    }
    client->config.psk_sha384 = server->config.psk_sha384 = suites[i].sha384;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(info_of(client, server).version, suites[i].version);
    CHECK_EQ(info_of(client, server).suite, suites[i].number);
    CHECK_EQ(info_of(server, client).suite, suites[i].number);
    CHECK_STR(info_of(client, server).suite_name, suites[i].name);
    CHECK_EQ(info_of(client, server).group, group_of(i));
    CHECK_EQ(info_of(server, client).group, group_of(i));
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 1232 - suites[i].overhead);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(each_suite_alone)
{
    for (size_t i = 0; i < SUITES; i++) {
        alone(i, true);
        alone(i, false);
    }
}

/* RFC 8446 section 4.2.11: a PSK has one hash. Suites with another hash cannot be used with it, so a
 * client with no other suite of DTLS 1.3 does not offer DTLS 1.3. */
TEST(suite_of_the_other_hash_is_not_offered)
{
    static const uint16_t gcm256 = 0x1302, both[] = {0x1302, 0xd001};
    node_t *client, *server;
    net_t *net = with_suites(&gcm256, 1, NULL, 0, &client, &server);

    CHECK(!node_start(client));
    net_end(net);
    net = with_suites(both, 2, NULL, 0, &client, &server);
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(info_of(client, server).suite, 0xd001);
    net_end(net);
}

TEST(the_server_prefers)
{
    for (size_t i = 0; i < SUITES; i++) {
        uint16_t ours[SUITES], theirs[SUITES];
        node_t *client, *server;
        net_t *net = with_suites(ours, SUITES, theirs, SUITES, &client, &server);

        NOTE("%s", suites[i].name);
        for (size_t k = 0; k < SUITES; k++) {
            ours[k] = suites[k].number;
            theirs[k] = suites[(i + SUITES - k) % SUITES].number;
        }
        client->config.psk_sha384 = server->config.psk_sha384 = suites[i].sha384;
        server->config.only_version = suites[i].version;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(info_of(client, server).suite, suites[i].number);
        net_end(net);
    }
}

TEST(defaults_agree_on_the_first)
{
    node_t *client, *server;
    net_t *net = with_suites(NULL, 0, NULL, 0, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(info_of(client, server).suite, dtls_suite_at(0));
    net_end(net);
}

/* The list is copied, so the caller may change its own. */
TEST(suite_list_is_copied)
{
    uint16_t list[] = {0xccab};
    node_t *client, *server;
    net_t *net = with_suites(list, 1, NULL, 0, &client, &server);

    net_start(net);
    list[0] = 0xffff;
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(info_of(client, server).suite, 0xccab);
    net_end(net);
}

static void no_common_suite(dtls_cookie_t cookie)
{
    static const uint16_t ours[] = {0xc0a8, 0xc0a9}, theirs[] = {0xccab, 0x00a8};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const net_event_t *end;

    client->config.suites = ours;
    server->config.suites = theirs;
    client->config.suite_count = server->config.suite_count = 2;
    server->config.cookie = cookie;
    net_start(net);
    CHECK(!net_connect(client, server, 5000));
    net_run(net, 5000);
    end = node_last_end(client);
    CHECK(end != NULL);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(end->code, DTLS_EVENT_FAILED);
    CHECK_EQ(end->info.error, DTLS_ERR_ALERT);
    CHECK_EQ(end->info.alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    CHECK(end->info.alert_received && !end->info.alert_authenticated);
    net_run(net, 100000);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    net_end(net);
}

TEST(no_common_suite_is_handshake_failure)
{
    no_common_suite(DTLS_COOKIE_ON);
    no_common_suite(DTLS_COOKIE_OFF);
}

/* ---- extended master secret ---- */

TEST(extended_master_secret_matrix)
{
    for (dtls_ems_t ours = DTLS_EMS_PREFER; ours <= DTLS_EMS_REQUIRE; ours++) {
        for (dtls_ems_t theirs = DTLS_EMS_PREFER; theirs <= DTLS_EMS_REQUIRE; theirs++) {
            bool off = ours == DTLS_EMS_OFF || theirs == DTLS_EMS_OFF;
            bool good = !off || (ours != DTLS_EMS_REQUIRE && theirs != DTLS_EMS_REQUIRE);
            node_t *client, *server;
            net_t *net = net_pair(1, &client, &server);

            NOTE("client %d, server %d", (int)ours, (int)theirs);
            client->config.ems = ours;
            server->config.ems = theirs;
            net_start(net);
            CHECK_EQ(net_connect(client, server, 5000), good);
            if (good) {
                CHECK_EQ(info_of(client, server).ems, !off);
                CHECK_EQ(info_of(server, client).ems, !off);
                CHECK(net_echo(client, server));
            } else {
                const node_t *strict = ours == DTLS_EMS_REQUIRE ? client : server;

                net_run(net, 1000);
                CHECK_EQ(node_ends(client), 1);
                CHECK_EQ(node_last_end(strict)->info.error, DTLS_ERR_NO_EXTENDED_MASTER_SECRET);
            }
            net_end(net);
        }
    }
}

/* ---- cookies ---- */

TEST(cookie_on_and_off)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        bool asked = cookie == DTLS_COOKIE_ON;

        NOTE("cookie %d", (int)cookie);
        server->config.cookie = cookie;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(net->packet_count, asked ? 6 : 4);
        CHECK_EQ(info_of(client, server).cookie, asked);
        CHECK_EQ(info_of(server, client).cookie, asked);
        net_end(net);
    }
}

/* AUTO: the server requires cookies from an eighth of max_half_open pending handshakes on, not
 * sooner. */
TEST(cookie_auto_follows_the_load)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->config.cookie = DTLS_COOKIE_AUTO;
    server->config.max_half_open = 64;
    net_start(net);
    for (unsigned i = 0; i < 8; i++) {
        wire_t hello = {.length = 0};
        wire_hello_t form = {.random = (uint8_t)(i + 1)};
        size_t sent = net->packet_count;
        session_t from;
        wire_record_t record;

        net_address(&from, 50000 + i);
        wire_put_hello(&hello, &form);
        net_inject(server, &from, hello.data, hello.length);
        CHECK_EQ(net->packet_count, sent + 1);
        CHECK(wire_find(&net->packets[sent], SERVER_HELLO, &record));
    }
    CHECK(net_connect(client, server, 1000));
    CHECK(info_of(server, client).cookie);
    net_run(net, 100000);
    dtls_close(client->ctx, &server->address);
    net_run(net, 100000);
    CHECK(net_connect(client, server, 1000));
    CHECK(!info_of(server, client).cookie);
    net_end(net);
}

TEST(client_only_context_responds_to_no_hello)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(!net_connect(server, client, 5000));
    CHECK_EQ(client->sent, 0);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    net_end(net);
}

TEST(info_after_the_handshake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_info_t ours, theirs;

    client->delay = 30;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    ours = info_of(client, server);
    CHECK(ours.client && !ours.connected && !ours.received_any);
    CHECK_EQ(ours.version, 0);
    CHECK_EQ(ours.suite, 0);
    CHECK_EQ(ours.handshake_ms, 0);
    net_run(net, 1000);
    ours = info_of(client, server);
    theirs = info_of(server, client);
    CHECK(ours.client && ours.connected && ours.received_any);
    CHECK(!theirs.client && theirs.connected && theirs.received_any);
    CHECK_EQ(ours.version, 0xfefd);
    CHECK_EQ(theirs.version, 0xfefd);
    /* three flights of the client take 30 ms each; the other direction takes no time */
    CHECK_EQ(ours.handshake_ms, 90);
    CHECK_EQ(theirs.handshake_ms, 30); /* counted from the hello with the cookie */
    CHECK_EQ(ours.error, DTLS_ERR_NONE);
    CHECK_EQ(theirs.error, DTLS_ERR_NONE);
    net_end(net);
}
