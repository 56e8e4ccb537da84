/*
 * memory.c - each allocation, and each call of the random generator, fails in turn, in handshakes
 * of every kind: no crash, no leak, and every association ends. What was not affected succeeds.
 */
#include "common_kinds.h"

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
