/*
 * config.c - defaults, ranges, and failures of the random generator.
 */
#include "wire.h"

#include <string.h>

EACH_VERSION(defaults_are_those_of_the_header)
{
    dtls_config_t config;

    memset(&config, 0xa5, sizeof(config));
    dtls_config_init(&config);
    CHECK(config.accept);
    CHECK_EQ(config.cookie, DTLS_COOKIE_ON);
    CHECK_EQ(config.ems, DTLS_EMS_PREFER);
    CHECK(config.suites == NULL && config.suite_count == 0);
    CHECK_EQ(config.mtu, 1232);
    CHECK_EQ(config.timer_ms, 400);
    CHECK_EQ(config.timer_min_ms, 100);
    CHECK_EQ(config.timer_steady_ms, 1000);
    CHECK_EQ(config.timer_max_ms, 60000);
    CHECK_EQ(config.handshake_ms, 60000);
    CHECK_EQ(config.alert_grace_ms, 100);
    CHECK_EQ(config.idle_ms, 0);
    CHECK_EQ(config.cookie_ms, 60000);
    CHECK_EQ(config.max_peers, 1024);
    CHECK_EQ(config.max_half_open, 4096);
    CHECK(config.fragment == 0 && config.client_hello_padding == 0);
    CHECK(!config.repeat_flight && !config.grease && !config.record_per_datagram);
    CHECK(config.trace == NULL && config.keylog == NULL);
}

EACH_VERSION(default_hooks_work)
{
    int app = 0;
    dtls_config_t config;
    dtls_context_t *ctx;

    dtls_init();
    dtls_skip_configuration();
    ctx = dtls_new_context(&app);
    CHECK(ctx != NULL);
    CHECK(dtls_get_app_data(ctx) == &app);
    dtls_set_app_data(ctx, &config);
    CHECK(dtls_get_app_data(ctx) == &config);
    CHECK_EQ(dtls_next_timeout(ctx), -1);
    dtls_free_context(ctx);
    dtls_config_init(&config);
    ctx = dtls_new_context_config(NULL, &config);
    CHECK(ctx != NULL);
    dtls_free_context(ctx);
}

static bool accepted(void (*change)(dtls_config_t *config, size_t value), size_t value)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    bool good;

    change(&client->config, value);
    good = node_start(client);
    net_end(net);
    return good;
}

#define SETTER(field, type)                                                                        \
    static void set_##field(dtls_config_t *config, size_t value)                                   \
    {                                                                                              \
        config->field = (type)value;                                                               \
    }
SETTER(mtu, size_t)
SETTER(cookie, dtls_cookie_t)
SETTER(ems, dtls_ems_t)
SETTER(key_exchange, dtls_ke_t)
SETTER(timer_ms, uint32_t)
SETTER(timer_min_ms, uint32_t)
SETTER(timer_steady_ms, uint32_t)
SETTER(timer_max_ms, uint32_t)
SETTER(handshake_ms, uint32_t)
SETTER(cookie_ms, uint32_t)
SETTER(max_peers, size_t)
SETTER(max_half_open, size_t)
SETTER(sessions, size_t)
SETTER(record_size_limit, uint16_t)
SETTER(cid_length, size_t)

/* Defines a setter for the length of a list: with elements, and one without the list itself. */
#define LIST_SETTERS(field, count, element)                                                        \
    static void set_##field(dtls_config_t *config, size_t value)                                   \
    {                                                                                              \
        static uint16_t list[300];                                                                 \
                                                                                                   \
        for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)                                  \
            list[i] = element;                                                                     \
        config->field = (const void *)list;                                                        \
        config->count = value;                                                                     \
    }                                                                                              \
    static void set_no_##field(dtls_config_t *config, size_t value)                                \
    {                                                                                              \
        config->field = NULL;                                                                      \
        config->count = value;                                                                     \
    }
LIST_SETTERS(suites, suite_count, 0xc0a8)
LIST_SETTERS(groups, group_count, 29)
LIST_SETTERS(session_id, session_id_length, 0)
LIST_SETTERS(import_context, import_context_length, 0)
LIST_SETTERS(cid_prefix, cid_prefix_length, 0)

static void set_prefix_of_20(dtls_config_t *config, size_t value)
{
    config->cid_length = 20;
    set_cid_prefix(config, value);
}

static void set_fragment(dtls_config_t *config, size_t value)
{
    config->fragment = value;
}

static void set_padding(dtls_config_t *config, size_t value)
{
    config->client_hello_padding = value;
}

static void set_suite(dtls_config_t *config, size_t value)
{
    static uint16_t suite;

    suite = (uint16_t)value;
    config->suites = &suite;
    config->suite_count = 1;
}

/* The timers are 100, 400, 1000 and 60000 ms unless the row sets them. */
TEST(values_out_of_range_are_refused)
{
    static const struct {
        void (*change)(dtls_config_t *config, size_t value);
        size_t value;
        bool good;
    } rows[] = {
        {set_mtu, 0, false},
        {set_mtu, 255, false},
        {set_mtu, 256, true},
        {set_mtu, 65507, true},
        {set_mtu, 65508, false},
        {set_cookie, DTLS_COOKIE_AUTO, true},
        {set_cookie, DTLS_COOKIE_AUTO + 1, false},
        {set_ems, DTLS_EMS_REQUIRE, true},
        {set_ems, DTLS_EMS_REQUIRE + 1, false},
        {set_key_exchange, DTLS_KE_DHE13, true},
        {set_key_exchange, DTLS_KE_DHE13 + 1, false},
        {set_timer_ms, 0, false},
        {set_timer_ms, 99, false},
        {set_timer_ms, 100, true},
        {set_timer_ms, 60000, true},
        {set_timer_ms, 60001, false},
        {set_timer_min_ms, 0, false},
        {set_timer_min_ms, 1, true},
        {set_timer_min_ms, 400, true},
        {set_timer_min_ms, 401, false},
        {set_timer_max_ms, 399, false},
        {set_timer_max_ms, 400, true},
        {set_timer_steady_ms, 0, false},
        {set_timer_steady_ms, 1, true},
        {set_handshake_ms, 0, false},
        {set_handshake_ms, 1, true},
        {set_cookie_ms, 0, false},
        {set_cookie_ms, 1, true},
        {set_max_peers, 0, false},
        {set_max_peers, 1, true},
        {set_max_half_open, 0, false},
        {set_max_half_open, 1, true},
        {set_sessions, 65536, true},
        {set_sessions, 65537, false},
        {set_record_size_limit, 0, true},
        {set_record_size_limit, 1, false},
        {set_record_size_limit, 63, false},
        {set_record_size_limit, 64, true},
        {set_record_size_limit, 16384, true},
        {set_record_size_limit, 16385, false},
        {set_cid_length, 20, true},
        {set_cid_length, 21, false},
        {set_prefix_of_20, 20, true},
        {set_prefix_of_20, 21, false},
        {set_cid_prefix, 1, false}, /* cid_length is 0 */
        {set_no_cid_prefix, 0, true},
        {set_suite, 0xc0a8, true},
        {set_suite, 0, false},
        {set_suite, 0x00ff, false},
        {set_suite, 0x1301, false},
        {set_suite, 0x5600, false},
        {set_suites, 32, true},
        {set_suites, 33, false},
        {set_no_suites, 0, true},
        {set_no_suites, 1, false},
        {set_groups, 4, true},
        {set_groups, 5, false},
        {set_no_groups, 0, true},
        {set_no_groups, 1, false},
        {set_session_id, 32, true},
        {set_session_id, 33, false},
        {set_no_session_id, 0, true},
        {set_no_session_id, 1, false},
        {set_import_context, 255, true},
        {set_import_context, 256, false},
        {set_no_import_context, 0, true},
        {set_no_import_context, 1, false},
        {set_fragment, 16384, true},
        {set_fragment, 16385, false},
        {set_padding, 16384, true},
        {set_padding, 16385, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bool good = accepted(rows[i].change, rows[i].value);

        NOTE("row %zu, value %zu", i, rows[i].value);
        CHECK_EQ(good, rows[i].good);
    }
}

/* Each hook is needed. */
TEST(missing_hooks_are_refused)
{
    for (size_t i = 0; i < 7; i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        dtls_config_t *config = &client->config;

        NOTE("hook %zu", i);
        config->clock = i == 1 ? NULL : config->clock;
        config->wall_clock = i == 2 ? NULL : config->wall_clock;
        config->random = i == 3 ? NULL : config->random;
        config->allocate = i == 4 ? NULL : config->allocate;
        config->release = i == 5 ? NULL : config->release;
        config->log = i == 6 ? NULL : config->log;
        CHECK_EQ(node_start(client), i == 0);
        net_end(net);
    }
}

/* ---- memory ---- */

/* Makes all calls on a pair of nodes. Any of them may fail. */
static void live_and_die(net_t *net, node_t *client, node_t *server)
{
    static uint8_t identity[400];

    memset(identity, 'm', sizeof(identity));
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    client->config.mtu = server->config.mtu = 256;
    client->delay = server->delay = 1;
    client->reorder = server->reorder = 30;
    if (node_start(client) && node_start(server)) {
        dtls_connect(client->ctx, &server->address);
        net_run(net, 3000);
        node_write(client, server, "up");
        node_write(server, client, "down");
        net_run(net, 10);
        dtls_close(client->ctx, &server->address);
        net_run(net, 200000);
    }
    CHECK_EQ(node_ends(client), node_events(client, DTLS_EVENT_CONNECT));
    CHECK_EQ(node_ends(server), node_events(server, DTLS_EVENT_CONNECT));
}

/* ---- randomness ---- */

static size_t fail_random(size_t nth, bool in_client)
{
    node_t *client, *server, *victim;
    net_t *net = net_pair(5, &client, &server);
    size_t tried;

    NOTE("call %zu of the %s", nth, in_client ? "client" : "server");
    victim = in_client ? client : server;
    victim->random_fail_at = nth;
    live_and_die(net, client, server);
    if (victim->random_calls >= nth) {
        CHECK_EQ(client->message_count + server->message_count, 0);
        CHECK(!node_last_end(client) || node_last_end(client)->info.error == DTLS_ERR_CRYPTO ||
              !in_client);
    }
    tried = victim->random_calls;
    net_end(net);
    return tried;
}

EACH_VERSION(randomness_that_fails_is_fatal)
{
    for (unsigned mode = 0; mode < 2; mode++) {
        size_t nth = 1;

        while (fail_random(nth, mode == 0) >= nth) {
            nth++;
        }
        CHECK(nth > 1 && nth < 100);
    }
}

typedef struct {
    const node_t *victim;
    size_t calls; /* calls of random before the victim's first hello; 0: the victim sent no hello */
} hello_t;

static void note_hello(net_t *net, net_packet_t *packet)
{
    hello_t *hello = net->user;
    wire_record_t record;
    unsigned type = hello->victim->config.accept ? SERVER_HELLO : CLIENT_HELLO;

    if (packet->from == hello->victim && hello->calls == 0 && wire_find(packet, type, &record)) {
        hello->calls = hello->victim->random_calls;
    }
}

static size_t calls_for_hello(size_t fail_at, bool of_client, bool cids)
{
    node_t *client, *server;
    net_t *net = net_pair(5, &client, &server);
    node_t *victim = of_client ? client : server;
    hello_t hello = {.victim = victim};

    NOTE("call %zu of the %s", fail_at, victim->name);
    net->tap = note_hello;
    net->user = &hello;
    client->config.use_cid = server->config.use_cid = cids;
    client->config.cid_length = server->config.cid_length = 8;
    server->config.sessions = cids ? 0 : 4;
    server->config.cookie = DTLS_COOKIE_OFF;
    victim->random_fail_at = fail_at;
    if (node_start(client) && node_start(server)) {
        dtls_connect(client->ctx, &server->address);
        net_run(net, 3000);
    }
    net_end(net);
    return hello.calls;
}

/* RFC 8446 appendix C.1: without randomness there is no connection ID and no session ID. */
EACH_VERSION(no_hello_without_randomness)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        size_t calls = calls_for_hello(0, mode & 1, mode & 2);

        CHECK(calls > 2);
        for (size_t nth = 1; nth <= calls; nth++) {
            CHECK_EQ(calls_for_hello(nth, mode & 1, mode & 2), 0);
        }
    }
}

/* Two handshakes have no random value in common. This holds also for the default generator. */
EACH_VERSION(no_random_value_twice)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_config_t defaults;

    dtls_config_init(&defaults);
    client->config.random = server->config.random = defaults.random;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK(net_connect(client, server, 1000));
    for (size_t i = 0; i < net->packet_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const net_packet_t *a = &net->packets[i], *b = &net->packets[k];

            if (a->length != b->length || a->length < 40) {
                continue;
            }
            CHECK(memcmp(a->data + 13, b->data + 13, a->length - 13) != 0);
        }
    }
    net_end(net);
}

/* ---- memory of a peer ---- */

EACH_VERSION(connected_peer_takes_at_most_1500_bytes)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t empty;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 100000);
    empty = server->live_bytes;
    CHECK(net_connect(client, server, 1000));
    net_run(net, 400000); /* after 400 s the last flight has been freed */
    CHECK(server->live_bytes - empty <= 1500);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 100000);
    CHECK_EQ(server->live_bytes, empty);
    net_end(net);
}
