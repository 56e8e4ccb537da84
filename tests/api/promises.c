/*
 * promises.c - promises of dtls.h that no other file of this folder tests.
 */
#include "net.h"

#include <string.h>

static net_t *connected(node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    return net;
}

/* ---- configuration -------------------------------------------------------------------------------- */

EACH_VERSION(the_other_defaults)
{
    dtls_config_t config;

    memset(&config, 0xa5, sizeof(config));
    dtls_config_init(&config);
    CHECK(config.hook == NULL && config.refused == NULL && config.ticket == NULL);
    CHECK(config.groups == NULL && config.group_count == 0);
    CHECK(config.only_version == 0 && config.key_exchange == DTLS_KE_DEFAULT);
    CHECK(!config.psk_sha384 && !config.tickets && config.sessions == 0 && config.early_data == 0);
    CHECK(config.session_id == NULL && config.session_id_length == 0);
    CHECK(!config.import_psk && config.import_context == NULL && !config.use_cid);
    CHECK(config.import_context_length == 0);
    CHECK(config.cid_length == 0 && config.cid == NULL && !config.cid_move_newest);
    CHECK(!config.heartbeat && !config.half_close && config.record_size_limit == 0);
    CHECK_EQ(config.rekey_after, 0);
    CHECK_EQ(config.closing_ms, 30000);
}

static dtls_config_t broken;
static uint16_t number;

static bool refused(void)
{
    dtls_context_t *ctx = dtls_new_context_config(NULL, &broken);
    bool none = ctx == NULL;

    dtls_free_context(ctx);
    dtls_config_init(&broken);
    return none;
}

/* Each rule in the comment of dtls_new_context_config(). */
TEST(configurations_that_give_no_context)
{
    static const uint16_t suites[33] = {0xc0a8};

    dtls_config_init(&broken);
    CHECK(!refused());
    CHECK((broken.clock = NULL, refused()));
    CHECK((broken.random = NULL, refused()));
    CHECK((broken.allocate = NULL, refused()));
    CHECK((broken.release = NULL, refused()));
    CHECK((broken.log = NULL, refused()));
    CHECK((broken.suite_count = 1, refused()));
    CHECK((broken.suites = suites, broken.suite_count = 33, refused()));
    CHECK((broken.group_count = 1, refused()));
    CHECK((number = 0xffff, broken.groups = &number, broken.group_count = 1, refused()));
    CHECK((broken.session_id_length = 1, refused()));
    CHECK((broken.import_context_length = 1, refused()));
    CHECK((broken.cid_length = 21, refused()));
    CHECK((broken.cid_length = 20, !refused()));
    CHECK((broken.only_version = 0xfeff, refused()));
    CHECK(
        (broken.suites = suites, broken.suite_count = 1, broken.only_version = DTLS13, refused()));
    CHECK((broken.timer_ms = 99, refused())); /* below timer_min_ms */
    CHECK((broken.timer_ms = 60001, refused()));
    CHECK((broken.timer_steady_ms = 0, refused()));
    CHECK((broken.handshake_ms = 0, refused()));
    CHECK((broken.cookie_ms = 0, refused()));
    CHECK((broken.max_peers = 0, refused()));
    CHECK((broken.max_half_open = 0, refused()));
}

/* ---- memory --------------------------------------------------------------------------------------- */

TEST(memory_of_a_context)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(client->live_bytes < 70000);
    CHECK(server->live_bytes < client->live_bytes + 78000);
    net_end(net);
}

EACH_VERSION(memory_of_a_handshake)
{
    const size_t limit = net_version == DTLS13 ? 6500 : 5500;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t before[2];

    net_start(net);
    CHECK(net_connect(client, server, 1000)); /* the first connection makes tables grow */
    dtls_reset_peer(client->ctx, dtls_get_peer(client->ctx, &server->address));
    net_run(net, 1000);
    for (size_t i = 0; i < 2; i++) {
        before[i] = net->nodes[i]->live_bytes;
        net->nodes[i]->peak_bytes = before[i];
    }
    CHECK(net_connect(client, server, 1000));
    for (size_t i = 0; i < 2; i++) {
        CHECK(net->nodes[i]->peak_bytes - before[i] <= limit);
        CHECK(net->nodes[i]->live_bytes - before[i] <= 1800);
    }
    net_end(net);
}

/* ---- connecting ----------------------------------------------------------------------------------- */

TEST(connect_that_fails_tells_so_by_an_event)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = DTLS13;
    client->identity_length = 0; /* DTLS 1.3 has no empty identity */
    net_start(net);
    CHECK_EQ(dtls_connect(client->ctx, &server->address), -(int)DTLS_ERR_NO_CREDENTIALS);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    CHECK_EQ(node_events(client, DTLS_EVENT_FAILED), 1);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_NO_CREDENTIALS);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    net_end(net);
}

EACH_VERSION(hello_that_cannot_be_sent_is_sent_by_the_timer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->refuse_writes = true;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(node_stats(client, server).write_failed, 1);
    client->refuse_writes = false;
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    net_end(net);
}

static unsigned asked[3];

static int count_questions(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                           const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)node;
    (void)peer;
    (void)desc;
    (void)desc_length;
    asked[type]++;
    CHECK_EQ(room, type == DTLS_PSK_KEY ? DTLS_MAX_PSK : DTLS_MAX_IDENTITY);
    memset(result, 'k', 16);
    return 16;
}

/* A client of both versions connects to a server of one version: which values are requested from
 * it? */
TEST(what_a_client_of_both_versions_is_asked)
{
    static const struct {
        uint16_t server;
        bool hint;
        unsigned identities, keys;
    } rows[] = {{DTLS13, true, 1, 1}, {DTLS12, false, 1, 2}, {DTLS12, true, 2, 2}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        static const uint8_t same[] = "kkkkkkkkkkkkkkkk";
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("row %zu", i);
        memset(asked, 0, sizeof(asked));
        client->config.only_version = BOTH_VERSIONS;
        server->config.only_version = rows[i].server;
        server->identity = server->key = server->hint = same;
        server->identity_length = server->key_length = 16;
        server->hint_length = rows[i].hint ? 16 : 0;
        client->on_psk = count_questions;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        CHECK_EQ(asked[DTLS_PSK_IDENTITY], 1);
        CHECK_EQ(asked[DTLS_PSK_KEY], 1);
        net_run(net, 1000);
        CHECK(node_connected(client, server));
        CHECK_EQ(asked[DTLS_PSK_IDENTITY], rows[i].identities);
        CHECK_EQ(asked[DTLS_PSK_KEY], rows[i].keys);
        net_end(net);
    }
}

/* ---- sending -------------------------------------------------------------------------------------- */

EACH_VERSION(refused_data_can_be_written_again)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);

    client->refuse_writes = true;
    CHECK_EQ(node_write(client, server, "again"), -(int)DTLS_ERR_WRITE);
    client->refuse_writes = false;
    CHECK_EQ(node_write(client, server, "again"), 5);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 1);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(nothing_is_sent_after_a_close)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    uint8_t out[16];

    server->loss = 100;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    CHECK_EQ(node_write(client, server, "late"), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_max_payload(client->ctx, &server->address), 0);
    CHECK_EQ(dtls_update_keys(client->ctx, &server->address, true), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_heartbeat(client->ctx, &server->address, NULL, 0), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_export(client->ctx, &server->address, "EXPERIMENTAL", NULL, 0, out, sizeof(out)),
             -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_end(net);
}

static size_t inside; /* datagrams passed to the library inside one write callback */

static void inject_many(node_t *node, session_t *peer)
{
    uint8_t junk = 0;

    for (; inside < 70; inside++) {
        CHECK_EQ(dtls_handle_message(node->ctx, peer, &junk, 1), 0);
    }
}

EACH_VERSION(datagrams_inside_write_are_processed_later_and_limited)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    uint64_t before = node_stats(client, server).datagrams_in;

    inside = 0;
    client->on_write = inject_many;
    CHECK_EQ(node_write(client, server, "x"), 1);
    CHECK_EQ(inside, 70);
    CHECK_EQ(node_stats(client, server).datagrams_in - before, 64);
    net_end(net);
}

/* ---- exporter ------------------------------------------------------------------------------------- */

EACH_VERSION(limits_of_the_exporter)
{
    static uint8_t out[4097], context[1025];
    char label[250] = {0};
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    const session_t *peer = &server->address;

    memset(label, 'l', 248);
    CHECK_EQ(dtls_export(client->ctx, peer, label, context, 1024, out, 4096), 0);
    CHECK_EQ(dtls_export(client->ctx, peer, label, NULL, 1025, out, 0), 0);
    CHECK_EQ(dtls_export(client->ctx, peer, label, context, 1025, out, 1), -(int)DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_export(client->ctx, peer, label, NULL, 0, out, 4097), -(int)DTLS_ERR_ARGUMENT);
    label[248] = 'l';
    CHECK_EQ(dtls_export(client->ctx, peer, label, NULL, 0, out, 1), -(int)DTLS_ERR_ARGUMENT);
    net_end(net);
}

/* ---- the end -------------------------------------------------------------------------------------- */

static unsigned ends_seen;

static int call_in_the_end_event(node_t *node, session_t *peer, int level, unsigned code)
{
    dtls_stats_t stats;
    dtls_info_t info;
    uint8_t byte = 0;

    if (level != 0 || code < DTLS_EVENT_CLOSED || code > DTLS_EVENT_TIMEOUT) {
        return 0;
    }
    ends_seen++;
    CHECK_EQ(dtls_get_info(node->ctx, peer, &info), 0);
    CHECK_EQ(dtls_get_stats(node->ctx, peer, &stats), 0);
    CHECK_EQ(dtls_connect(node->ctx, peer), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_write(node->ctx, peer, &byte, 1), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_close(node->ctx, peer), -(int)DTLS_ERR_STATE);
    CHECK_EQ(dtls_abort(node->ctx, peer, DTLS_ALERT_INTERNAL_ERROR), -(int)DTLS_ERR_STATE);
    return 0;
}

EACH_VERSION(calls_inside_the_end_event)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);

    ends_seen = 0;
    client->on_event = server->on_event = call_in_the_end_event;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK_EQ(ends_seen, 2);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0); /* before the handshake is complete */
    CHECK_EQ(ends_seen, 3);
    net_end(net);
}

EACH_VERSION(abort_is_silent_here_and_an_alert_there)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    const net_event_t *last;

    CHECK_EQ(dtls_abort(client->ctx, &server->address, DTLS_ALERT_ACCESS_DENIED), 0);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK_EQ(dtls_abort(client->ctx, &server->address, DTLS_ALERT_ACCESS_DENIED),
             -(int)DTLS_ERR_STATE);
    net_run(net, 1000);
    CHECK_EQ(node_ends(client), 0);
    last = &server->events[server->event_count - 1];
    CHECK_EQ(last->code, DTLS_EVENT_FAILED);
    CHECK_EQ(last->info.error, DTLS_ERR_ALERT);
    CHECK_EQ(last->info.alert, DTLS_ALERT_ACCESS_DENIED);
    CHECK(last->info.alert_received && last->info.alert_authenticated);
    CHECK_EQ(last[-1].level, DTLS_ALERT_LEVEL_FATAL);
    CHECK_EQ(last[-1].code, DTLS_ALERT_ACCESS_DENIED);
    net_end(net);
}

/* The peer and the application's pointer stay when a new association replaces the old one. */
EACH_VERSION(peer_stays_when_it_is_replaced)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server);
    dtls_peer_t *peer = dtls_get_peer(server->ctx, &client->address);
    size_t events = server->event_count;

    dtls_set_peer_data(peer, net);
    client->loss = 100;
    dtls_reset_peer(client->ctx, dtls_get_peer(client->ctx, &server->address));
    client->loss = 0;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 1000);
    CHECK_EQ(server->event_count, events + 3);
    CHECK_EQ(server->events[events].code, DTLS_EVENT_FAILED);
    CHECK_EQ(server->events[events].info.error, DTLS_ERR_REPLACED);
    CHECK_EQ(server->events[events + 1].code, DTLS_EVENT_CONNECT);
    CHECK_EQ(server->events[events + 2].code, DTLS_EVENT_CONNECTED);
    CHECK(dtls_get_peer(server->ctx, &client->address) == peer);
    CHECK(dtls_get_peer_data(peer) == net);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* ---- names ---------------------------------------------------------------------------------------- */

TEST(numbers_without_a_name)
{
    CHECK_STR(dtls_error_name(DTLS_ERR_COUNT), dtls_error_name(DTLS_ERR_NONE));
    CHECK_STR(dtls_error_text(DTLS_ERR_COUNT), dtls_error_text(DTLS_ERR_NONE));
    CHECK_STR(dtls_drop_name(DTLS_DROP_COUNT), "unknown");
    CHECK_STR(dtls_alert_name(255), "unknown");
    CHECK_STR(dtls_content_type_name(255), "unknown");
    CHECK_STR(dtls_message_name(255), "unknown");
    CHECK(dtls_group_name(0) == NULL && dtls_suite_name(0) == NULL);
    CHECK_EQ(dtls_suite_version(0), 0);
}
