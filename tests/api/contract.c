/*
 * contract.c - behaviour that programs for other libraries rely on: which arguments are rejected,
 * an end from inside the write callback, dtls_init().
 */
#include "wire.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* This case must be the first: libcrypto reads its configuration once. */
TEST(init_leaves_openssl_cnf_alone)
{
    static const char text[] = "openssl_conf = all\n[all]\nalg_section = algorithms\n"
                               "[algorithms]\ndefault_properties = fips=yes\n";
    char name[] = "/tmp/dtlscat-openssl.XXXXXX";
    int fd = mkstemp(name);

    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    setenv("OPENSSL_CONF", name, 1);
    dtls_init();
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
    unlink(name);
    CHECK_EQ(EVP_default_properties_is_fips_enabled(NULL), 1);
    CHECK(EVP_set_default_properties(NULL, "")); /* restores the default for the cases below */
}

/* ---- NULL ---- */

static void refuse_null(dtls_context_t *ctx, session_t *session)
{
    static const size_t one = 1;
    uint8_t byte = 0;
    uint8_t *const none = NULL;

    CHECK_EQ(dtls_connect(ctx, session), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_resume(ctx, session, NULL, 0, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_write_early(ctx, session, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_handle_message(ctx, session, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_write(ctx, session, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_writev(ctx, session, &none, &one, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_max_payload(ctx, session), 0);
    CHECK_EQ(dtls_set_mtu(ctx, session, 500), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_set_limits(ctx, session, 500, 500), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_update_keys(ctx, session, true), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_new_cid(ctx, session), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_request_cids(ctx, session, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_heartbeat(ctx, session, NULL, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_probe_mtu(ctx, session, 500), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_hold_heartbeats(ctx, session, true), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_close(ctx, session), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_abort(ctx, session, DTLS_ALERT_INTERNAL_ERROR), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_export(ctx, session, "EXPERIMENTAL", NULL, 0, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK(dtls_get_peer(ctx, session) == NULL);
}

static void refuse_null_context(session_t *session)
{
    dtls_stats_t stats;
    dtls_info_t info;

    refuse_null(NULL, session);
    CHECK_EQ(dtls_get_info(NULL, session, &info), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_get_stats(NULL, session, &stats), -DTLS_ERR_ARGUMENT);
    CHECK(dtls_get_app_data(NULL) == NULL);
    dtls_set_app_data(NULL, session);
    dtls_set_handler(NULL, NULL);
    CHECK_EQ(dtls_set_timer(NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_next_timeout(NULL), -1);
    dtls_check_retransmit(NULL, NULL);
    dtls_free_context(NULL);
    dtls_reset_peer(NULL, NULL);
}

EACH_VERSION(null_is_refused)
{
    static const size_t one = 1;
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    session_t *session = &server->address;
    dtls_info_t info;
    uint8_t byte = 0;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    refuse_null(client->ctx, NULL);
    refuse_null_context(session);
    CHECK_EQ(dtls_handle_message(client->ctx, session, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_write(client->ctx, session, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_write(client->ctx, session, NULL, 0), 0);
    CHECK_EQ(dtls_writev(client->ctx, session, NULL, &one, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_heartbeat(client->ctx, session, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_export(client->ctx, session, NULL, NULL, 0, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_export(client->ctx, session, "EXPERIMENTAL", NULL, 0, NULL, 1),
             -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_get_info(client->ctx, session, NULL), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_get_info(client->ctx, NULL, &info), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_get_stats(client->ctx, session, NULL), -DTLS_ERR_ARGUMENT);
    dtls_reset_peer(client->ctx, NULL);
    dtls_set_peer_data(NULL, net);
    CHECK(dtls_get_peer_data(NULL) == NULL);
    net_run(net, 100);
    CHECK(net_echo(client, server));
    dtls_set_handler(client->ctx, NULL); /* from now on there are no callbacks */
    CHECK(dtls_write(client->ctx, session, &byte, 1) < 0);
    net_end(net);
}

TEST(null_is_refused_without_a_context)
{
    session_t session;

    dtls_session_init(NULL);
    dtls_session_init(&session);
    CHECK(!dtls_session_equals(&session, NULL) && !dtls_session_equals(NULL, &session));
    dtls_config_init(NULL);
    CHECK(dtls_new_context_config(NULL, NULL) == NULL);
    CHECK_EQ(dtls_suite_find(NULL), 0);
    CHECK_EQ(dtls_group_find(NULL), 0);
    dtls_ticks(NULL);
}

/* ---- an end from inside the write callback ---- */

typedef enum { ABORT, CLOSE, RESET, ENDS } end_t;

typedef struct {
    end_t how;
    unsigned after; /* the number of datagrams after which the association ends */
    size_t sent;    /* number of datagrams sent when the association had ended */
} ending_t;

static void end_now(node_t *node, session_t *peer)
{
    ending_t *ending = node->user;

    if (ending->sent > 0 || !dtls_get_peer(node->ctx, peer) || ending->after-- > 0) {
        return;
    }
    ending->sent = SIZE_MAX; /* the callback runs again for the alert */
    switch (ending->how) {
    case ABORT: dtls_abort(node->ctx, peer, DTLS_ALERT_INTERNAL_ERROR); break;
    case CLOSE: dtls_close(node->ctx, peer); break;
    default: dtls_reset_peer(node->ctx, dtls_get_peer(node->ctx, peer));
    }
    ending->sent = node->sent + 1; /* plus the datagram that is being written */
}

EACH_VERSION(nothing_goes_out_after_an_end_in_the_write_callback)
{
    static const uint8_t identity[700] = {1};
    unsigned ended = 0;

    for (unsigned i = 0; i < 2 * ENDS * 4; i++) {
        bool by_client = i % 2;
        ending_t ending = {.how = i / 2 % ENDS, .after = i / 2 / ENDS};
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        node_t *node = by_client ? client : server;

        NOTE("%s, end %d after %u datagrams", node->name, (int)ending.how, ending.after);
        /* a small MTU makes a flight take several datagrams */
        client->config.mtu = server->config.mtu = 256;
        client->identity = server->identity = server->hint = identity;
        client->identity_length = server->identity_length = server->hint_length = sizeof(identity);
        server->config.cookie = DTLS_COOKIE_OFF;
        node->user = &ending;
        node->on_write = end_now;
        net_start(net);
        dtls_connect(client->ctx, &server->address);
        net_run(net, 10);
        ended += ending.sent > 0;
        if (ending.sent > 0 && !dtls_get_peer(node->ctx, &(by_client ? server : client)->address)) {
            CHECK_EQ(node->sent, ending.sent);
        } else if (ending.sent > 0) {
            /* dtls_close() waits for a response if the handshake is complete */
            CHECK_EQ(ending.how, CLOSE);
        }
        net_end(net);
    }
    CHECK(ended > ENDS * 4);
}

/* ---- timers ---- */

static void lose_from_server(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user) {
        packet->copies = 0;
    }
}

typedef enum { DATAGRAM, WRITE, CONNECT, HEARTBEAT, MTU_PROBE, ENTRIES } entry_t;

/* Makes a call that every program makes, for another peer. */
static void call_in(node_t *node, node_t *other, entry_t entry)
{
    uint8_t byte = 0;

    switch (entry) {
    case DATAGRAM: net_inject(node, &other->address, &byte, 1); break;
    case WRITE: node_write(node, other, "x"); break;
    case CONNECT: dtls_connect(node->ctx, &node->net->nodes[3]->address); break;
    case HEARTBEAT: dtls_heartbeat(node->ctx, &other->address, NULL, 0); break;
    default: dtls_probe_mtu(node->ctx, &other->address, 500);
    }
}

/* A client that never calls dtls_check_retransmit() still retransmits, and gives up after
 * handshake_ms. */
EACH_VERSION(due_timers_run_in_every_call)
{
    for (entry_t entry = DATAGRAM; entry < ENTRIES; entry++) {
        node_t *client, *other, *silent;
        net_t *net = net_pair(1, &client, &other);
        size_t sent;

        NOTE("call %d", (int)entry);
        silent = net_node(net, "silent");
        net_node(net, "nobody");
        client->config.heartbeat = other->config.heartbeat = true;
        client->config.handshake_ms = 5000;
        net_start(net);
        CHECK(net_connect(client, other, 1000));
        net_run(net, 10000);
        net->user = silent;
        net->tap = lose_from_server;
        CHECK(dtls_connect(client->ctx, &silent->address) > 0);
        sent = client->sent;
        net->now += 399;
        net_inject(client, &other->address, (uint8_t[]){0}, 1);
        CHECK_EQ(client->sent, sent); /* no timer has expired yet */
        net->now += 2;
        call_in(client, other, entry);
        /* any call but dtls_handle_message() also sends a datagram itself */
        CHECK(client->sent > sent + (entry != DATAGRAM));
        net->now += 5000;
        net_inject(client, &other->address, (uint8_t[]){0}, 1);
        CHECK(dtls_get_peer(client->ctx, &silent->address) == NULL);
        CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_TIMEOUT);
        net_end(net);
    }
}

/* ---- the limits of one handshake ---- */

static size_t get_through; /* how many responses of the server still arrive */

static void lose_later(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user && get_through == 0) {
        packet->copies = 0;
    } else if (packet->from == net->user) {
        get_through--;
    }
}

EACH_VERSION(silence_has_a_limit_of_its_own)
{
    static const struct {
        size_t answers;
        uint64_t end; /* when the handshake ends; 0: it completes */
    } rows[] = {{0, 700}, {1, 3000}, {1000, 0}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("%zu answers", rows[i].answers);
        get_through = rows[i].answers;
        net->user = server;
        net->tap = lose_later;
        net_start(net);
        CHECK_EQ(dtls_set_limits(client->ctx, &server->address, 700, 3000), -DTLS_ERR_STATE);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        CHECK_EQ(dtls_set_limits(client->ctx, &server->address, 0, 3000), -DTLS_ERR_ARGUMENT);
        CHECK_EQ(dtls_set_limits(client->ctx, &server->address, 700, 0), -DTLS_ERR_ARGUMENT);
        CHECK_EQ(dtls_set_limits(client->ctx, &server->address, 700, 3000), 0);
        net_run(net, 100000);
        CHECK_EQ(node_connected(client, server), rows[i].end == 0);
        if (rows[i].end > 0) {
            CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_TIMEOUT);
            CHECK_EQ(node_last_end(client)->at - client->events[0].at, rows[i].end);
        }
        net_end(net);
    }
}

/* ---- get_user_parameters ---- */

typedef struct {
    const char *name;
    uint16_t version;
    bool ems;              /* this side requires extended master secret */
    uint16_t suites[2];    /* the suites that this side allows; {0}: those of its configuration */
    dtls_ems_t others_ems; /* config.ems of the other side */
    uint16_t others_suite; /* the only suite of the other side; 0: it has all suites */
    dtls_error_t error;    /* error of the side that detects it; 0: the handshake completes */
    uint16_t suite;        /* the negotiated suite; 0: any */
} demand_t;

static void make_demand(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters)
{
    const demand_t *demand = node->user;

    (void)peer;
    CHECK(parameters->cipher_suites[0] != 0); /* the values come from the configuration */
    parameters->force_extended_master_secret = demand->ems;
    if (demand->suites[0]) {
        memset(parameters->cipher_suites, 0, sizeof(parameters->cipher_suites));
        memcpy(parameters->cipher_suites, demand->suites, sizeof(demand->suites));
    }
}

static void check_demand(const demand_t *demand, bool by_client, dtls_cookie_t cookie)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    node_t *node = by_client ? client : server, *other = by_client ? server : client;
    dtls_info_t info;

    NOTE("%s, by the %s, cookie %d", demand->name, node->name, (int)cookie);
    node->user = (void *)(uintptr_t)demand;
    node->on_parameters = make_demand;
    client->config.only_version = server->config.only_version = demand->version;
    server->config.cookie = cookie;
    other->config.ems = demand->others_ems;
    if (demand->others_suite) {
        other->config.suites = &demand->others_suite;
        other->config.suite_count = 1;
    }
    net_start(net);
    CHECK_EQ(net_connect(client, server, 2000), demand->error == 0);
    if (demand->error == 0) {
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK(!demand->suite || info.suite == demand->suite);
        CHECK(info.ems || !demand->ems || demand->version == DTLS13);
        CHECK(net_echo(client, server));
    } else if (demand->error != DTLS_ERR_NO_CIPHER_SUITE) {
        net_run(net, 2000);
        CHECK_EQ(node_last_end(node)->info.error, demand->error);
    }
    net_end(net);
}

TEST(what_is_demanded_of_a_peer_holds)
{
    static const demand_t demands[] = {
        {.name = "nothing", .version = DTLS12},
        {.name = "nothing of 1.3", .version = DTLS13},
        {.name = "extended master secret", .version = DTLS12, .ems = true},
        {.name = "extended master secret, which the other end has not",
         .version = DTLS12,
         .ems = true,
         .others_ems = DTLS_EMS_OFF,
         .error = DTLS_ERR_NO_EXTENDED_MASTER_SECRET},
        {.name = "no extended master secret", .version = DTLS12, .others_ems = DTLS_EMS_OFF},
        {.name = "one suite", .version = DTLS12, .suites = {0xc0a5}, .suite = 0xc0a5},
        {.name = "one suite of 1.3", .version = DTLS13, .suites = {0x1303}, .suite = 0x1303},
        {.name = "one suite, of both versions", .suites = {0xc0a9}, .suite = 0xc0a9},
        {.name = "one suite, which the other end has not",
         .version = DTLS12,
         .suites = {0xc0a5},
         .others_suite = 0xc0a8,
         .error = DTLS_ERR_NO_CIPHER_SUITE},
        {.name = "one suite of 1.3, which the other end has not",
         .version = DTLS13,
         .suites = {0x1303},
         .others_suite = 0x1301,
         .error = DTLS_ERR_NO_CIPHER_SUITE},
        {.name = "an unknown suite, and one",
         .version = DTLS12,
         .suites = {1, 0xc0a4},
         .suite = 0xc0a4},
    };

    for (size_t i = 0; i < sizeof(demands) / sizeof(*demands); i++) {
        for (unsigned by = 0; by < 4; by++) {
            check_demand(&demands[i], by % 2, by / 2 ? DTLS_COOKIE_OFF : DTLS_COOKIE_ON);
        }
    }
}

/* The callback may take back what the configuration requires. */
TEST(a_peer_is_exempt_from_extended_master_secret)
{
    static const demand_t nothing = {.ems = false};

    for (unsigned exempt = 0; exempt < 2; exempt++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("%s", exempt ? "exempt" : "not exempt");
        server->config.ems = DTLS_EMS_REQUIRE;
        client->config.ems = DTLS_EMS_OFF;
        server->user = (void *)(uintptr_t)&nothing;
        server->on_parameters = exempt ? make_demand : NULL;
        net_start(net);
        CHECK_EQ(net_connect(client, server, 2000), exempt);
        net_end(net);
    }
}

static void connect_inside(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters)
{
    bool *inside = node->user;

    (void)parameters;
    if (*inside)
        return;
    *inside = true;
    CHECK_EQ(dtls_connect(node->ctx, peer), 1);
}

/* The callback of dtls_connect() connects to the same peer. */
EACH_VERSION(the_callback_of_a_connect_connects)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    bool inside = false;

    client->user = &inside;
    client->on_parameters = connect_inside;
    net_start(net);
    CHECK_EQ(dtls_connect(client->ctx, &server->address), 0);
    net_run(net, 2000);
    CHECK(node_connected(client, server) && node_connected(server, client));
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    net_end(net);
}

/* Sets another suite for one address than for the other. */
static void by_address(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters)
{
    bool first = net_port(peer) == net_port(&node->net->nodes[0]->address);

    parameters->cipher_suites[0] = first ? 0xc0a8 : 0x00a8;
    parameters->cipher_suites[1] = 0;
}

TEST(each_peer_has_its_own_demands)
{
    node_t *client, *server, *other;
    net_t *net = net_pair(1, &client, &server);
    dtls_info_t info;

    other = net_node(net, "other");
    server->on_parameters = by_address;
    net_start(net);
    CHECK(net_connect(client, server, 1000) && net_connect(other, server, 1000));
    CHECK_EQ(dtls_get_info(server->ctx, &client->address, &info), 0);
    CHECK_EQ(info.suite, 0xc0a8);
    CHECK_EQ(dtls_get_info(server->ctx, &other->address, &info), 0);
    CHECK_EQ(info.suite, 0x00a8);
    net_end(net);
}

static void no_suite(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters)
{
    (void)node;
    (void)peer;
    parameters->cipher_suites[0] = 0;
}

EACH_VERSION(without_a_suite_there_is_no_handshake)
{
    for (unsigned by_client = 0; by_client < 2; by_client++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        (by_client ? client : server)->on_parameters = no_suite;
        net_start(net);
        if (by_client) {
            CHECK_EQ(dtls_connect(client->ctx, &server->address), -DTLS_ERR_NO_CIPHER_SUITE);
            CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
        } else {
            CHECK(!net_connect(client, server, 1000));
            CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
        }
        net_end(net);
    }
}

static void want_renegotiation_info(node_t *node, const session_t *peer,
                                    dtls_user_parameters_t *parameters)
{
    (void)node;
    (void)peer;
    parameters->force_renegotiation_info = 1;
}

/* RFC 5746 section 4.3: an application may require renegotiation_info. */
TEST(renegotiation_info_can_be_demanded)
{
    for (unsigned i = 0; i < 4; i++) {
        bool demanded = i % 2, sent = i / 2;
        net_t *net = net_new(1);
        node_t *server = net_node(net, "server");
        wire_t hello = {.length = 0};
        session_t from;

        NOTE("%s, %s", demanded ? "demanded" : "not demanded", sent ? "sent" : "not sent");
        server->on_parameters = demanded ? want_renegotiation_info : NULL;
        server->config.cookie = DTLS_COOKIE_OFF;
        net_start(net);
        net_address(&from, 7000);
        wire_put_hello(&hello, &(wire_hello_t){.no_scsv = !sent});
        net_inject(server, &from, hello.data, hello.length);
        CHECK_EQ(wire_sent_message(server, SERVER_HELLO, 0) != NULL, sent || !demanded);
        CHECK_EQ(dtls_get_peer(server->ctx, &from) != NULL, sent || !demanded);
        net_end(net);
    }
    {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        client->on_parameters = server->on_parameters = want_renegotiation_info;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        net_end(net);
    }
}

TEST(peer_write_checks_its_arguments)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint8_t byte = 0;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(dtls_peer_write(NULL, &byte, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write(dtls_get_peer(client->ctx, &server->address), NULL, 1),
             -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write(dtls_get_peer(client->ctx, &server->address), &byte, 1), 1);
    net_end(net);
}
