/*
 * order.c - every order in which the datagrams of a flight, or its single records, can arrive.
 */
#include "wire.h"

#include <string.h>

enum { MOST = 6, ORDERS = 720 };

typedef struct {
    unsigned order; /* index of the permutation */
    const node_t *from;
    uint64_t at;
    size_t nth; /* the number of the next datagram of this flight */
    bool split, twice;
} shuffle_t;

/* Returns the position of the nth of MOST items in a permutation, by the factorial number
 * system. */
static unsigned place(unsigned order, size_t nth)
{
    unsigned left[MOST] = {0, 1, 2, 3, 4, 5}, picked = 0;

    for (unsigned size = MOST; nth < MOST; size--) {
        unsigned digit = order % size;

        order /= size;
        picked = left[digit];
        memmove(left + digit, left + digit + 1, (size - digit - 1) * sizeof(*left));
        if (nth-- == 0) {
            return picked;
        }
    }
    return MOST;
}

static void carry(const shuffle_t *shuffle, net_packet_t *packet, const uint8_t *data,
                  size_t length, size_t nth)
{
    uint64_t delay = 5 + place(shuffle->order, nth);

    net_carry(packet->from, packet->to, data, length, delay);
    if (shuffle->twice) {
        net_carry(packet->from, packet->to, data, length, 5 + 2 * MOST - delay);
    }
}

static void shuffle_flight(net_t *net, net_packet_t *packet)
{
    shuffle_t *shuffle = net->user;
    wire_record_t record;

    if (packet->from != shuffle->from || packet->at != shuffle->at) {
        shuffle->nth = 0;
    }
    shuffle->from = packet->from;
    shuffle->at = packet->at;
    packet->copies = 0;
    if (!shuffle->split) {
        carry(shuffle, packet, packet->data, packet->length, shuffle->nth++);
        return;
    }
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        carry(shuffle, packet, record.raw, record.raw_length, shuffle->nth++);
    }
}

static void complete(unsigned order, bool split, bool twice, size_t length)
{
    static uint8_t text[1024];
    shuffle_t shuffle = {.order = order, .split = split, .twice = twice};
    node_t *client, *server;
    net_t *net = net_pair(order, &client, &server);

    NOTE("order %u, %s, %s, %zu bytes of identity and hint", order, split ? "records" : "datagrams",
         twice ? "twice" : "once", length);
    memset(text, 'o', sizeof(text));
    client->identity = server->identity = server->hint = text;
    client->identity_length = server->identity_length = server->hint_length = length;
    client->config.mtu = server->config.mtu = net_version == DTLS12 ? 256 : 1232;
    net_start(net);
    net->tap = shuffle_flight;
    net->user = &shuffle;
    /* Reordering alone costs at most one retransmission. */
    CHECK(net_connect(client, server, 1500));
    net_calm(net);
    net_run(net, 2000);
    CHECK(net_echo(client, server));
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 1);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 1);
    net_end(net);
}

static void all_orders(bool split, bool twice)
{
    for (unsigned order = 0; order < ORDERS; order++) {
        complete(order, split, twice, 15);
        complete(order, split, twice, 600);
    }
}

EACH_VERSION(datagrams_of_a_flight_in_every_order)
{
    all_orders(false, false);
}

EACH_VERSION(datagrams_of_a_flight_in_every_order_twice)
{
    all_orders(false, true);
}

EACH_VERSION(records_of_a_flight_in_every_order)
{
    all_orders(true, false);
}

EACH_VERSION(records_of_a_flight_in_every_order_twice)
{
    all_orders(true, true);
}

/* Early and reordered messages are buffered: no timer expires. */
EACH_VERSION(finished_before_its_keys_needs_no_timer)
{
    for (unsigned order = 0; order < ORDERS; order++) {
        shuffle_t shuffle = {.order = order, .split = true};
        node_t *client, *server;
        net_t *net = net_pair(order, &client, &server);

        client->config.timer_min_ms = client->config.timer_ms = 9000;
        server->config.timer_min_ms = server->config.timer_ms = 9000;
        net_start(net);
        net->tap = shuffle_flight;
        net->user = &shuffle;
        NOTE("order %u", order);
        CHECK(net_connect(client, server, 8000));
        net_end(net);
    }
}
