/*
 * time.c - deadlines: dtls_next_timeout, dtls_check_retransmit, idle_ms.
 */
#include "net.h"

#include <time.h>

/* Checks that dtls_next_timeout() and dtls_check_retransmit() name the same instant. */
static void check_agreement(const net_t *net, node_t *node)
{
    dtls_tick_t next = 1;
    int wait;

    dtls_check_retransmit(node->ctx, &next);
    wait = dtls_next_timeout(node->ctx);
    if (next == 0) {
        CHECK_EQ(wait, -1);
    } else {
        CHECK(next > net->now);
        CHECK_EQ(wait, (long long)(next - net->now));
    }
}

EACH_VERSION(relative_and_absolute_deadline_agree)
{
    node_t *client, *server;
    net_t *net = net_pair(3, &client, &server);

    client->config.idle_ms = server->config.idle_ms = 5000;
    client->loss = server->loss = 30;
    client->delay = server->delay = 3;
    net_start(net);
    check_agreement(net, client);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    for (unsigned i = 0; i < 20000; i++) {
        net_run(net, 1);
        check_agreement(net, client);
        check_agreement(net, server);
    }
    net_end(net);
}

EACH_VERSION(nothing_is_planned_without_peers)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_tick_t next = 1;

    net_start(net);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    dtls_check_retransmit(client->ctx, &next);
    CHECK_EQ(next, 0);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    CHECK_EQ(dtls_next_timeout(client->ctx), 400);
    net->now += 150;
    CHECK_EQ(dtls_next_timeout(client->ctx), 250);
    net->now += 1000;
    CHECK_EQ(dtls_next_timeout(client->ctx), 0);
    dtls_check_retransmit(client->ctx, NULL);
    CHECK_EQ(client->sent, 2);
    CHECK(dtls_next_timeout(client->ctx) > 0);
    net_run(net, 1000);
    CHECK(node_connected(client, server));
    net_run(net, 600000);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 600000);
    CHECK_EQ(dtls_next_timeout(client->ctx), -1);
    net_end(net);
}

/* A caller that calls late, or a clock that jumps by a day, causes one retransmission and no
 * more. */
EACH_VERSION(late_caller_causes_no_burst)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.handshake_ms = 100000000;
    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net->now += 86400000;
    dtls_check_retransmit(client->ctx, NULL);
    dtls_check_retransmit(client->ctx, NULL);
    CHECK_EQ(client->sent, 2);
    net_end(net);
}

EACH_VERSION(idle_peers_end)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint64_t last_received;

    server->config.idle_ms = 10000;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    for (unsigned i = 0; i < 5; i++) {
        net_run(net, 9000);
        CHECK(node_write(client, server, "awake") > 0);
        net_run(net, 0);
    }
    last_received = net->now;
    CHECK_EQ(node_ends(server), 0);
    for (unsigned i = 0; i < 3; i++) {
        net_run(net, 2500);
        node_write(server, client, "what we send does not count");
    }
    net_run(net, 5000);
    CHECK_EQ(node_ends(server), 1);
    CHECK_EQ(node_last_end(server)->code, DTLS_EVENT_TIMEOUT);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_IDLE);
    CHECK_EQ(node_last_end(server)->at, last_received + 10000);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
    /* the client has received the close_notify */
    CHECK_EQ(node_events(client, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

EACH_VERSION(forged_records_do_not_keep_a_peer_awake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint8_t forged[] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 1, 0, 0, 24, 1, 2, 3, 4, 5, 6,
                        7,  8,    9,    1, 2, 3, 4, 5, 6, 7, 8, 9, 1,  2, 3, 4, 5, 6};

    server->config.idle_ms = 1000;
    net_start(net);
    CHECK(net_connect(client, server, 500));
    for (unsigned i = 0; i < 20; i++) {
        net_run(net, 100);
        net_inject(server, &client->address, forged, sizeof(forged));
    }
    CHECK_EQ(node_events(server, DTLS_EVENT_TIMEOUT), 1);
    net_end(net);
}

/* A deadline that is too far away for an int of ms is not treated as past. */
EACH_VERSION(longest_timers_do_not_overflow)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.timer_ms = client->config.timer_min_ms = client->config.timer_max_ms =
        UINT32_MAX;
    client->config.handshake_ms = client->config.idle_ms = UINT32_MAX;
    client->loss = 100;
    if (node_start(client)) {
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        CHECK(dtls_next_timeout(client->ctx) > 1000000000);
        dtls_check_retransmit(client->ctx, NULL);
        CHECK_EQ(client->sent, 1);
    }
    net_end(net);
}

static uint64_t system_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Compares the default clock with readings of the system's clock just inside and just outside
 * its interval. */
EACH_VERSION(default_clock_moves_in_ms)
{
    dtls_tick_t before = 0, after = 0;
    uint64_t outer = system_ms(), inner, passed;

    dtls_ticks(&before);
    inner = system_ms();
    CHECK(before > 0);
    while ((passed = system_ms()) < inner + 20) {
        dtls_ticks(&after);
        CHECK(after >= before);
    }
    dtls_ticks(&after);
    CHECK(after - before + 1 >= passed - inner);
    CHECK(after - before <= system_ms() - outer + 1);
}

EACH_VERSION(handshake_duration_counts_waiting)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_info_t info;

    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 399);
    client->loss = 0;
    net_run(net, 1);
    CHECK(node_connected(client, server));
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
    CHECK_EQ(info.handshake_ms, 400);
    net_end(net);
}

/* dtls_set_timer(): a running timer changes in proportion, and respects the maximum. */
EACH_VERSION(changed_timer_rescales_those_that_run)
{
    static const struct {
        uint32_t timer;
        uint64_t expected; /* the time left, after 100 of 400 ms */
    } rows[] = {{400, 300}, {800, 700}, {50, 0}, {60000, 59900}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(i, &client, &server);

        NOTE("%u ms", rows[i].timer);
        client->loss = 100;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 100);
        CHECK_EQ(dtls_set_timer(client->ctx, rows[i].timer), 0);
        CHECK_EQ(dtls_next_timeout(client->ctx), rows[i].expected);
        CHECK(dtls_set_timer(client->ctx, 60001) < 0);
        net_end(net);
    }
}

/* A client has connected, then restarted: the timer of its second handshake changes, too. */
EACH_VERSION(changed_timer_rescales_that_of_a_new_handshake)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net_run(net, 300000);
    node_crash(client);
    CHECK(node_start(client));
    server->loss = 100;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 100);
    CHECK_EQ(dtls_next_timeout(server->ctx), 300);
    CHECK_EQ(dtls_set_timer(server->ctx, 800), 0);
    CHECK_EQ(dtls_next_timeout(server->ctx), 700);
    net_end(net);
}
