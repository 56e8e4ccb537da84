/* The socket of the tool with a simulated network: batches, delayed datagrams, and the end. */
#include "net/socket.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "net/impairspec.h"
#include "test.h"

enum { PATIENCE_MS = 100000, LENGTH = 1000 };

static struct net listener = {.fd = -1}, caller = {.fd = -1};
static struct sim sim;
static session_t unspecified;

static void impair(struct net *net, const char *spec)
{
    struct impair_config config = {.given = false};
    char item[IMPAIRSPEC_ITEM];

    CHECK_STR(impairspec_parse(&config, spec, item), NULL);
    sim_start(&sim, &config);
    net->sim = &sim;
}

/* Connects the two sockets. */
static void pair(void)
{
    const struct net_config any = {.host = "127.0.0.1"};
    char host[256];

    net_close(&caller);
    net_close(&listener);
    memset(&caller, 0, sizeof caller);
    memset(&listener, 0, sizeof listener);
    CHECK_EQ(net_listen(&listener, &any), 0);
    const struct net_config to = {.host = "127.0.0.1",
                                  .port = net_local(&listener, host, sizeof host)};
    CHECK_EQ(net_resolve(&caller, &to), 0);
    CHECK_EQ(net_connect_next(&caller, &to), 0);
}

/* Sends datagrams whose bytes are their number, from 1, as one batch. */
static void send_batch(unsigned count)
{
    static uint8_t data[DTLS_MAX_BUF];

    for (unsigned i = 0; i < count; i++)
        memset(data + i * LENGTH, (int)i + 1, LENGTH);
    net_send_batch(&caller, &unspecified, data, count * LENGTH, LENGTH);
}

static void send_one(uint8_t number)
{
    uint8_t data[LENGTH];

    memset(data, number, sizeof data);
    net_send(&caller, &unspecified, data, sizeof data);
}

/* Waits until net_next() has something to return. */
static void await_datagram(void)
{
    struct pollfd ready = {.fd = listener.fd, .events = POLLIN};

    while (!net_has_more(&listener)) {
        int64_t due_us = net_arrival_us(&listener), now_us = clock_us();
        int wait_ms = due_us == CLOCK_NEVER ? PATIENCE_MS
                      : due_us > now_us     ? (int)((due_us - now_us) / 1000) + 1
                                            : 0;
        CHECK(poll(&ready, 1, wait_ms) >= 0);
        net_receive(&listener);
    }
}

/* Receives datagrams, and compares their numbers with expected. */
static void check_received(const char *expected)
{
    char found[64] = "";
    uint8_t *data;

    for (size_t count = 0; count < strlen(expected);) {
        await_datagram();
        struct batch *in = net_next(&listener);
        while (batch_next(in, &data) > 0) {
            CHECK(data[0] == data[LENGTH - 1]);
            found[count++] = (char)('0' + data[0]);
            found[count] = '\0';
        }
    }
    CHECK_STR(found, expected);
    net_receive(&listener);
    CHECK(net_next(&listener) == NULL);
}

/* Without a delay, those that are not dropped are one batch again. */
TEST(each_datagram_of_a_sent_batch_is_decided_singly)
{
    pair();
    impair(&caller, "drop=out:2-3,dup=out:5");
    send_batch(6);
    net_flush(&caller);
    check_received("14556");
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.datagrams, 6);
    CHECK_EQ(caller.write_failed, 0);
}

TEST(each_datagram_of_a_received_batch_is_decided_singly)
{
    pair();
    impair(&listener, "drop=in:2,dup=in:3,reorder=in:5");
    send_batch(6);
    net_flush(&caller);
    check_received("133465");
    CHECK_EQ(sim.ways[IMPAIR_IN].counts.datagrams, 6);
}

TEST(more_datagrams_than_one_call_returns)
{
    pair();
    impair(&listener, "dup=in:100%");
    send_batch(9);
    send_batch(9);
    send_batch(9);
    net_flush(&caller);
    check_received("112233445566778899112233445566778899112233445566778899");
}

TEST(a_delayed_datagram_is_sent_when_it_is_due)
{
    pair();
    CHECK_EQ(net_departure_us(&caller), CLOCK_NEVER);
    impair(&caller, "delay=50s");
    CHECK_EQ(net_departure_us(&caller), CLOCK_NEVER);
    int64_t before = clock_us();
    send_one(1);
    send_one(2);
    net_flush(&caller);
    int64_t due = net_departure_us(&caller);
    CHECK(due >= before + 50000000 && due <= clock_us() + 50000000);
    net_release(&caller, due - 1);
    net_flush(&caller);
    CHECK_EQ(net_departure_us(&caller), due);
    net_receive(&listener);
    CHECK(!net_has_more(&listener));
    net_release(&caller, due + 50000000);
    net_flush(&caller);
    CHECK_EQ(net_departure_us(&caller), CLOCK_NEVER);
    check_received("12");
}

TEST(a_delayed_datagram_arrives_when_it_is_due)
{
    pair();
    CHECK_EQ(net_arrival_us(&listener), CLOCK_NEVER);
    impair(&listener, "delay=in:20ms,reorder=in:1");
    send_batch(3);
    net_flush(&caller);
    check_received("213");
    CHECK_EQ(net_arrival_us(&listener), CLOCK_NEVER);
}

/* Datagrams to the old address must not be sent to another one. */
TEST(a_closed_socket_discards_what_is_delayed)
{
    pair();
    impair(&caller, "delay=50s");
    send_batch(3);
    net_close(&caller);
    caller.found = caller.own = NULL;
    CHECK_EQ(net_departure_us(&caller), CLOCK_NEVER);
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.dropped[IMPAIR_DROP_QUEUE], 3);
}

/* The number of application messages is reported, as without a simulated network. */
static size_t unsent;

static void count_unsent(void *hook, const session_t *to, size_t messages)
{
    (void)hook, (void)to;
    unsent += messages;
}

TEST(a_delayed_message_that_cannot_be_sent_is_reported)
{
    static uint8_t data[DTLS_MAX_BUF];

    pair();
    impair(&caller, "delay=1s");
    caller.unsent = count_unsent;
    caller.message = true;
    net_send(&caller, &unspecified, data, 65508); /* longer than UDP permits */
    CHECK(!caller.message);
    net_send(&caller, &unspecified, data, 65508);
    CHECK_EQ(unsent, 0);
    net_release(&caller, CLOCK_NEVER);
    net_flush(&caller);
    CHECK_EQ(unsent, 1);
    CHECK_EQ(caller.write_failed, 2);
}
