/*
 * limits.c - forged records count towards the limit of a key (RFC 9147 section 4.5.3). An attacker can neither end a
 * DTLS 1.3 association with a few of them, nor make both sides change keys without end.
 */
#include "conn/state.h"
#include "wire.h"

#include <string.h>

enum { CCM_8 = 0x1305, FAILURES = 128 };

static net_t *pair_of(uint16_t version, const uint16_t *suite, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.only_version = (*server)->config.only_version = version;
    (*client)->config.suites = (*server)->config.suites = suite;
    (*client)->config.suite_count = (*server)->config.suite_count = 1;
    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    net_run(net, 1000);
    return net;
}

/* Forges records of this epoch of DTLS 1.3. */
static void forge(node_t *to, const node_t *from, uint64_t epoch, unsigned count)
{
    uint8_t record[64] = {(uint8_t)(0x2c | (epoch & 3)), 0, 0, 0, 59};

    for (unsigned i = 0; i < count; i++) {
        record[1] = (uint8_t)i;
        net_inject(to, &from->address, record, sizeof(record));
    }
}

static uint64_t read_epoch(const node_t *node, const node_t *peer)
{
    return conn_of(node, peer)->v13->read_epoch;
}

static void forge_to(node_t *victim, node_t *other)
{
    for (unsigned i = 0; i < 20; i++) {
        NOTE("round %u", i);
        forge(victim, other, read_epoch(victim, other), FAILURES - 1);
        net_run(victim->net, 1000);
        CHECK(net_echo(victim, other));
        net_run(victim->net, 1000);
        /* one change of keys per round, however many records are forged */
        CHECK_EQ(read_epoch(victim, other), 4 + i);
    }
    CHECK_EQ(node_ends(victim) + node_ends(other), 0);
}

TEST(forged_records_lead_to_new_keys)
{
    static const uint16_t suite = CCM_8;
    node_t *client, *server;

    for (unsigned i = 0; i < 2; i++) {
        net_t *net = pair_of(DTLS13, &suite, &client, &server);

        forge_to(i ? client : server, i ? server : client);
        net_end(net);
    }
}

TEST(few_forged_records_change_no_keys)
{
    static const uint16_t suite = CCM_8;
    node_t *client, *server;
    net_t *net = pair_of(DTLS13, &suite, &client, &server);

    forge(server, client, 3, FAILURES / 2 - 1);
    net_run(net, 5000);
    CHECK_EQ(read_epoch(server, client), 3);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(forged_records_end_only_old_keys)
{
    static const uint16_t suite = CCM_8;
    node_t *client, *server;
    net_t *net = pair_of(DTLS13, &suite, &client, &server);

    forge(server, client, 2, 3 * FAILURES); /* the keys of the handshake */
    CHECK(net_echo(client, server));
    forge(server, client, 3, FAILURES / 2);
    net_run(net, 1000);
    CHECK_EQ(read_epoch(server, client), 4);
    forge(server, client, 3, 3 * FAILURES);
    CHECK(!conn_read_epoch(conn_of(server, client), 3));
    net_run(net, 1000);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

/* Without new keys, because the peer does not respond, the limit ends the association. The peer must not take this for
 * a close, after which nothing is missing. */
TEST(limit_without_new_keys_is_an_error_at_both_ends)
{
    static const uint16_t suite = CCM_8;
    node_t *client, *server;
    net_t *net = pair_of(DTLS13, &suite, &client, &server);

    forge(server, client, 3, FAILURES);
    CHECK_EQ(node_ends(server), 0);
    forge(server, client, 3, 1);
    CHECK_EQ(node_ends(server), 1);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_KEY_LIMIT);
    net_run(net, 1000);
    CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_INTERNAL_ERROR);
    net_end(net);
}

static void at_the_limit_of(uint16_t id)
{
    dtls_suite_info_t info;
    node_t *client, *server;
    net_t *net;
    uint8_t record[64] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 1, 0, 0, 0, 0, 51};

    CHECK_EQ(dtls_suite_info(id, &info), 0);
    NOTE("%s", info.name);
    net = pair_of(info.version, &id, &client, &server);
    if (info.version == DTLS13) {
        epoch_t *epoch = conn_read_epoch(conn_of(server, client), 3);

        epoch->open_failures = info.max_failures / 2 - 1;
        forge(server, client, 3, 1);
        net_run(net, 1000);
        CHECK_EQ(read_epoch(server, client), 4);
        CHECK_EQ(conn_read_epoch(conn_of(server, client), 4)->open_failures, 0);
        CHECK_EQ(epoch->open_failures, info.max_failures / 2);
    } else {
        conn_read_epoch(conn_of(server, client), 1)->open_failures = info.max_failures - 1;
        net_inject(server, &client->address, record, sizeof(record));
        CHECK_EQ(node_ends(server), 0);
        CHECK(node_write(client, server, "next") > 0);
        net_run(net, 1000);
        CHECK_EQ(node_ends(server), 1);
        CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_KEY_LIMIT);
    }
    net_end(net);
}

TEST(each_suite_has_its_limit)
{
    static const uint16_t suites[] = {0x1301, 0x1303, 0x1304, CCM_8,
                                      0xc0a8, 0xc0a4, 0x00a8, 0xccab};

    for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
        at_the_limit_of(suites[i]);
    }
}

/* RFC 9147 section 4.5.3: the suite must not be used without further safeguards. */
TEST(ccm_8_of_dtls13_is_used_only_where_both_sides_ask_for_it)
{
    static const uint16_t suite = CCM_8;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = server->config.only_version = DTLS13;
    client->config.suites = &suite;
    client->config.suite_count = 1;
    net_start(net);
    CHECK(!net_connect(client, server, 10000));
    net_end(net);
}
