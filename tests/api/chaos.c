/*
 * chaos.c - random calls of all functions on a few contexts at once, also from inside callbacks.
 * The network loses, duplicates and reorders datagrams, and allocations fail. Memory must stay
 * valid, no timer may stall, and no association may end twice.
 */
#include "net.h"

#include <string.h>

enum { SEEDS = 500, STEPS = 150, NODES = 4 };

static unsigned depth;

static node_t *any_node(net_t *net)
{
    return net->nodes[net_random(net, net->node_count)];
}

static void write_something(node_t *node, session_t *peer)
{
    static const size_t lengths[] = {0, 1, 20, 200, 1195, 1300, 20000};
    static uint8_t data[20000];
    size_t length = lengths[net_random(node->net, sizeof(lengths) / sizeof(*lengths))];
    size_t most = dtls_max_payload(node->ctx, peer);
    int result = dtls_write(node->ctx, peer, data, length);

    CHECK(result <= 0 || (result == (int)length && length <= most));
}

static void look_around(node_t *node, session_t *peer)
{
    dtls_info_t info;
    dtls_stats_t stats;
    bool known = dtls_get_peer(node->ctx, peer) != NULL;

    CHECK_EQ(dtls_get_info(node->ctx, peer, &info) == 0, known);
    CHECK_EQ(dtls_get_stats(node->ctx, peer, &stats) == 0, known);
    CHECK(dtls_next_timeout(node->ctx) >= -1);
}

static void replay_something(node_t *node)
{
    net_t *net = node->net;

    if (net->packet_count > 0) {
        net_packet_t packet = net->packets[net_random(net, net->packet_count)];

        net_inject(node, &packet.from->address, packet.data, packet.length);
    }
}

static void forge_something(node_t *node, const session_t *peer)
{
    uint8_t junk[100] = {0};
    net_t *net = node->net;

    for (size_t i = 0; i < sizeof(junk); i++) {
        junk[i] = (uint8_t)net_random(net, i < 26 ? 30 : 256);
    }
    junk[0] = (uint8_t)(20 + net_random(net, 4));
    junk[1] = 0xfe;
    junk[2] = 0xfd;
    junk[3] = 0;
    net_inject(node, peer, junk, net_random(net, sizeof(junk)));
}

static void do_something(node_t *node)
{
    net_t *net = node->net;
    session_t peer = any_node(net)->address;
    dtls_peer_t *known = dtls_get_peer(node->ctx, &peer);

    switch (net_random(net, 16)) {
    case 0:
    case 1:
    case 2: dtls_connect(node->ctx, &peer); break;
    case 3:
    case 4:
    case 5:
    case 6: write_something(node, &peer); break;
    case 7: dtls_close(node->ctx, &peer); break;
    case 8:
        if (known) {
            dtls_reset_peer(node->ctx, known);
        }
        break;
    case 9: dtls_set_mtu(node->ctx, &peer, 200 + net_random(net, 2000)); break;
    case 10: dtls_check_retransmit(node->ctx, NULL); break;
    case 11: replay_something(node); break;
    case 12: forge_something(node, &peer); break;
    case 13: node->refuse_writes = net_random(net, 5) == 0; break;
    case 14: node->fail_at = node->allocations + 1 + net_random(net, 10); break;
    default: look_around(node, &peer); break;
    }
    node_check_timers(node);
}

/* Makes a random call from inside a callback. It does so less often, and only to a limited
 * depth. */
static void do_something_inside(node_t *node)
{
    if (depth < 3 && net_random(node->net, 6) == 0) {
        depth++;
        do_something(node);
        depth--;
    }
}

static int on_read(node_t *node, session_t *peer, uint8_t *data, size_t length)
{
    (void)peer;
    (void)data;
    (void)length;
    do_something_inside(node);
    return 0;
}

static int on_event(node_t *node, session_t *peer, int level, unsigned code)
{
    (void)peer;
    (void)level;
    (void)code;
    do_something_inside(node);
    return 0;
}

static void on_write(node_t *node, session_t *peer)
{
    (void)peer;
    do_something_inside(node);
}

/* Reads all memory that the callback is passed. */
static void on_trace(void *hook, const dtls_trace_t *trace)
{
    node_t *node = hook;
    uint8_t sum = 0;

    for (size_t i = 0; trace->data && i < trace->length; i++) {
        sum = (uint8_t)(sum + trace->data[i]);
    }
    node->user = (void *)((uintptr_t)trace->session->size + sum);
}

static void set_up(net_t *net, size_t n)
{
    static uint8_t identity[300];
    node_t *node = net_node(net, "node");
    uint64_t pick = net_random(net, 64);

    memset(identity, 'c', sizeof(identity));
    node->identity = identity;
    node->identity_length = sizeof(identity);
    node->config.cookie = (dtls_cookie_t)(pick % 3);
    node->config.mtu = pick & 8 ? 256 : 1232;
    node->config.idle_ms = pick & 16 ? 3000 : 0;
    node->config.max_peers = pick & 32 ? 2 : 8;
    node->config.max_half_open = 1 + n;
    node->config.handshake_ms = 5000;
    node->config.trace = on_trace;
    node->loss = (unsigned)net_random(net, 40);
    node->duplicate = node->reorder = 15;
    node->delay = net_random(net, 3);
    node->on_read = on_read;
    node->on_event = on_event;
    node->on_write = on_write;
    CHECK(node_start(node));
}

static void check_ends(const net_t *net)
{
    for (size_t i = 0; i < net->node_count; i++) {
        const node_t *node = net->nodes[i];

        CHECK(node_ends(node) <= node_events(node, DTLS_EVENT_CONNECT));
        CHECK(node_events(node, DTLS_EVENT_CONNECTED) <= node_events(node, DTLS_EVENT_CONNECT));
        for (size_t k = 0; k < node->message_count; k++) {
            CHECK(node->messages[k].length <= 20000);
        }
    }
}

static void live(unsigned seed)
{
    net_t *net = net_new(seed);

    NOTE("seed %u", seed);
    depth = 0;
    for (size_t n = 0; n < NODES; n++) {
        set_up(net, n);
    }
    for (unsigned step = 0; step < STEPS; step++) {
        do_something(any_node(net));
        net_run(net, net_random(net, 3) ? net_random(net, 5) : net_random(net, 700));
    }
    net_run(net, 20000);
    depth = 3; /* no more random calls */
    net_run(net, 100000);
    check_ends(net);
    net_end(net);
}

EACH_VERSION(chaos)
{
    for (unsigned seed = 1; seed <= test_seeds(SEEDS); seed++) {
        live(seed);
    }
}
