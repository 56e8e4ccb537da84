/*
 * impair.c - handshakes through the simulated network of --sim, on the virtual clock: with each datagram lost, with
 * random rules and many seeds, and twice with the same seed.
 */
#include "net/impairspec.h"
#include "net/sim.h"

#include "common/clock.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 100, TRACE = 1000 };

static struct sim sim;

/* A decision, as note() reported it. */
typedef struct {
    uint64_t at, number;
    size_t length;
    enum impair_direction direction;
    struct impair_decision decision;
} entry_t;

static entry_t trace[2][TRACE];
static size_t trace_length;
static unsigned run; /* the trace to write */

/* ---- the network of net.h, with the rules of sim ---- */

/* The client's side of the network: what the client sends is outgoing. */
static enum impair_direction direction_of(const node_t *from)
{
    return from == from->net->nodes[0] ? IMPAIR_OUT : IMPAIR_IN;
}

static void note(void *hook, enum impair_direction direction, uint64_t number, size_t length,
                 const struct impair_decision *decision)
{
    const net_t *net = hook;

    if (trace_length < TRACE)
        trace[run][trace_length++] = (entry_t){net->now, number, length, direction, *decision};
}

/* Makes the clock stop when the next datagram is due: a datagram to a node without a context does nothing else. */
static void wake_up(net_t *net)
{
    static const uint8_t nothing;
    int64_t next = clock_sooner(sim_next_us(&sim, IMPAIR_OUT), sim_next_us(&sim, IMPAIR_IN));
    int64_t now = (int64_t)net->now * 1000;

    if (next != CLOCK_NEVER)
        net_carry(net->nodes[0], net->nodes[2], &nothing, 1,
                  next > now ? (uint64_t)(next - now + 999) / 1000 : 0);
}

static void impair(net_t *net, net_packet_t *packet)
{
    packet->copies = 0;
    sim_put(&sim, direction_of(packet->from),
            &(struct sim_batch){&packet->from->address, 0, packet->data, packet->length,
                                packet->length},
            (int64_t)net->now * 1000);
    wake_up(net);
}

/* Delivers what is due. Returns false: net_until() calls it at each step. */
static bool deliver(net_t *net)
{
    struct delayed *due;

    for (unsigned d = 0; d < IMPAIR_DIRECTIONS; d++)
        while ((due = sim_take(&sim, d, (int64_t)net->now * 1000)) != NULL) {
            net_carry(net->nodes[d == IMPAIR_OUT ? 0 : 1], net->nodes[d == IMPAIR_OUT ? 1 : 0],
                      due->data, due->length, 0);
            free(due);
        }
    wake_up(net);
    return false;
}

static bool are_connected(net_t *net)
{
    deliver(net);
    return node_connected(net->nodes[0], net->nodes[1]) &&
           node_connected(net->nodes[1], net->nodes[0]);
}

static bool have_messages(net_t *net)
{
    deliver(net);
    return net->nodes[0]->message_count > 0 && net->nodes[1]->message_count > 0;
}

/* Starts a handshake through a network with these rules. */
static net_t *start(const char *spec, uint64_t seed)
{
    struct impair_config config = {.given = false};
    char item[IMPAIRSPEC_ITEM];
    node_t *client, *server;
    net_t *net = net_pair(seed, &client, &server);

    NOTE("%s, seed %llu", spec, (unsigned long long)seed);
    CHECK_STR(impairspec_parse(&config, spec, item), NULL);
    if (!config.seeded)
        config.seed = seed;
    sim_start(&sim, &config);
    sim.note = note;
    sim.hook = net;
    trace_length = 0;
    net_start(net);
    net_node(net, "clock");
    net->tap = impair;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    return net;
}

/* Data is not retransmitted: sends some until each end has received it. */
static void exchange(net_t *net)
{
    for (unsigned i = 0; !net_until(net, have_messages, 100); i++) {
        CHECK(i < 200);
        CHECK(node_write(net->nodes[0], net->nodes[1], "from the client") > 0);
        CHECK(node_write(net->nodes[1], net->nodes[0], "from the server") > 0);
    }
    CHECK_MEM(net->nodes[0]->messages[0].data, "from the server", 15);
    CHECK_MEM(net->nodes[1]->messages[0].data, "from the client", 15);
}

static void end(net_t *net)
{
    net_end(net);
    sim_discard(&sim);
}

static void complete(const char *spec, uint64_t seed)
{
    net_t *net = start(spec, seed);

    CHECK(net_until(net, are_connected, 120000));
    exchange(net);
    CHECK_EQ(node_ends(net->nodes[0]), 0);
    CHECK_EQ(node_ends(net->nodes[1]), 0);
    end(net);
}

/* ---- cases ---- */

EACH_VERSION(random_rules_with_many_seeds)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        complete("loss=20%", seed);
        complete("loss=10%,dup=10%,reorder=20%,delay=30ms,jitter=20ms", seed);
        complete("rate=20k,delay=in:100ms,loss=out:10%,mtu=1400", seed);
    }
}

/* Returns the number of datagrams that a direction has in a handshake without loss, with its tickets and ACKs. */
static uint64_t datagrams_of(enum impair_direction direction)
{
    net_t *net = start("delay=5ms", 7);

    CHECK(net_until(net, are_connected, 1000));
    net_until(net, deliver, 2000);
    uint64_t count = sim.ways[direction].counts.datagrams;
    end(net);
    CHECK(count >= 2);
    return count;
}

static void each_one(const char *format)
{
    static const char *const names[] = {"out:", "in:"};
    char spec[64];

    for (unsigned d = 0; d < IMPAIR_DIRECTIONS; d++)
        for (uint64_t k = datagrams_of(d); k > 0; k--) {
            snprintf(spec, sizeof spec, format, names[d], (int)k);
            complete(spec, 7);
            const struct sim_counts *counts = &sim.ways[d].counts;
            CHECK_EQ(counts->dropped[IMPAIR_DROP_EVENT] + counts->duplicated + counts->reordered,
                     1);
        }
}

EACH_VERSION(each_datagram_lost)
{
    each_one("delay=5ms,drop=%s%d");
}

EACH_VERSION(each_datagram_twice)
{
    each_one("delay=5ms,dup=%s%d");
}

EACH_VERSION(each_datagram_reordered)
{
    each_one("delay=5ms,reorder=%s%d");
}

/* Each run of lost datagrams at the beginning. */
EACH_VERSION(the_first_datagrams_lost)
{
    char spec[64];

    for (int k = 1; k <= 6; k++) {
        snprintf(spec, sizeof spec, "delay=5ms,drop=1-%d", k);
        complete(spec, 7);
    }
}

/* A record whose tag is corrupted is dropped. The session continues. */
EACH_VERSION(corrupted_data)
{
    net_t *net = start("delay=5ms", 7);
    node_t *client = net->nodes[0], *server = net->nodes[1];

    CHECK(net_until(net, are_connected, 1000));
    net_until(net, deliver, 1000);
    sim.config.rules[IMPAIR_OUT].chance[IMPAIR_CORRUPT] = IMPAIR_ALWAYS;
    for (unsigned i = 0; i < 50; i++)
        CHECK(node_write(client, server, "a message whose record is corrupted") > 0);
    net_until(net, deliver, 1000);
    CHECK_EQ(server->message_count, 0);
    CHECK(sim.ways[IMPAIR_OUT].counts.corrupted >= 50);
    sim.config.rules[IMPAIR_OUT].chance[IMPAIR_CORRUPT] = 0;
    exchange(net);
    CHECK_EQ(node_ends(server), 0);
    end(net);
}

static void record(unsigned number, uint64_t seed)
{
    run = number;
    net_t *net = start("loss=30%,dup=10%,reorder=10%,delay=20ms,jitter=10ms", seed);
    CHECK(net_until(net, are_connected, 120000));
    exchange(net);
    end(net);
    memset(trace[run] + trace_length, 0, sizeof trace[run] - trace_length * sizeof trace[run][0]);
}

static bool is_same(const entry_t *a, const entry_t *b)
{
    return a->at == b->at && a->number == b->number && a->length == b->length &&
           a->direction == b->direction && a->decision.drop == b->decision.drop &&
           a->decision.duplicate == b->decision.duplicate &&
           a->decision.reorder == b->decision.reorder &&
           a->decision.delay_us == b->decision.delay_us;
}

static bool is_same_trace(void)
{
    for (size_t i = 0; i < TRACE; i++)
        if (!is_same(&trace[0][i], &trace[1][i]))
            return false;
    return true;
}

EACH_VERSION(the_same_seed_repeats_the_run)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        record(0, seed);
        record(1, seed);
        CHECK(trace_length > 6);
        CHECK(is_same_trace());
        record(1, seed + 1000);
        CHECK(!is_same_trace());
    }
    run = 0;
}
