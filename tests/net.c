/*
 * net.c - the network and its clock.
 */
#include "net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { NET_START = 1000000, NET_SAME_INSTANT = 10000 };

typedef struct net_queued {
    struct net_queued *next;
    uint64_t at;
    node_t *from, *to;
    size_t length;
    uint8_t data[];
} net_queued_t;

uint64_t net_bits(net_t *net)
{
    uint64_t z = net->random += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

size_t net_random(net_t *net, size_t below)
{
    return (size_t)(net_bits(net) % below);
}

net_t *net_new(uint64_t seed)
{
    net_t *net = calloc(1, sizeof *net);

    net->seed = seed;
    net->random = seed * 0x2545f4914f6cdd1dU + 1;
    net->now = NET_START;
    return net;
}

/* ---- addresses ----------------------------------------------------------- */

void net_address(session_t *session, unsigned port)
{
    dtls_session_init(session);
    session->size = sizeof session->addr.sin;
    session->addr.sin.sin_family = AF_INET;
    session->addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    session->addr.sin.sin_port = htons((uint16_t)port);
}

unsigned net_port(const session_t *session)
{
    return ntohs(session->addr.sin.sin_port);
}

static node_t *node_at(const net_t *net, unsigned port)
{
    for (size_t i = 0; i < net->node_count; i++) {
        if (net_port(&net->nodes[i]->address) == port) {
            return net->nodes[i];
        }
    }
    return NULL;
}

/* Returns the sender's address with random values in all bytes that the library must not
 * compare. */
static session_t noisy_address(net_t *net, const session_t *address)
{
    session_t from = *address;

    if (from.addr.sa.sa_family == AF_INET) {
        uint64_t noise = net_bits(net);

        memcpy(from.addr.sin.sin_zero, &noise, sizeof noise);
        from.ifindex = (int)net_random(net, 8);
    }
    return from;
}

/* ---- the way of a datagram ----------------------------------------------- */

void net_carry(node_t *from, node_t *to, const uint8_t *data, size_t length, uint64_t delay)
{
    net_queued_t **place = &to->net->queue;
    net_queued_t *queued = malloc(sizeof(*queued) + length);

    queued->at = to->net->now + delay;
    queued->from = from;
    queued->to = to;
    queued->length = length;
    memcpy(queued->data, data, length);
    while (*place && (*place)->at <= queued->at) {
        place = &(*place)->next;
    }
    queued->next = *place;
    *place = queued;
}

static bool percent(net_t *net, unsigned chance)
{
    return chance && net_random(net, 100) < chance;
}

static void forward(net_t *net, net_packet_t *packet)
{
    const node_t *from = packet->from;

    packet->copies = percent(net, from->loss) ? 0 : 1;
    if (packet->copies && percent(net, from->duplicate)) {
        packet->copies = 2;
    }
    packet->delay = from->delay;
    if (net->tap) {
        net->tap(net, packet);
    }
    if (!packet->to)
        return;
    for (size_t i = 0; i < packet->copies; i++) {
        uint64_t extra =
            percent(net, from->reorder) ? 1 + net_random(net, (size_t)from->reorder_ms) : 0;

        net_carry(packet->from, packet->to, packet->data, packet->length, packet->delay + extra);
    }
}

static void record_packet(net_t *net, const net_packet_t *packet)
{
    net_packet_t *stored;

    if ((net->packet_count & (net->packet_count + 1)) == 0) {
        net->packets = realloc(net->packets, (2 * net->packet_count + 2) * sizeof *net->packets);
    }
    stored = &net->packets[net->packet_count++];
    *stored = *packet;
    stored->data = malloc(packet->length ? packet->length : 1);
    memcpy(stored->data, packet->data, packet->length);
}

int net_send(node_t *from, const session_t *to, const uint8_t *data, size_t length)
{
    net_t *net = from->net;
    net_packet_t packet = {.from = from, .port = net_port(to), .at = net->now};

    if (from->refuse_writes) {
        return -1;
    }
    packet.to = node_at(net, packet.port);
    packet.index = net->packet_count;
    packet.data = malloc(length ? length : 1);
    packet.length = length;
    memcpy(packet.data, data, length);
    record_packet(net, &packet);
    from->sent++;
    from->sent_bytes += length;
    forward(net, &packet);
    free(packet.data);
    return (int)length;
}

int net_inject(node_t *to, const session_t *from, const uint8_t *data, size_t length)
{
    session_t session = noisy_address(to->net, from);
    uint8_t *copy = malloc(length ? length : 1);
    int result;

    memcpy(copy, data, length);
    result = dtls_handle_message(to->ctx, &session, copy, (int)length);
    free(copy);
    return result;
}

/* ---- time ---------------------------------------------------------------- */

/* Returns the next instant at which a node or the network has something to do, or UINT64_MAX. */
static uint64_t next_instant(const net_t *net)
{
    uint64_t next = net->queue ? net->queue->at : UINT64_MAX;

    for (size_t i = 0; i < net->node_count; i++) {
        int wait = net->nodes[i]->ctx ? dtls_next_timeout(net->nodes[i]->ctx) : -1;

        if (net->nodes[i]->ctx) {
            node_check_timers(net->nodes[i]);
        }
        if (wait >= 0 && net->now + (unsigned)wait < next) {
            next = net->now + (unsigned)wait;
        }
    }
    return next;
}

static void deliver_due(net_t *net)
{
    while (net->queue && net->queue->at <= net->now) {
        net_queued_t *due = net->queue;

        net->queue = due->next;
        if (due->to->ctx) {
            net_inject(due->to, &due->from->address, due->data, due->length);
        }
        free(due);
    }
}

static void step(net_t *net)
{
    deliver_due(net);
    for (size_t i = 0; i < net->node_count; i++) {
        dtls_context_t *ctx = net->nodes[i]->ctx;

        if (ctx && dtls_next_timeout(ctx) == 0) {
            dtls_check_retransmit(ctx, NULL);
        }
    }
}

bool net_until(net_t *net, bool (*done)(net_t *net), uint64_t ms)
{
    uint64_t limit = net->now + ms;
    unsigned same = 0;

    while (!(done && done(net))) {
        uint64_t next = next_instant(net);

        if (next > limit) {
            net->now = limit;
            return false;
        }
        same = next == net->now ? same + 1 : 0;
        if (same > NET_SAME_INSTANT) {
            net->stuck = true;
            return false;
        }
        net->now = next;
        step(net);
    }
    return true;
}

void net_run(net_t *net, uint64_t ms)
{
    net_until(net, NULL, ms);
}

void net_calm(net_t *net)
{
    net->tap = NULL;
    for (size_t i = 0; i < net->node_count; i++) {
        node_t *node = net->nodes[i];

        node->loss = node->duplicate = node->reorder = 0;
    }
}

/* ---- the end ------------------------------------------------------------- */

static void free_queue(net_t *net)
{
    while (net->queue) {
        net_queued_t *first = net->queue;

        net->queue = first->next;
        free(first);
    }
}

static void forget_packets(net_t *net)
{
    for (size_t i = 0; i < net->packet_count; i++) {
        free(net->packets[i].data);
    }
    free(net->packets);
    net->packets = NULL;
    net->packet_count = 0;
}

static void node_forget(node_t *node)
{
    for (size_t i = 0; i < node->event_count; i++) {
        CHECK(node->events[i].info_ok);
    }
    for (size_t i = 0; i < node->message_count; i++) {
        free(node->messages[i].data);
    }
    free(node->messages);
    free(node->records);
    free(node->events);
    node->messages = NULL;
    node->records = NULL;
    node->events = NULL;
    node->message_count = node->record_count = node->event_count = 0;
}

void net_forget(net_t *net)
{
    forget_packets(net);
    for (size_t i = 0; i < net->node_count; i++) {
        node_forget(net->nodes[i]);
    }
}

static void node_end(node_t *node)
{
    if (node->ctx) {
        dtls_free_context(node->ctx);
    }
    node->ctx = NULL;
    CHECK(node->live == 0);
    CHECK(node->unwiped == 0);
    CHECK(node->overrun == 0);
    node_forget(node);
}

void net_end(net_t *net)
{
    CHECK(!net->stuck);
    for (size_t i = 0; i < net->node_count; i++) {
        node_end(net->nodes[i]);
    }
    for (size_t i = 0; i < net->node_count; i++) {
        free(net->nodes[i]);
    }
    free_queue(net);
    forget_packets(net);
    free(net);
}
