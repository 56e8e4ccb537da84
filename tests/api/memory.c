/*
 * memory.c - each allocation, and each call of the random generator, fails in turn, in handshakes
 * of every kind: no crash, no leak, and every association ends. What was not affected succeeds.
 */
#include "common_kinds.h"

#include <string.h>

typedef struct {
    size_t allocation, random; /* the call that fails; 0: none */
    bool and_after;            /* all later allocations fail, too */
    bool in_client;
} fault_t;

/* Returns the number of allocations, or with fault->random of calls of the random generator. */
static size_t live(const kind_t *kind, const fault_t *fault, bool *good)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = kind_pair(kind, &jar, &client, &server);
    node_t *victim = fault->in_client ? client : server;

    NOTE("%s, allocation %zu%s, random %zu of the %s", kind->name, fault->allocation,
         fault->and_after ? " and all after" : "", fault->random, victim->name);
    victim->fail_at = fault->allocation;
    victim->fail_after = fault->and_after;
    victim->random_fail_at = fault->random;
    *good = kind_live(kind, &jar, client, server);
    size_t calls = fault->random ? victim->random_calls : victim->allocations;
    net_end(net);
    return calls;
}

TEST(every_kind_succeeds_without_a_fault)
{
    for (size_t i = 0; i < KINDS; i++) {
        fault_t none = {.in_client = false};
        bool good;

        live(&kinds[i], &none, &good);
        CHECK(good);
    }
}

static void fail_each_allocation(bool in_client, bool and_after)
{
    for (size_t i = 0; i < KINDS; i++) {
        fault_t fault = {.allocation = 1, .in_client = in_client, .and_after = and_after};
        bool good;

        while (live(&kinds[i], &fault, &good) >= fault.allocation) {
            fault.allocation++;
        }
        CHECK(good);
        CHECK(fault.allocation > 10 && fault.allocation < 2000);
    }
}

TEST(each_allocation_of_the_client_fails)
{
    fail_each_allocation(true, false);
}

TEST(each_allocation_of_the_server_fails)
{
    fail_each_allocation(false, false);
}

TEST(no_more_memory_for_the_client)
{
    fail_each_allocation(true, true);
}

TEST(no_more_memory_for_the_server)
{
    fail_each_allocation(false, true);
}

TEST(no_more_randomness)
{
    for (unsigned side = 0; side < 2; side++) {
        for (size_t i = 0; i < KINDS; i++) {
            fault_t fault = {.random = 1, .in_client = side == 0};
            bool good;

            while (live(&kinds[i], &fault, &good) >= fault.random) {
                fault.random++;
            }
            CHECK(good);
            CHECK(fault.random > 1 && fault.random < 200);
        }
    }
}

/* ---- a server that has no memory for a new client ---- */

static unsigned warnings;

static void on_log(void *hook, dtls_log_t level, const char *message)
{
    (void)hook;
    warnings += level == DTLS_LOG_WARN && strstr(message, "out of memory") != NULL;
}

TEST(a_server_warns_once_that_it_drops_new_clients)
{
    node_t *first, *server;
    net_t *net = net_pair(1, &first, &server);
    node_t *second = net_node(net, "second"), *third = net_node(net, "third");

    second->config.accept = third->config.accept = false;
    server->config.log = on_log;
    net_start(net);
    CHECK(net_connect(first, server, 10000));
    warnings = 0;
    server->fail_at = server->allocations + 1;
    server->fail_after = true;
    CHECK(!net_connect(second, server, 5000));
    CHECK(!net_connect(third, server, 5000));
    CHECK_EQ(warnings, 1);
    CHECK(net_echo(first, server));
    server->fail_at = 0;
    server->fail_after = false;
    dtls_reset_peer(third->ctx, dtls_get_peer(third->ctx, &server->address));
    CHECK(net_connect(third, server, 5000));
    net_end(net);
}

/* A hint of the server takes memory at both ends. */
TEST(no_memory_for_a_hint)
{
    static const uint8_t hint[] = "a hint";

    for (unsigned side = 0; side < 2; side++) {
        bool connected = false;

        for (size_t fail = 1; !connected; fail++) {
            node_t *client, *server;
            net_t *net = net_pair(1, &client, &server);
            node_t *victim = side ? server : client;

            NOTE("allocation %zu of the %s", fail, victim->name);
            CHECK(fail < 200);
            server->hint = hint;
            server->hint_length = sizeof(hint) - 1;
            net_start(net);
            victim->fail_at = victim->allocations + fail;
            dtls_connect(client->ctx, &server->address);
            net_run(net, 5000);
            connected = node_connected(client, server) && victim->allocations < victim->fail_at;
            net_run(net, 60000);
            net_end(net);
        }
    }
}

static bool has_alert(const node_t *node)
{
    for (size_t i = 0; i < node->event_count; i++)
        if (node->events[i].level == 2)
            return true;
    return false;
}

/* The client has keys only from the ServerHello on, so an alert before that is in plaintext. */
EACH_VERSION(a_client_can_read_the_alert_of_a_server_without_memory)
{
    bool connected = false;
    unsigned failures = 0;

    for (size_t fail = 1; !connected; fail++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("allocation %zu", fail);
        CHECK(fail < 200);
        net_start(net);
        server->fail_at = server->allocations + fail;
        dtls_connect(client->ctx, &server->address);
        net_run(net, 5000);
        connected = node_connected(client, server) && server->allocations < server->fail_at;
        if (node_events(server, DTLS_EVENT_FAILED) > 0) {
            CHECK(has_alert(client));
            failures++;
        }
        net_run(net, 60000);
        net_end(net);
    }
    CHECK(failures > 0);
}
