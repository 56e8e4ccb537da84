/*
 * secrets.c - servers that share secrets accept each other's cookies and tickets, and refuse early
 * data: dtls_set_secrets().
 *
 * The servers are contexts of one node, behind one address, as behind a load balancer. use() decides
 * which of them receives from now on.
 */
#include "base/iana.h"
#include "jar.h"
#include "wire.h"

#include <string.h>

enum { FIRST = 0, SECOND = 1, EPOCH = 1700000000, LIFETIME_MS = 7200000, COOKIE_MS = 60000 };

static const uint8_t secrets[5 * DTLS_SECRET] = {
    [0 * DTLS_SECRET] = 1, [1 * DTLS_SECRET] = 2, [2 * DTLS_SECRET] = 3, [3 * DTLS_SECRET] = 4};

/* ---- two servers ---- */

typedef struct {
    dtls_cookie_t cookie;
    net_t *net;
    node_t *client, *server;
    dtls_context_t *servers[2];
    jar_t jar;
} farm_t;

static int64_t skew_ms; /* how far the wall clock is ahead of the time of the network */

static dtls_tick_t wall_clock(void *hook)
{
    return (dtls_tick_t)((int64_t)EPOCH * 1000 + (int64_t)((node_t *)hook)->net->now + skew_ms);
}

static void set(farm_t *farm, unsigned server, size_t from, size_t count)
{
    const uint8_t *first = secrets + from * DTLS_SECRET;
    CHECK_EQ(dtls_set_secrets(farm->servers[server], first, count), 0);
}

static void use(farm_t *farm, unsigned server)
{
    farm->server->ctx = farm->servers[server];
}

static void farm_open(farm_t *farm, uint16_t version)
{
    skew_ms = 0;
    farm->net = ticket_pair(version, &farm->client, &farm->server, &farm->jar);
    farm->server->config.wall_clock = wall_clock;
    farm->server->config.cookie = farm->cookie;
    for (unsigned i = 0; i < 2; i++) {
        CHECK(node_start(farm->server));
        farm->servers[i] = farm->server->ctx;
        set(farm, i, 0, 1);
    }
    use(farm, FIRST);
    net_start(farm->net);
}

static void farm_close(farm_t *farm)
{
    dtls_free_context(farm->servers[farm->server->ctx == farm->servers[FIRST] ? SECOND : FIRST]);
    net_end(farm->net);
}

static void get_ticket(farm_t *farm)
{
    size_t had = farm->jar.count;
    CHECK(net_connect(farm->client, farm->server, 5000));
    net_run(farm->net, 1000);
    CHECK_EQ(farm->jar.count, had + 1);
    part(farm->client, farm->server);
}

static void check_resumes(farm_t *farm, const jar_t *jar, bool resumed)
{
    CHECK_EQ(resume(farm->client, farm->server, jar, 2000), 1);
    check_connected(farm->client, farm->server, resumed);
    part(farm->client, farm->server);
}

/* ---- cookies ---- */

/* A tap: after the first datagram of the server, which demands a cookie, the other server
 * receives. */
static void switch_after_cookie(net_t *net, net_packet_t *packet)
{
    farm_t *farm = net->user;
    if (packet->from == farm->server && packet->from->ctx == farm->servers[FIRST])
        use(farm, SECOND);
}

static size_t count_demands(const farm_t *farm)
{
    wire_record_t record;
    size_t count = 0;
    for (size_t i = 0; i < farm->net->packet_count; i++)
        count += wire_find(&farm->net->packets[i], HANDSHAKE_HELLO_VERIFY_REQUEST, &record);
    return count;
}

/* The first server demands a cookie, and the second one is sent it. If that does not accept the
 * cookie, in 1.2 it demands one of its own, and in 1.3 the handshake fails. */
static void check_cookie(farm_t *farm, int64_t clocks_differ_ms, bool accepted)
{
    farm->net->user = farm;
    farm->net->tap = switch_after_cookie;
    CHECK(dtls_connect(farm->client->ctx, &farm->server->address) > 0);
    while (farm->server->ctx == farm->servers[FIRST])
        net_run(farm->net, 1);
    skew_ms += clocks_differ_ms;
    farm->net->tap = NULL;
    net_run(farm->net, 3000);
    CHECK_EQ(node_connected(farm->client, farm->server), accepted || net_version == DTLS12);
    if (net_version == DTLS12)
        CHECK_EQ(count_demands(farm), accepted ? 1 : 2);
}

EACH_VERSION(cookie_of_one_server_is_valid_at_the_other)
{
    /* The clocks of servers differ, by less than the period of a cookie. */
    static const int64_t differ_ms[] = {0, COOKIE_MS - 100, -COOKIE_MS + 100};
    for (size_t i = 0; i < 3; i++) {
        farm_t farm = {0};
        NOTE("clocks differ by %lld ms", (long long)differ_ms[i]);
        farm_open(&farm, net_version);
        check_cookie(&farm, differ_ms[i], true);
        farm_close(&farm);
    }
}

EACH_VERSION(cookie_expires)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    check_cookie(&farm, 2 * COOKIE_MS, false);
    farm_close(&farm);
}

EACH_VERSION(cookie_of_other_secrets_is_invalid)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    set(&farm, SECOND, 1, DTLS_MAX_SECRETS);
    check_cookie(&farm, 0, false);
    farm_close(&farm);
}

EACH_VERSION(cookie_is_valid_whatever_the_place_of_its_secret)
{
    for (size_t place = 0; place < DTLS_MAX_SECRETS; place++)
        for (int64_t skew = -1; skew <= 1; skew++) {
            farm_t farm = {0};
            NOTE("place %zu, skew %lld", place, (long long)skew);
            farm_open(&farm, net_version);
            set(&farm, FIRST, place, 1);
            set(&farm, SECOND, 0, DTLS_MAX_SECRETS);
            check_cookie(&farm, skew * (COOKIE_MS - 100), true);
            farm_close(&farm);
        }
}

/* ---- tickets ---- */

EACH_VERSION(ticket_of_one_server_resumes_at_the_other)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    use(&farm, SECOND);
    check_resumes(&farm, &farm.jar, true);
    /* and the ticket of the second at the first */
    use(&farm, FIRST);
    check_resumes(&farm, &farm.jar, true);
    farm_close(&farm);
}

/* An observer replays a ClientHello with a ticket of another server. The addresses are spoofed, but
 * the ticket was issued to this host. */
static void replay_hello(farm_t *farm, const net_packet_t *hello)
{
    enum { COPIES = 100, FIRST_PORT = 1000 };
    size_t factor = farm->cookie == DTLS_COOKIE_ON ? 1 : 3, sent = farm->server->sent_bytes;
    session_t from;

    for (unsigned i = 0; i < COPIES; i++) {
        net_address(&from, FIRST_PORT + i);
        net_inject(farm->server, &from, hello->data, hello->length);
    }
    net_run(farm->net, 100000);
    CHECK(farm->server->sent_bytes > sent);
    CHECK(farm->server->sent_bytes - sent <= factor * COPIES * hello->length);
}

EACH_VERSION(ticket_of_another_server_proves_no_address)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        farm_t farm = {.cookie = cookie};
        farm_open(&farm, net_version);
        get_ticket(&farm);
        use(&farm, SECOND);
        NOTE("cookie %d", (int)cookie);
        size_t first = farm.net->packet_count;
        check_resumes(&farm, &farm.jar, true);
        const net_packet_t hello = farm.net->packets[first];
        replay_hello(&farm, &hello);
        CHECK_EQ(node_events(farm.server, DTLS_EVENT_CONNECTED), 2);
        farm_close(&farm);
    }
}

/* The servers count their tickets separately: redeeming a ticket of one must not redeem the ticket
 * of the other with the same number. */
EACH_VERSION(tickets_of_two_servers_are_told_apart)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    jar_t first = farm.jar;
    use(&farm, SECOND);
    get_ticket(&farm);
    jar_t second = farm.jar;
    CHECK(memcmp(first.state, second.state, first.length) != 0);
    check_resumes(&farm, &first, true);
    check_resumes(&farm, &second, true);
    check_resumes(&farm, &second, false); /* it was issued here, so it is redeemed once */
    check_resumes(&farm, &first, true);   /* it was not */
    farm_close(&farm);
}

EACH_VERSION(ticket_expires_at_every_server)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    jar_t first = farm.jar;
    use(&farm, SECOND);
    skew_ms = LIFETIME_MS - 60000;
    check_resumes(&farm, &first, true);
    skew_ms = LIFETIME_MS;
    check_resumes(&farm, &first, false);
    farm_close(&farm);
}

EACH_VERSION(ticket_from_the_future)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    jar_t first = farm.jar;
    use(&farm, SECOND);
    skew_ms = -60000; /* the clock of the second server is late */
    check_resumes(&farm, &first, true);
    CHECK(farm.jar.lifetime_s <= 7200);
    skew_ms = -3600000; /* so late a clock is wrong */
    check_resumes(&farm, &first, false);
    farm_close(&farm);
}

EACH_VERSION(secrets_change_without_an_interruption)
{
    /* Which secrets each server has: first and number. */
    static const size_t steps[][2][2] = {
        {{0, 1}, {0, 2}}, {{0, 2}, {0, 2}}, {{0, 2}, {1, 1}}, {{1, 1}, {1, 1}}};
    farm_t farm = {0};
    farm_open(&farm, net_version);
    for (size_t i = 0; i < 4; i++) {
        bool gone = i >= 2;
        NOTE("step %zu", i);
        for (unsigned server = 0; server < 2; server++)
            set(&farm, server, steps[i][server][0], steps[i][server][1]);
        use(&farm, FIRST);
        get_ticket(&farm);
        use(&farm, SECOND);
        check_resumes(&farm, &farm.jar, !gone || i == 3);
    }
    farm_close(&farm);
}

/* A secret that is removed may have leaked: its tickets are invalid at once, also where they were
 * issued. */
EACH_VERSION(removed_secret_ends_its_tickets)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    set(&farm, FIRST, 1, 1);
    check_resumes(&farm, &farm.jar, false);
    farm_close(&farm);
}

EACH_VERSION(without_shared_secrets_nothing_resumes_elsewhere)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    set(&farm, SECOND, 1, 1);
    get_ticket(&farm);
    use(&farm, SECOND);
    check_resumes(&farm, &farm.jar, false);
    farm_close(&farm);
}

EACH_VERSION(altered_ticket_of_another_server)
{
    farm_t farm = {0};
    farm_open(&farm, net_version);
    get_ticket(&farm);
    use(&farm, SECOND);
    for (size_t back = 1; back <= 60; back += 7) {
        jar_t jar = farm.jar;
        NOTE("%zu bytes from the end", back);
        jar.state[jar.length - back] ^= 1;
        check_resumes(&farm, &jar, false);
    }
    farm_close(&farm);
}

/* ---- early data ---- */

/* Where the state for dtls_resume() stores how much early data the ticket permits. */
enum { STATE_EARLY = 1 + 2 + 4 + 4, EARLY_LENGTH = 10 };

static void early(farm_t *farm, int expected)
{
    uint8_t text[] = "early bird";
    CHECK_EQ(dtls_write_early(farm->client->ctx, &farm->server->address, text, EARLY_LENGTH),
             expected);
}

static size_t received(const farm_t *farm)
{
    size_t count = 0;
    for (size_t i = 0; i < farm->server->message_count; i++)
        count += farm->server->messages[i].length == EARLY_LENGTH;
    return count;
}

TEST(tickets_of_shared_secrets_permit_no_early_data)
{
    farm_t farm = {0};
    farm_open(&farm, DTLS13);
    get_ticket(&farm);
    CHECK_EQ(resume(farm.client, farm.server, &farm.jar, 2000), 1);
    early(&farm, 0);
    check_connected(farm.client, farm.server, true);
    farm_close(&farm);
}

/* A client that sends early data all the same, and an attacker who passes its datagrams to both
 * servers, whichever issued the ticket. */
TEST(early_data_is_rejected_by_every_server)
{
    for (unsigned server = 0; server < 2; server++) {
        farm_t farm = {0};
        NOTE("server %u", server);
        farm_open(&farm, DTLS13);
        get_ticket(&farm);
        use(&farm, server);
        farm.jar.state[STATE_EARLY + 3] = 200;
        size_t from = farm.net->packet_count;
        CHECK_EQ(resume(farm.client, farm.server, &farm.jar, 2000), 1);
        early(&farm, EARLY_LENGTH);
        size_t to = farm.net->packet_count;
        CHECK(to > from + 1);
        check_connected(farm.client, farm.server, true);
        CHECK_EQ(info_of(farm.client, farm.server).early_data, DTLS_EARLY_REJECTED);
        /* A server that has not issued the ticket demands a cookie first. The second ClientHello
         * does not offer early data. */
        CHECK_EQ(info_of(farm.server, farm.client).early_data,
                 server == FIRST ? DTLS_EARLY_REJECTED : DTLS_EARLY_NONE);
        CHECK_EQ(received(&farm), 0);
        part(farm.client, farm.server);
        for (unsigned at = 0; at < 2; at++) {
            use(&farm, at);
            for (size_t i = from; i < to; i++) {
                uint8_t copy[2048];
                const net_packet_t *packet = &farm.net->packets[i];
                memcpy(copy, packet->data, packet->length);
                net_inject(farm.server, &farm.client->address, copy, packet->length);
            }
            net_run(farm.net, 100);
            CHECK_EQ(received(&farm), 0);
        }
        farm_close(&farm);
    }
}

/* ---- the call ---- */

TEST(arguments)
{
    farm_t farm = {0};
    farm_open(&farm, DTLS13);
    dtls_context_t *ctx = farm.servers[FIRST];
    CHECK_EQ(dtls_set_secrets(NULL, secrets, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_set_secrets(ctx, NULL, 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_set_secrets(ctx, secrets, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_set_secrets(ctx, secrets, DTLS_MAX_SECRETS + 1), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_set_secrets(ctx, secrets, DTLS_MAX_SECRETS), 0);
    farm_close(&farm);
}

/* Tickets that a context issued before the first call have times of another clock. */
EACH_VERSION(secrets_set_late)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    server->config.wall_clock = wall_clock;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK_EQ(dtls_set_secrets(server->ctx, secrets, 1), 0);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, false);
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    net_end(net);
}

/* ---- connection IDs with a prefix ---- */

TEST(connection_ids_begin_with_the_prefix)
{
    static const uint8_t prefix[] = {0xa7, 3};
    for (size_t length = 0; length <= sizeof prefix; length++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        NOTE("%zu bytes", length);
        client->config.only_version = server->config.only_version = DTLS13;
        client->config.use_cid = server->config.use_cid = true;
        server->config.cid_length = 6;
        server->config.cid_prefix = prefix;
        server->config.cid_prefix_length = length;
        net_start(net);
        CHECK(net_connect(client, server, 5000));
        CHECK(info_of(server, client).cid_in);
        size_t from = net->packet_count, seen = 0;
        CHECK(node_write(client, server, "hello") > 0);
        for (size_t i = from; i < net->packet_count; i++) {
            CHECK(net->packets[i].data[0] & 0x10); /* has a connection ID */
            CHECK_MEM(net->packets[i].data + 1, prefix, length);
            seen++;
        }
        CHECK_EQ(seen, 1);
        net_run(net, 100);
        CHECK_EQ(server->message_count, 1);
        net_end(net);
    }
}

TEST(prefix_must_fit_the_connection_id)
{
    static const uint8_t prefix[3];
    dtls_config_t config;
    dtls_config_init(&config);
    config.use_cid = true;
    config.cid_length = 2;
    config.cid_prefix = prefix;
    config.cid_prefix_length = 3;
    CHECK(!dtls_new_context_config(NULL, &config));
    config.cid_prefix_length = 2;
    dtls_context_t *ctx = dtls_new_context_config(NULL, &config);
    CHECK(ctx != NULL);
    dtls_free_context(ctx);
    config.cid_prefix = NULL;
    CHECK(!dtls_new_context_config(NULL, &config));
}
