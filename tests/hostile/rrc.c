/*
 * rrc.c - attacks on return routability checks: RFC 9146 section 6, RFC 9853. The attacker has the
 * client's keys, and so can read what the server sends to any address.
 */
#include "base/iana.h"
#include "common.h"
#include "common13.h"
#include "conn/state.h"

#include <arpa/inet.h>
#include <string.h>

enum { CHALLENGE, RESPONSE, DROP, RRC = 27, COOKIE = 8, ELSEWHERE = 50000 };
enum { DELAY_MS = 50, LIMIT_MS = 3 * 2 * DELAY_MS };

static const uint8_t own_cid[8] = "reach";
static uint64_t sequence; /* the number of the client's next record, set by the test */

/* Connects a pair in which only the server receives connection IDs. */
static net_t *connected(insider_t *insider)
{
    net_t *net = insider_pair(insider, 1);

    sequence = 1000;
    insider->client->delay = insider->server->delay = DELAY_MS;
    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->server->config.cid = own_cid;
    insider->server->config.cid_length = sizeof(own_cid);
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 1000));
    insider_learn(insider);
    net_run(net, 1000);
    return net;
}

static void say(const insider_t *insider, unsigned port, unsigned type, const void *data,
                size_t length)
{
    wire_t wire = {.length = 0};
    session_t from;

    net_address(&from, port);
    insider_put(insider, &wire, insider->client, type, ++sequence, data, length);
    net_inject(insider->server, &from, wire.data, wire.length);
}

static void say_rrc(const insider_t *insider, unsigned port, uint8_t msg_type,
                    const uint8_t *cookie)
{
    uint8_t message[1 + COOKIE] = {msg_type};

    memcpy(message + 1, cookie, COOKIE);
    say(insider, port, RRC, message, sizeof(message));
}

/* Returns how many messages of that type the server has sent to that port. Port 0 means any. cookie
 * receives the cookie of the latest one. */
static size_t sent(const insider_t *insider, unsigned port, uint8_t msg_type,
                   uint8_t cookie[COOKIE])
{
    const net_t *net = insider->server->net;
    uint8_t content[WIRE_ROOM];
    size_t count = 0;

    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];
        wire_record_t record;
        size_t at = 0;

        if (packet->from != insider->server || (port && packet->port != port) ||
            !wire_next(packet->data, packet->length, &at, &record) || record.type != RRC)
            continue;
        CHECK_EQ(insider_open(insider, insider->server, &record, content), 1 + COOKIE);
        if (content[0] == msg_type) {
            memcpy(cookie, content + 1, COOKIE);
            count++;
        }
    }
    return count;
}

static size_t moves(const insider_t *insider)
{
    return node_events(insider->server, DTLS_EVENT_MOVED);
}

/* ---- responses ---- */

static void challenged(const insider_t *insider, unsigned port, uint8_t cookie[COOKIE])
{
    size_t before = sent(insider, port, CHALLENGE, cookie);

    say(insider, port, DATA, "here I am", 9);
    CHECK_EQ(sent(insider, port, CHALLENGE, cookie), before + 1);
}

TEST(only_the_response_to_a_challenge_moves)
{
    static const struct {
        const char *name;
        uint8_t msg_type, flip; /* bits to change in one byte of the cookie */
        unsigned port;
        uint64_t after_ms;
        bool good;
    } rows[] = {{"at once", RESPONSE, 0, ELSEWHERE, 0, true},
                {"in time", RESPONSE, 0, ELSEWHERE, LIMIT_MS - 1, true},
                {"late", RESPONSE, 0, ELSEWHERE, LIMIT_MS, false},
                {"from another address", RESPONSE, 0, ELSEWHERE + 1, 0, false},
                {"PATH_DROP", DROP, 0, ELSEWHERE, 0, false},
                {"no type there is", DROP + 1, 0, ELSEWHERE, 0, false},
                {"another cookie", RESPONSE, 1, ELSEWHERE, 0, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (size_t at = 0; at < (rows[i].flip ? COOKIE : 1); at++) {
            insider_t insider;
            net_t *net = connected(&insider);
            uint8_t cookie[COOKIE];

            NOTE("%s", rows[i].name);
            challenged(&insider, ELSEWHERE, cookie);
            net_run(net, rows[i].after_ms);
            cookie[at] ^= rows[i].flip;
            say_rrc(&insider, rows[i].port, rows[i].msg_type, cookie);
            CHECK_EQ(moves(&insider), rows[i].good);
            net_end(net);
        }
    }
}

TEST(unsolicited_response_moves_nothing)
{
    static const uint8_t zeros[COOKIE];
    insider_t insider;
    net_t *net = connected(&insider);
    uint8_t cookie[COOKIE];

    say_rrc(&insider, net_port(&insider.client->address), RESPONSE, zeros);
    CHECK_EQ(moves(&insider), 0);
    challenged(&insider, ELSEWHERE, cookie);
    for (int i = 0; i < 2; i++) {
        say_rrc(&insider, ELSEWHERE, RESPONSE, cookie);
        CHECK_EQ(moves(&insider), 1);
    }
    net_end(net);
}

TEST(each_challenge_has_a_new_cookie)
{
    static const uint8_t zeros[COOKIE];
    insider_t insider;
    net_t *net = connected(&insider);
    uint8_t cookies[8][COOKIE];

    for (unsigned i = 0; i < 8; i++) {
        challenged(&insider, ELSEWHERE + i, cookies[i]);
        CHECK(memcmp(cookies[i], zeros, COOKIE) != 0);
        for (unsigned k = 0; k < i; k++)
            CHECK(memcmp(cookies[i], cookies[k], COOKIE) != 0);
        net_run(net, LIMIT_MS);
    }
    CHECK_EQ(moves(&insider), 0);
    net_end(net);
}

/* ---- challenges ---- */

TEST(challenge_is_answered_once_where_it_came_from)
{
    static const uint8_t cookie[COOKIE] = "answer!";

    for (unsigned moved = 0; moved < 2; moved++) {
        insider_t insider;
        net_t *net = connected(&insider);
        unsigned port = moved ? ELSEWHERE : net_port(&insider.client->address);
        uint8_t answered[COOKIE];

        NOTE("from port %u", port);
        say_rrc(&insider, port, CHALLENGE, cookie);
        net_run(net, 10000);
        CHECK_EQ(sent(&insider, port, RESPONSE, answered), 1);
        CHECK_MEM(answered, cookie, COOKIE);
        CHECK_EQ(sent(&insider, 0, RESPONSE, answered), 1);
        net_end(net);
    }
}

/* RFC 5246 section 7.2.1: after its close_notify a side sends no more messages. */
TEST(challenge_after_our_close_notify_is_not_answered)
{
    static const uint8_t cookie[COOKIE] = "answer!";
    insider_t insider;
    net_t *net = connected(&insider);
    uint8_t answered[COOKIE];
    unsigned known = net_port(&insider.client->address);

    say_rrc(&insider, known, CHALLENGE, cookie);
    CHECK_EQ(sent(&insider, 0, RESPONSE, answered), 1);
    insider.client->loss = 100;
    CHECK_EQ(dtls_close(insider.server->ctx, &insider.client->address), 0);
    say_rrc(&insider, known, CHALLENGE, cookie);
    say_rrc(&insider, ELSEWHERE, CHALLENGE, cookie);
    CHECK_EQ(node_ends(insider.server), 0);
    CHECK_EQ(sent(&insider, 0, RESPONSE, answered), 1);
    net_end(net);
}

TEST(malformed_messages_are_dropped)
{
    static const struct {
        uint8_t msg_type;
        size_t length;
        bool good;
    } rows[] = {
        {CHALLENGE, 1 + COOKIE, true},      {DROP, 1 + COOKIE, true}, {CHALLENGE, COOKIE, false},
        {CHALLENGE, 1 + COOKIE + 1, false}, {CHALLENGE, 1, false},    {DROP + 1, 1 + COOKIE, false},
        {DROP + 1, 1 + COOKIE + 1, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        insider_t insider;
        net_t *net = connected(&insider);
        const uint8_t message[1 + COOKIE + 1] = {rows[i].msg_type};
        uint8_t cookie[COOKIE];

        NOTE("row %zu", i);
        say(&insider, net_port(&insider.client->address), RRC, message, rows[i].length);
        CHECK_EQ(node_stats(insider.server, insider.client).dropped[DTLS_DROP_LENGTH],
                 !rows[i].good);
        CHECK_EQ(sent(&insider, 0, RESPONSE, cookie),
                 rows[i].good && rows[i].msg_type == CHALLENGE);
        CHECK_EQ(node_ends(insider.server), 0);
        net_end(net);
    }
}

/* Otherwise a client could make the server send to others. */
TEST(address_of_another_peer_is_not_challenged)
{
    insider_t insider;
    net_t *net = connected(&insider);
    node_t *other = net_node(net, "other");
    uint8_t cookie[COOKIE];

    CHECK(node_start(other));
    CHECK(net_connect(other, insider.server, 1000));
    say(&insider, net_port(&other->address), DATA, "here I am", 9);
    CHECK_EQ(sent(&insider, 0, CHALLENGE, cookie), 0);
    CHECK(net_echo(other, insider.server));
    challenged(&insider, ELSEWHERE, cookie);
    net_end(net);
}

/* ---- not negotiated ---- */

TEST(no_checks_with_a_client_that_supports_none)
{
    insider_t insider;
    net_t *net = connected(&insider);
    uint8_t cookie[COOKIE] = {0};
    size_t before = insider.server->sent;

    /* as if the client had not sent the extension */
    conn_of(insider.server, insider.client)->cids->rrc = false;
    say(&insider, ELSEWHERE, DATA, "here I am", 9);
    say_rrc(&insider, net_port(&insider.client->address), CHALLENGE, cookie);
    say_rrc(&insider, ELSEWHERE, CHALLENGE, cookie);
    net_run(net, 10000);
    CHECK_EQ(insider.server->sent, before);
    CHECK_EQ(node_stats(insider.server, insider.client).dropped[DTLS_DROP_UNEXPECTED_TYPE], 2);
    net_end(net);
}

/* With a connection ID the content type is encrypted. DTLS 1.2 has no ACKs. */
TEST(ack_in_dtls12_is_dropped)
{
    static const uint8_t none[] = {0, 0}, one[2 + 16] = {0, 16, [9] = 1};
    insider_t insider;
    net_t *net = connected(&insider);
    unsigned known = net_port(&insider.client->address);

    say(&insider, known, ACK, none, sizeof(none));
    say(&insider, known, ACK, one, sizeof(one));
    say(&insider, known, ACK, one, 1);
    CHECK_EQ(node_stats(insider.server, insider.client).dropped[DTLS_DROP_UNAUTHENTICATED], 3);
    CHECK_EQ(node_ends(insider.server), 0);
    net_end(net);
}

/* ---- heartbeats instead of checks ---- */

enum { HEARTBEAT = 24, REQUEST = 1, PADDING = 16 };

/* Connects a pair in which the client answers heartbeats, but supports no return routability
 * check. */
static net_t *with_heartbeats(insider_t *insider)
{
    net_t *net = insider_pair(insider, 1);

    sequence = 1000;
    insider->client->delay = insider->server->delay = DELAY_MS;
    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->client->config.heartbeat = insider->server->config.heartbeat = true;
    insider->server->config.cid = own_cid;
    insider->server->config.cid_length = sizeof(own_cid);
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 1000));
    insider_learn(insider);
    net_run(net, 1000);
    conn_of(insider->server, insider->client)->cids->rrc = false;
    return net;
}

/* Returns how many HeartbeatRequests the server has sent to that port. payload receives the payload
 * of the latest one. */
static size_t heartbeats(const insider_t *insider, unsigned port, uint8_t payload[COOKIE])
{
    const net_t *net = insider->server->net;
    uint8_t content[WIRE_ROOM];
    size_t count = 0;

    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];
        wire_record_t record;
        size_t at = 0;

        if (packet->from != insider->server || packet->port != port ||
            !wire_next(packet->data, packet->length, &at, &record) || record.type != HEARTBEAT)
            continue;
        insider_open(insider, insider->server, &record, content);
        if (content[0] == REQUEST) {
            CHECK_EQ(content[2], COOKIE);
            memcpy(payload, content + 3, COOKIE);
            count++;
        }
    }
    return count;
}

static void say_heartbeat(const insider_t *insider, unsigned port, uint8_t type, size_t length,
                          const uint8_t *payload)
{
    uint8_t message[3 + COOKIE + PADDING] = {type, 0, (uint8_t)length};

    memcpy(message + 3, payload, COOKIE);
    say(insider, port, HEARTBEAT, message, sizeof(message));
}

TEST(only_the_response_to_a_heartbeat_from_there_moves)
{
    static const struct {
        const char *name;
        uint8_t type, length, flip;
        unsigned port; /* 0: the known address */
        uint64_t after_ms;
        bool good;
    } rows[] = {{"at once", HEARTBEAT_RESPONSE, COOKIE, 0, ELSEWHERE, 0, true},
                {"in time", HEARTBEAT_RESPONSE, COOKIE, 0, ELSEWHERE, LIMIT_MS - 1, true},
                {"late", HEARTBEAT_RESPONSE, COOKIE, 0, ELSEWHERE, LIMIT_MS, false},
                {"relayed to the peer", HEARTBEAT_RESPONSE, COOKIE, 0, 0, 0, false},
                {"from a third address", HEARTBEAT_RESPONSE, COOKIE, 0, ELSEWHERE + 1, 0, false},
                {"the request itself", REQUEST, COOKIE, 0, ELSEWHERE, 0, false},
                {"a shorter payload", HEARTBEAT_RESPONSE, COOKIE - 1, 0, ELSEWHERE, 0, false},
                {"no payload", HEARTBEAT_RESPONSE, 0, 0, ELSEWHERE, 0, false},
                {"a longer one", HEARTBEAT_RESPONSE, COOKIE + 1, 0, ELSEWHERE, 0, false},
                {"another one", HEARTBEAT_RESPONSE, COOKIE, 1, ELSEWHERE, 0, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        insider_t insider;
        net_t *net = with_heartbeats(&insider);
        unsigned known = net_port(&insider.client->address);
        uint8_t payload[COOKIE];

        NOTE("%s", rows[i].name);
        say(&insider, ELSEWHERE, DATA, "here I am", 9);
        CHECK_EQ(heartbeats(&insider, ELSEWHERE, payload), 1);
        net_run(net, rows[i].after_ms);
        payload[COOKIE - 1] ^= rows[i].flip;
        say_heartbeat(&insider, rows[i].port ? rows[i].port : known, rows[i].type, rows[i].length,
                      payload);
        CHECK_EQ(moves(&insider), rows[i].good);
        net_end(net);
    }
}

/* An attacker replays the client's records from another address. An old record starts no check. The
 * newest record starts at most one within some time. */
TEST(replayed_records_ask_nothing)
{
    insider_t insider;
    net_t *net = with_heartbeats(&insider);
    wire_t wire = {.length = 0};
    session_t from;
    uint8_t payload[COOKIE];

    net_address(&from, ELSEWHERE);
    insider_put(&insider, &wire, insider.client, DATA, ++sequence, "newest", 6);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t copy[WIRE_ROOM];
        memcpy(copy, wire.data, wire.length);
        net_inject(insider.server, &from, copy, wire.length);
    }
    CHECK_EQ(heartbeats(&insider, ELSEWHERE, payload), 1);
    net_run(net, 10000);
    CHECK_EQ(heartbeats(&insider, ELSEWHERE, payload), 1);
    CHECK_EQ(moves(&insider), 0);
    net_end(net);
}

/* ---- neither checks nor heartbeats ---- */

TEST(a_peer_that_cannot_be_asked_moves_only_where_the_application_wants_it)
{
    for (unsigned newest = 0; newest < 2; newest++) {
        insider_t insider;
        net_t *net = connected(&insider);
        session_t there;

        NOTE("cid_move_newest %u", newest);
        conn_of(insider.server, insider.client)->cids->rrc = false;
        insider.server->ctx->config.cid_move_newest = newest;
        net_address(&there, ELSEWHERE);
        for (unsigned i = 0; i < 3; i++)
            say(&insider, ELSEWHERE, DATA, "here I am", 9);
        CHECK_EQ(moves(&insider), newest);
        CHECK_EQ(node_events(insider.server, DTLS_EVENT_UNVERIFIED), !newest);
        CHECK((dtls_get_peer(insider.server->ctx, &there) != NULL) == newest);
        net_end(net);
    }
}

/* ---- messages that grow with a long connection ID of the peer ---- */

enum {
    FROM_CLIENT = 5 + 8 + 1 + 16,
    FROM_SERVER = 5 + 1 + 16
}; /* without content and client's ID */

/* Connects a pair of DTLS 1.3, and gives the server a connection ID of this length to use. */
static net_t *with_long_cid(insider13_t *insider, uint8_t length, bool heartbeat)
{
    /* A NewConnectionId to use at once. */
    const uint8_t cid[2 + 1 + UINT8_MAX + 1] = {0, (uint8_t)(1 + length), length};
    net_t *net = insider13_pair(insider);

    sequence = 1000;
    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->client->config.heartbeat = insider->server->config.heartbeat = heartbeat;
    insider->client->config.cid_length = 1;
    insider->server->config.cid = own_cid;
    insider->server->config.cid_length = sizeof(own_cid);
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 5000));
    net_run(net, 2000);
    insider13_message(insider, insider->client, 3, ++sequence, HANDSHAKE_NEW_CONNECTION_ID, 2, cid,
                      2U + 1 + length + 1);
    net_run(net, 2000);
    CHECK_EQ(conn_of(insider->server, insider->client)->cids->send.length, length);
    return net;
}

/* Returns how many datagrams the server sends to the address from which the record came. */
static size_t answers13(const insider13_t *insider, unsigned port, unsigned type, size_t length)
{
    static const uint8_t zeros[100];
    session_t before = insider->client->address;
    size_t first = insider->server->net->packet_count, count = 0;

    insider->client->address.addr.sin.sin_port = htons((uint16_t)port);
    insider13_inject(insider, insider->client, 3, ++sequence, type, zeros, length);
    insider->client->address = before;
    for (size_t i = first; i < insider->server->net->packet_count; i++)
        count += insider->server->net->packets[i].port == port;
    return count;
}

/* RFC 9853 section 5. The messages have three times the bytes of a record with `enough` bytes. */
TEST(no_more_than_three_times_what_came_goes_elsewhere)
{
    static const struct {
        const char *name;
        bool rrc, heartbeat;
        size_t content;
        uint8_t cid_length;
    } rows[] = {{"path_challenge", true, false, 1 + COOKIE, 200},
                {"HeartbeatRequest", false, true, 3 + COOKIE + PADDING + 1, 202},
                {"KeyUpdate", false, false, WIRE_MESSAGE_HEADER + 1, 202}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        insider13_t insider;
        net_t *net = with_long_cid(&insider, rows[i].cid_length, rows[i].heartbeat);
        size_t message = FROM_SERVER + rows[i].cid_length + rows[i].content;
        size_t enough = message / 3 - FROM_CLIENT;

        NOTE("%s", rows[i].name);
        CHECK_EQ(message % 3, 0);
        conn_of(insider.server, insider.client)->cids->rrc = rows[i].rrc;
        CHECK_EQ(answers13(&insider, ELSEWHERE, DATA, enough - 1), 0);
        CHECK_EQ(answers13(&insider, ELSEWHERE, DATA, enough), 1);
        insider13_end(&insider, net);
    }
}

TEST(path_response_elsewhere_has_at_most_three_times_the_bytes_of_the_challenge)
{
    enum { LONGEST = 3 * (FROM_CLIENT + 1 + COOKIE) - FROM_SERVER - 1 - COOKIE };

    for (uint8_t length = LONGEST - 1; length <= LONGEST + 1; length++) {
        insider13_t insider;
        net_t *net = with_long_cid(&insider, length, false);
        unsigned known = net_port(&insider.client->address);

        NOTE("connection ID of %u bytes", length);
        /* a path_challenge, so that the server sends no other one */
        CHECK_EQ(answers13(&insider, ELSEWHERE, DATA, 100), 1);
        CHECK_EQ(answers13(&insider, ELSEWHERE, RRC, 1 + COOKIE), length <= LONGEST);
        CHECK_EQ(answers13(&insider, known, RRC, 1 + COOKIE), 1);
        insider13_end(&insider, net);
    }
}

TEST(response_and_challenge_together_have_at_most_three_times_the_bytes)
{
    enum { LONGEST = 3 * (FROM_CLIENT + 1 + COOKIE) / 2 - FROM_SERVER - 1 - COOKIE };

    for (uint8_t length = LONGEST - 1; length <= LONGEST + 1; length++) {
        insider13_t insider;
        net_t *net = with_long_cid(&insider, length, false);

        NOTE("connection ID of %u bytes", length);
        CHECK_EQ(answers13(&insider, ELSEWHERE, RRC, 1 + COOKIE), length <= LONGEST ? 2 : 1);
        insider13_end(&insider, net);
    }
}

/* ---- DTLS 1.3: an acknowledged message instead of a check ---- */

static net_t *without_checks13(insider13_t *insider)
{
    net_t *net = insider13_pair(insider);

    sequence = 1000;
    insider->client->config.use_cid = insider->server->config.use_cid = true;
    insider->server->config.cid = own_cid;
    insider->server->config.cid_length = sizeof(own_cid);
    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 5000));
    net_run(net, 5000);
    conn_of(insider->server, insider->client)->cids->rrc = false;
    return net;
}

static void say13(const insider13_t *insider, unsigned port, unsigned type, const void *data,
                  size_t length)
{
    session_t before = insider->client->address;

    insider->client->address.addr.sin.sin_port = htons((uint16_t)port);
    insider13_inject(insider, insider->client, 3, ++sequence, type, data, length);
    insider->client->address = before;
}

static void acknowledge(const insider13_t *insider, unsigned port, uint64_t epoch, uint64_t number)
{
    wire_t ack = {.length = 0};

    wire_put_number(&ack, 16, 2);
    wire_put_number(&ack, epoch, 8);
    wire_put_number(&ack, number, 8);
    say13(insider, port, ACK, ack.data, ack.length);
}

static size_t sent_to(const insider13_t *insider, unsigned port)
{
    size_t count = 0;

    for (size_t i = 0; i < insider->server->net->packet_count; i++)
        count += insider->server->net->packets[i].from == insider->server &&
                 insider->server->net->packets[i].port == port;
    return count;
}

/* The number of the last record of the server. */
static uint64_t last_number(const insider13_t *insider)
{
    CHECK(insider->server->record_count > 0);
    return insider->server->records[insider->server->record_count - 1].sequence;
}

/* A peer that has the keys, but does not receive at the new address, knows the numbers of the
 * records that the known address gets. Before and after those to the new address, numbers are left
 * out. */
TEST(only_an_ack_for_the_new_address_moves)
{
    static const struct {
        const char *name;
        bool updating;  /* a KeyUpdate was sent to the known address before */
        bool there;     /* the ACK comes from the new address */
        int64_t number; /* record that the ACK names; 0: the first one to the new address */
        uint64_t after_ms;
        bool moves, ends;
    } rows[] = {
        {.name = "at once", .there = true, .moves = true},
        {.name = "another copy of one under way", .updating = true, .there = true, .moves = true},
        {.name = "relayed to the peer"},
        {.name = "the number before", .there = true, .number = -1, .ends = true},
        {.name = "the number after", .there = true, .number = 1, .ends = true},
        {.name = "a number far ahead", .there = true, .number = 1000000, .ends = true},
        {.name = "when the known address has it as well", .there = true, .after_ms = 10000}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        insider13_t insider;
        net_t *net = without_checks13(&insider);
        unsigned known = net_port(&insider.client->address);
        uint64_t number;

        NOTE("%s", rows[i].name);
        insider.client->loss = 100;
        if (rows[i].updating)
            CHECK_EQ(dtls_update_keys(insider.server->ctx, &insider.client->address, false), 0);
        say13(&insider, ELSEWHERE, DATA, "here I am", 9);
        CHECK_EQ(sent_to(&insider, ELSEWHERE), 1);
        number = last_number(&insider);
        net_run(net, rows[i].after_ms);
        acknowledge(&insider, rows[i].there ? ELSEWHERE : known, 3,
                    number + (uint64_t)rows[i].number);
        CHECK_EQ(node_events(insider.server, DTLS_EVENT_MOVED), rows[i].moves);
        CHECK_EQ(node_ends(insider.server), rows[i].ends);
        insider13_end(&insider, net);
    }
}

/* The copy of a message that the known address had proves nothing about the new address. */
TEST(an_ack_for_an_earlier_copy_does_not_move)
{
    insider13_t insider;
    net_t *net = without_checks13(&insider);
    uint64_t number;

    insider.client->loss = 100;
    CHECK_EQ(dtls_update_keys(insider.server->ctx, &insider.client->address, false), 0);
    number = last_number(&insider);
    say13(&insider, ELSEWHERE, DATA, "here I am", 9);
    acknowledge(&insider, ELSEWHERE, 3, number);
    CHECK_EQ(node_events(insider.server, DTLS_EVENT_MOVED), 0);
    CHECK_EQ(node_ends(insider.server), 0);
    insider13_end(&insider, net);
}

/* With config.repeat_flight too, each record to the new address has a number that proves it. */
TEST(flight_to_the_new_address_is_sent_once)
{
    insider13_t insider;
    net_t *net = without_checks13(&insider);

    conn_of(insider.server, insider.client)->ctx->config.repeat_flight = true;
    insider.client->loss = 100;
    say13(&insider, ELSEWHERE, DATA, "here I am", 9);
    CHECK_EQ(sent_to(&insider, ELSEWHERE), 1);
    acknowledge(&insider, ELSEWHERE, 3, last_number(&insider));
    CHECK_EQ(node_events(insider.server, DTLS_EVENT_MOVED), 1);
    CHECK_EQ(node_ends(insider.server), 0);
    insider13_end(&insider, net);
}

/* What the known address gets before and after does not show the number of the record to the new
 * address. */
TEST(numbers_to_the_new_address_are_unpredictable)
{
    enum { TRIES = 20 };
    uint64_t sum = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        insider13_t insider;
        net_t *net = without_checks13(&insider);
        uint64_t before, there;

        insider.server->random += i;
        CHECK(node_write(insider.server, insider.client, "before") > 0);
        before = last_number(&insider);
        say13(&insider, ELSEWHERE, DATA, "here I am", 9);
        there = last_number(&insider);
        CHECK(node_write(insider.server, insider.client, "after") > 0);
        CHECK(there > before + 1 && last_number(&insider) > there + 1);
        sum += last_number(&insider) - before;
        insider13_end(&insider, net);
    }
    CHECK(sum / TRIES > 1000);
}

static void lose_elsewhere(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (packet->port == ELSEWHERE)
        packet->copies = 0;
}

/* The server sends a message that needs an ACK to the new address, a few times. Without an ACK
 * from there, it sends the message to the known address, so that an attacker cannot prevent a
 * KeyUpdate. If the attacker forwards the message to the client, the ACK comes from the known
 * address. */
TEST(a_few_transmissions_go_there_then_the_known_address_has_them)
{
    for (unsigned forwarded = 0; forwarded < 2; forwarded++) {
        insider13_t insider;
        net_t *net = without_checks13(&insider);

        NOTE("forwarded %u", forwarded);
        sequence = 20; /* so that the client's own records are not below the window */
        net->tap = forwarded ? NULL : lose_elsewhere;
        say13(&insider, ELSEWHERE, DATA, "here I am",
              9); /* meanwhile the network delivers the client's datagrams from there */
        net_run(net, 60000);
        CHECK_EQ(sent_to(&insider, ELSEWHERE), forwarded ? 1 : 3);
        CHECK_EQ(node_events(insider.server, DTLS_EVENT_KEYS_UPDATED), 1);
        CHECK_EQ(node_events(insider.server, DTLS_EVENT_MOVED), 0);
        insider13_end(&insider, net);
    }
}
