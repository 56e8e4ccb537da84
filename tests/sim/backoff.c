/*
 * backoff.c - how often a lost flight of a handshake is retransmitted, and how long handshakes take
 * on paths that lose datagrams.
 */
#include "lossy.h"
#include "wire.h"

enum { LIMIT = 60000, STEADY = 1000, STEADY_TIMEOUTS = 24, FIRST_TIMERS = 3 };
/* 25 at intervals of at most 1 s, the others 2, 4, 8, 16 and so on seconds apart. */
enum { TRANSMISSIONS = 30 };

/* ---- the schedule ---- */

typedef struct {
    const node_t *from;
    size_t let_through, lost; /* datagrams of `from`: first those that arrive */
} loss_t;

static void lose_from(net_t *net, net_packet_t *packet)
{
    loss_t *loss = net->user;

    if (packet->from != loss->from)
        return;
    if (loss->let_through > 0) {
        loss->let_through--;
    } else if (loss->lost > 0) {
        loss->lost--;
        packet->copies = 0;
    }
}

/* Checks when a node sent its datagrams from number `first` on: at intervals of the first timer,
 * which doubles up to the steady timer, and to 60 s after 24 time-outs. Returns how many the node
 * sent. */
static size_t check_schedule(const node_t *node, size_t first, uint64_t timer,
                             unsigned first_timers)
{
    const net_t *net = node->net;
    uint64_t steady = timer > STEADY ? timer : STEADY, due = 0;
    size_t n = 0;

    for (size_t i = 0; i < net->packet_count; i++) {
        if (net->packets[i].from != node || n++ < first)
            continue;
        size_t sends = n - first;
        if (sends == 1)
            due = net->packets[i].at;
        NOTE("first timer %u ms, transmission %zu", (unsigned)timer, sends);
        CHECK_EQ(net->packets[i].at, due);
        due += timer;
        uint64_t cap = sends > STEADY_TIMEOUTS ? 60000 : steady;
        if (sends >= first_timers || sends > STEADY_TIMEOUTS)
            timer = timer * 2 < cap ? timer * 2 : cap;
    }
    CHECK(n > first);
    CHECK(due >= net->now);
    return n - first;
}

/* The client's datagrams are lost, but for the first ones. */
static size_t client_sends(uint64_t round_trip, size_t let_through, uint64_t timer, unsigned times)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    loss_t loss = {.let_through = let_through, .lost = SIZE_MAX};

    loss.from = client;
    client->delay = round_trip / 2;
    server->delay = round_trip - client->delay;
    if (let_through == 0)
        client->config.timer_ms = (uint32_t)timer;
    server->config.timer_ms = server->config.timer_min_ms = 60000;
    net_start(net);
    net->tap = lose_from;
    net->user = &loss;
    CHECK(!net_connect(client, server, LIMIT));
    size_t sends = check_schedule(client, let_through, timer, times);
    net_end(net);
    return sends;
}

EACH_VERSION(first_hello)
{
    CHECK_EQ(client_sends(1, 0, 400, 1), TRANSMISSIONS);
    CHECK_EQ(client_sends(1, 0, 1000, 1), TRANSMISSIONS);
    client_sends(1, 0, 9000, 1);
}

EACH_VERSION(hello_with_cookie)
{
    CHECK_EQ(client_sends(1, 1, 100, FIRST_TIMERS), TRANSMISSIONS);
    client_sends(80, 1, 160, FIRST_TIMERS);
    client_sends(390, 1, 780, FIRST_TIMERS);
}

EACH_VERSION(client_finished)
{
    CHECK_EQ(client_sends(1, 2, 100, FIRST_TIMERS), TRANSMISSIONS);
}

/* The server has not measured a round trip. */
EACH_VERSION(server_hello)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    loss_t loss = {.let_through = 2, .lost = SIZE_MAX};

    loss.from = client;
    client->config.timer_ms = client->config.timer_min_ms = 60000;
    net_start(net);
    net->tap = lose_from;
    net->user = &loss;
    CHECK(!net_connect(client, server, LIMIT));
    CHECK_EQ(check_schedule(server, 1, 400, 1), TRANSMISSIONS);
    net_end(net);
}

/* A post-handshake message has no such limit in time: its timer doubles each time. */
TEST(ticket)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    loss_t loss = {.let_through = 3, .lost = SIZE_MAX};
    size_t before;

    loss.from = client;
    client->config.only_version = server->config.only_version = DTLS13;
    server->config.tickets = true;
    net_start(net);
    net->tap = lose_from;
    net->user = &loss;
    CHECK(net_connect(client, server, LIMIT));
    before = server->sent;
    net_run(net, LIMIT);
    CHECK_EQ(server->sent - before, 9); /* 100 ms, doubling, until 51.1 s */
    net_end(net);
}

static void lose_first_hello_and_all_with_cookie(net_t *net, net_packet_t *packet)
{
    const loss_t *loss = net->user;

    if (packet->from == loss->from && (packet->index == 0 || packet->index > 2))
        packet->copies = 0;
}

/* The response copies the record number of the second ClientHello, so the round trip is known. */
EACH_VERSION(round_trip_is_measured_after_a_loss)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    loss_t loss = {.let_through = 0};

    loss.from = client;
    net_start(net);
    net->tap = lose_first_hello_and_all_with_cookie;
    net->user = &loss;
    CHECK(!net_connect(client, server, 1000));
    CHECK_EQ(net->packets[1].at - net->packets[0].at, 400);
    CHECK_EQ(net->packets[4].at - net->packets[3].at, 100);
    net_end(net);
}

/* ---- an attacker ---- */

static void lose_client(net_t *net, net_packet_t *packet)
{
    if (packet->from == net->user)
        packet->copies = 0;
}

static void forge_hello_verify(node_t *client, const node_t *server, uint16_t cookie)
{
    const uint8_t body[] = {0xfe, 0xff, 2, (uint8_t)(cookie >> 8), (uint8_t)cookie};
    const wire_message_t message = {
        .type = HELLO_VERIFY_REQUEST, .total = sizeof body, .length = sizeof body, .body = body};
    wire_t forged = {.length = 0};

    wire_put_fragment(&forged, client->sent - 1, &message);
    net_inject(client, &server->address, forged.data, forged.length);
}

/* Each forged HelloVerifyRequest asks for another cookie and feigns a short round trip. The client
 * sends each ClientHello and the first one, and each time-out allows one more cookie. */
TEST(forged_cookies_cause_a_bounded_number_of_datagrams)
{
    const uint16_t versions[] = {DTLS12, BOTH_VERSIONS};

    for (size_t i = 0; i < 2; i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        client->config.only_version = versions[i];
        net_start(net);
        net->tap = lose_client;
        net->user = client;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        for (uint16_t n = 0; n < LIMIT / 10; n++) {
            forge_hello_verify(client, server, n);
            net_run(net, 10);
        }
        CHECK_EQ(node_ends(client), 1);
        NOTE("%zu datagrams", client->sent);
        CHECK(client->sent <= 3 * TRANSMISSIONS + 8);
        net_end(net);
    }
}

/* ---- loss is not a wrong key ---- */

/* The server resends its flight, but no copy of the client's Finished has reached it. */
TEST(nine_lost_copies_of_finished)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    loss_t loss = {.let_through = 2, .lost = 9};

    loss.from = client;
    client->config.timer_ms = client->config.timer_min_ms = 1000;
    server->config.timer_ms = server->config.timer_min_ms = 2000;
    net_start(net);
    net->tap = lose_from;
    net->user = &loss;
    CHECK(net_connect(client, server, LIMIT));
    CHECK_EQ(loss.lost, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* ---- how long handshakes take ---- */

typedef void (*configure_t)(node_t *client, node_t *server);

static lossy_result_t on_path(uint16_t version, uint64_t round_trip, unsigned loss,
                              configure_t configure)
{
    const lossy_t path = {.version = version,
                          .cookie = DTLS_COOKIE_ON,
                          .round_trip = round_trip,
                          .loss = loss,
                          .count = loss > 0 ? LOSSY_MAX : 1,
                          .configure = configure};

    return lossy_run(&path);
}

typedef struct {
    uint16_t version;
    uint64_t round_trip;
    unsigned loss;
    uint64_t median, p95, datagrams;
    unsigned failed;
} limit_t;

static void check_limits(const limit_t *limits, size_t count, configure_t configure)
{
    for (const limit_t *limit = limits; limit < limits + count; limit++) {
        lossy_result_t got = on_path(limit->version, limit->round_trip, limit->loss, configure);

        NOTE("%04x, %u ms, %u %%: median %u, 95 %% %u ms, %u datagrams, %u failed", limit->version,
             (unsigned)limit->round_trip, limit->loss, (unsigned)got.median, (unsigned)got.p95,
             (unsigned)got.datagrams, got.failed);
        CHECK(got.median <= limit->median);
        CHECK(got.p95 <= limit->p95);
        CHECK(got.datagrams <= limit->datagrams);
        CHECK(got.failed <= limit->failed);
    }
}

TEST(handshakes_on_lossy_paths)
{
    static const limit_t limits[] = {
        {DTLS13, 1, 30, 450, 5000, 13, 0},     {DTLS12, 1, 30, 750, 5000, 13, 0},
        {DTLS13, 50, 30, 600, 5000, 13, 0},    {DTLS12, 50, 30, 900, 5000, 13, 0},
        {DTLS13, 500, 30, 2500, 10000, 15, 0}, {DTLS12, 500, 30, 3600, 10000, 15, 0},
        {DTLS13, 1, 50, 2500, 15000, 18, 5},   {DTLS12, 1, 50, 3300, 18000, 18, 15},
    };

    check_limits(limits, sizeof limits / sizeof *limits, NULL);
}

static void use_recommended_timers(node_t *client, node_t *server)
{
    (void)client;
    server->config.timer_ms = server->config.timer_min_ms = 1000;
    server->config.timer_steady_ms = server->config.timer_max_ms;
}

TEST(server_with_the_timers_of_the_rfcs)
{
    static const limit_t limits[] = {
        {DTLS13, 1, 30, 600, 5000, 13, 0},
        {DTLS12, 1, 30, 800, 5500, 13, 0},
    };

    check_limits(limits, sizeof limits / sizeof *limits, use_recommended_timers);
}

TEST(datagrams_without_loss)
{
    static const struct {
        uint64_t round_trip, datagrams12, datagrams13;
    } rows[] = {{1, 6, 6}, {50, 6, 6}, {390, 6, 6}, {500, 11, 13}, {1000, 11, 18}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQ(on_path(DTLS12, rows[i].round_trip, 0, NULL).datagrams, rows[i].datagrams12);
        CHECK_EQ(on_path(DTLS13, rows[i].round_trip, 0, NULL).datagrams, rows[i].datagrams13);
    }
}
