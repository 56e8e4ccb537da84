/*
 * soak.c - thousands of clients of all kinds, one after the other and several at a time, on a
 * network that loses datagrams. They connect, exchange data, move, close, or vanish at any moment.
 * After each 100 handshakes and silence, the listener has no peer, and exactly the memory that it
 * had after the first 100.
 *
 *     build/tests/sim/soak              a few hundred handshakes
 *     SEEDS=50 build/tests/sim/soak     50,000 handshakes and more than 5 GB (make soak)
 */
#include "jar.h"

#include <stdio.h>
#include <string.h>

enum { ROUNDS = 5, HANDSHAKES = 100 /* per round */, CLIENTS = 12, BURST = 40 };
enum { LOSS = 5, IDLE_MS = 60000, SILENCE_MS = 200000, FIRST_OWN_PORT = 1024, OWN_PORTS = 30000 };
enum { MOST_PEERS = 20, MOST_HALF_OPEN = 8 };
enum { X25519 = 29, P256 = 23, FFDHE2048 = 256, LONGEST = 16384 };

typedef struct {
    uint16_t version, suite;
    dtls_ke_t exchange;
    bool retried, cid, resumes, early; /* retried: 1.3, a HelloRetryRequest for another group */
    size_t mtu;                        /* 0: the default */
} kind_t;

static const kind_t kinds[] = {
    {DTLS12, 0x00a8, .mtu = 9000},
    {DTLS12, 0xc0a8, .mtu = 256},
    {DTLS12, 0xd001, .cid = true},
    {DTLS12, 0x00aa, .mtu = 1400},
    {DTLS12, 0x00ae, .cid = true},
    {DTLS12, 0xd001, .resumes = true},
    {DTLS13, .exchange = DTLS_KE_PSK_ONLY},
    {DTLS13, .mtu = LONGEST},
    {DTLS13, .retried = true, .mtu = 256},
    {DTLS13, .cid = true, .mtu = 9000},
    {DTLS13, .resumes = true},
    {DTLS13, .resumes = true, .early = true, .cid = true},
    {BOTH_VERSIONS, .mtu = LONGEST},
};

typedef struct {
    node_t *node;
    const kind_t *kind;
    jar_t jar;
    unsigned left; /* bursts of data until the client ends */
    bool closing;
} client_t;

typedef struct {
    net_t *net;
    node_t *server;
    client_t clients[CLIENTS];
    size_t begun, connected, resumed, ended;
    uint64_t bytes;
} soak_t;

static bool one_in(soak_t *soak, size_t n)
{
    return net_random(soak->net, n) == 0;
}

/* ---- the listener ---- */

static int on_event(node_t *server, session_t *peer, int level, unsigned code)
{
    soak_t *soak = server->user;
    (void)peer;

    if (level == 0) {
        soak->begun += code == DTLS_EVENT_CONNECT;
        soak->connected += code == DTLS_EVENT_CONNECTED;
        soak->resumed +=
            code == DTLS_EVENT_CONNECTED && server->events[server->event_count - 1].info.resumed;
        soak->ended +=
            code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT;
    }
    return 0;
}

static int on_read(node_t *server, session_t *peer, uint8_t *data, size_t length)
{
    soak_t *soak = server->user;

    for (size_t i = 0; i < length; i += 97)
        CHECK_EQ(data[i], (uint8_t)length);
    soak->bytes += length;
    if (one_in(soak, 8))
        dtls_write(server->ctx, peer, data, length);
    if (one_in(soak, 500))
        dtls_update_keys(server->ctx, peer, true);
    return 0;
}

static node_t *make_listener(soak_t *soak, bool tickets)
{
    static const uint16_t suites[] = {0x1301, 0x1303, 0x00a8, 0xc0a8, 0xd001, 0x00aa, 0x00ae};
    static const uint16_t groups[] = {X25519, FFDHE2048};
    node_t *server = net_node(soak->net, "server");

    server->config.suites = suites;
    server->config.suite_count = sizeof(suites) / sizeof(*suites);
    server->config.groups = groups;
    server->config.group_count = sizeof(groups) / sizeof(*groups);
    server->config.cookie = tickets ? DTLS_COOKIE_AUTO : DTLS_COOKIE_ON;
    server->config.tickets = tickets;
    server->config.sessions = tickets ? 0 : 4;
    server->config.early_data = LONGEST;
    server->config.use_cid = server->config.heartbeat = true;
    server->config.cid_length = 8;
    server->config.max_peers = MOST_PEERS;
    server->config.max_half_open = MOST_HALF_OPEN;
    server->config.idle_ms = IDLE_MS;
    server->config.mtu = LONGEST;
    server->config.trace = NULL;
    server->on_event = on_event;
    server->on_read = on_read;
    server->user = soak;
    CHECK(node_start(server));
    return server;
}

/* ---- a client ---- */

static void configure(const kind_t *kind, node_t *node)
{
    static const uint16_t retried[] = {P256, X25519}, with_dhe[] = {X25519, FFDHE2048};
    dtls_config_t *config = &node->config;

    config->only_version = kind->version;
    config->suites = kind->suite ? &kind->suite : NULL;
    config->suite_count = kind->suite != 0;
    config->key_exchange = kind->exchange;
    config->groups = kind->retried ? retried : with_dhe;
    config->group_count = 2;
    config->use_cid = kind->cid;
    config->early_data = kind->early ? LONGEST : 0;
    config->mtu = kind->mtu ? kind->mtu : 1232;
    config->heartbeat = true;
    config->idle_ms = IDLE_MS;
    config->trace = NULL;
    node->delay = 1 + net_random(node->net, 20);
}

/* At first all clients have connection IDs: the listener's tables of peers and of connection IDs keep
 * the size that the largest number of entries has needed. MOST_PEERS and MOST_HALF_OPEN limit both. */
static const kind_t *any_kind(soak_t *soak)
{
    const kind_t *kind;

    do {
        kind = &kinds[net_random(soak->net, sizeof(kinds) / sizeof(*kinds))];
    } while (!kind->cid && soak->connected < HANDSHAKES / 2);
    return kind;
}

static void begin(soak_t *soak, client_t *client)
{
    node_t *node = client->node, *server = soak->server;
    jar_t stored = client->jar;
    bool resumes = stored.length > 0 && !one_in(soak, 4);
    uint8_t early[100];

    if (one_in(soak, 2)) /* otherwise the client replaces its previous association */
        net_address(&node->address, FIRST_OWN_PORT + (unsigned)net_random(soak->net, OWN_PORTS));
    client->kind = resumes ? client->kind : any_kind(soak);
    client->left = (unsigned)net_random(soak->net, 4);
    client->closing = false;
    configure(client->kind, node);
    jar_use(node, &client->jar);
    if (!client->kind->resumes)
        node->config.ticket = NULL;
    CHECK(node_start(node));
    if (!resumes || resume(node, server, &stored, 1000) <= 0)
        CHECK(dtls_connect(node->ctx, &server->address) > 0);
    else if (client->kind->early) {
        memset(early, sizeof(early), sizeof(early));
        dtls_write_early(node->ctx, &server->address, early, sizeof(early));
    }
}

/* Kills the client: it sends nothing more. */
static void vanish(client_t *client)
{
    node_t *node = client->node;

    node_crash(node);
    CHECK_EQ(node->live, 0);
    CHECK_EQ(node->unwiped, 0);
}

static void send_burst(soak_t *soak, client_t *client)
{
    static uint8_t data[LONGEST];
    node_t *node = client->node, *server = soak->server;
    size_t most = dtls_max_payload(node->ctx, &server->address), length;

    for (unsigned i = 0; i < BURST; i++) {
        length = one_in(soak, 10) ? 1 + net_random(soak->net, most) : most;
        memset(data, (int)(length & 0xff), length);
        dtls_write(node->ctx, &server->address, data, length);
    }
    client->left--;
}

static void act(soak_t *soak, client_t *client)
{
    node_t *node = client->node, *server = soak->server;

    if (!node->ctx) {
        begin(soak, client);
    } else if (!dtls_get_peer(node->ctx, &server->address) || one_in(soak, 60)) {
        vanish(client);
    } else if (client->closing || !node_connected(node, server)) {
        return;
    } else if (client->left > 0) {
        if (client->kind->cid && one_in(soak, 4))
            net_address(&node->address,
                        FIRST_OWN_PORT + (unsigned)net_random(soak->net, OWN_PORTS));
        send_burst(soak, client);
    } else if (one_in(soak, 3)) {
        vanish(client);
    } else {
        dtls_close(node->ctx, &server->address);
        client->closing = true;
    }
}

/* ---- rounds ---- */

static void end_clients(soak_t *soak)
{
    for (size_t i = 0; i < CLIENTS; i++)
        if (soak->clients[i].node->ctx)
            vanish(&soak->clients[i]);
    net_run(soak->net, SILENCE_MS);
    net_forget(soak->net);
    CHECK(!soak->net->stuck);
    CHECK_EQ(soak->begun, soak->ended);
    CHECK_EQ(dtls_next_timeout(soak->server->ctx), -1); /* no peer */
    CHECK_EQ(soak->server->unwiped, 0);
}

static void live_round(soak_t *soak)
{
    size_t target = soak->connected + HANDSHAKES;

    while (soak->connected < target) {
        for (size_t i = 0; i < CLIENTS; i++)
            act(soak, &soak->clients[i]);
        net_run(soak->net, 1 + net_random(soak->net, 100));
        net_forget(soak->net);
    }
    end_clients(soak);
}

static void run(uint64_t seed, bool tickets)
{
    soak_t soak = {.net = net_new(seed)};
    size_t live = 0, bytes = 0;

    soak.server = make_listener(&soak, tickets);
    soak.server->loss = LOSS;
    soak.server->delay = 5;
    for (size_t i = 0; i < CLIENTS; i++) {
        soak.clients[i].node = net_node(soak.net, "client");
        soak.clients[i].node->config.accept = false;
        soak.clients[i].node->loss = LOSS;
        soak.clients[i].node->duplicate = soak.clients[i].node->reorder = 2;
    }
    for (unsigned round = 0; round < test_seeds(ROUNDS); round++) {
        NOTE("seed %u, round %u", (unsigned)seed, round);
        live_round(&soak);
        live = round == 0 ? soak.server->live : live;
        bytes = round == 0 ? soak.server->live_bytes : bytes;
        CHECK_EQ(soak.server->live, live);
        CHECK_EQ(soak.server->live_bytes, bytes);
    }
    fprintf(stderr,
            "# %zu handshakes of %zu begun, %zu resumed, %llu bytes received; %zu bytes without a "
            "peer, %zu at most\n",
            soak.connected, soak.begun, soak.resumed, (unsigned long long)soak.bytes, bytes,
            soak.server->peak_bytes);
    CHECK(soak.resumed > 0);
    net_end(soak.net);
}

TEST(listener_with_tickets_keeps_no_memory)
{
    run(1, true);
}

TEST(listener_with_cached_sessions_keeps_no_memory)
{
    run(2, false);
}
