/*
 * authentic.c - misbehaviour of a peer that has the key: invalid authentic records, floods,
 * renegotiation, a wrong Finished.
 */
#include "common.h"
#include "conn/rto.h"
#include "conn/state.h"

#include <string.h>

enum { FLOOD = 10000 };

static net_t *associated(insider_t *insider)
{
    net_t *net = insider_pair(insider, 1);

    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 1000));
    insider_learn(insider);
    return net;
}

/* Returns a sequence number above those that the genuine endpoints use. */
static uint64_t fresh(void)
{
    static uint64_t sequence = 1000;

    return ++sequence;
}

static void check_alive(const insider_t *insider)
{
    CHECK_EQ(node_ends(insider->client) + node_ends(insider->server), 0);
    CHECK(node_connected(insider->client, insider->server));
    CHECK(node_connected(insider->server, insider->client));
}

static node_t *other(const insider_t *insider, const node_t *node)
{
    return node == insider->client ? insider->server : insider->client;
}

static void both_ways(void (*attack)(insider_t *insider, node_t *from, node_t *to))
{
    for (unsigned side = 0; side < 2; side++) {
        insider_t insider;
        net_t *net = associated(&insider);
        node_t *from = side ? insider.server : insider.client;

        NOTE("from the %s", from->name);
        attack(&insider, from, other(&insider, from));
        net_end(net);
    }
}

/* ---- data ---- */

/* RFC 5288 section 3: a sender may choose any explicit nonce. */
static void say_with_odd_nonce(insider_t *insider, node_t *from, node_t *to)
{
    CHECK_EQ(insider_inject(insider, from, DATA, fresh(), "odd nonce", 9), 0);
    CHECK_EQ(to->message_count, 1);
    CHECK_STR((const char *)to->messages[0].data, "odd nonce");
    check_alive(insider);
}

TEST(explicit_nonce_is_read_from_the_record)
{
    both_ways(say_with_odd_nonce);
}

static void leap(insider_t *insider, node_t *from, node_t *to)
{
    static const struct {
        uint64_t sequence;
        bool fresh;
    } rows[] = {{1, true},
                {1, false},
                {0, false}, /* the number of the Finished, which is a replay */
                {33, true},
                {2, true},
                {32, true},
                {32, false},
                {1000, true},
                {33 + 63, false},
                {1000 - 63, true},
                {1000 - 63, false},
                {1 << 20, true},
                {1000, false},
                {(UINT64_C(1) << 32) + 5, true},
                {UINT64_C(1) << 32, true},
                {5, false},
                {(UINT64_C(1) << 48) - 2, true},
                {(UINT64_C(1) << 48) - 2, false},
                {(UINT64_C(1) << 48) - 3, true}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t before = to->message_count;

        NOTE("row %zu, number %llu", i, (unsigned long long)rows[i].sequence);
        insider_inject(insider, from, DATA, rows[i].sequence, "x", 1);
        CHECK_EQ(to->message_count - before, rows[i].fresh);
    }
    check_alive(insider);
}

TEST(window_follows_every_leap)
{
    both_ways(leap);
}

/* ---- invalid records ---- */

static void send_nonsense(insider_t *insider, node_t *from, node_t *to)
{
    static const struct {
        unsigned type;
        const char *body;
        size_t length;
    } rows[] = {{99, "junk", 4},    {0, "", 0},     {24, "heartbeat", 9},
                {25, "cid", 3},     {26, "ack", 3}, {27, "\0a cookie", 9},
                {CCS, "\1", 1},     {CCS, "", 0},   {CCS, "\1\1", 2},
                {HANDSHAKE, "", 0}, {ALERT, "", 0}};
    size_t sent = to->sent;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        NOTE("type %u, %zu bytes, to the %s", rows[i].type, rows[i].length, to->name);
        CHECK_EQ(insider_inject(insider, from, rows[i].type, fresh(), rows[i].body, rows[i].length),
                 0);
        check_alive(insider);
        CHECK_EQ(to->message_count, 0);
        CHECK_EQ(to->sent, sent);
    }
    CHECK(node_drops(to, from) > 0);
}

TEST(authentic_nonsense_is_dropped)
{
    both_ways(send_nonsense);
}

/* ---- invalid messages, which only the peer can have sent ---- */

static const struct {
    const char *name, *body;
    size_t length;
    unsigned type;
    dtls_error_t error;
} fatal[] = {
    {"handshake shorter than its header", "\1", 1, HANDSHAKE, DTLS_ERR_DECODE},
    {"Finished without a body", "\24\0\0\14\0\3\0\0\0\0\0\14", 12, HANDSHAKE, DTLS_ERR_DECODE},
    {"fragment past the end of its message", "\24\0\0\4\0\11\0\0\3\0\0\4zzzz", 16, HANDSHAKE,
     DTLS_ERR_DECODE},
    {"ServerKeyExchange", "\14\0\0\2\0\11\0\0\0\0\0\2\0\0", 14, HANDSHAKE,
     DTLS_ERR_UNEXPECTED_MESSAGE},
    {"a fragment of Certificate", "\13\0\1\2\0\11\0\0\5\0\0\2\0\0", 14, HANDSHAKE,
     DTLS_ERR_UNEXPECTED_MESSAGE},
    {"KeyUpdate", "\30\0\0\1\0\11\0\0\0\0\0\1\0", 13, HANDSHAKE, DTLS_ERR_UNEXPECTED_MESSAGE},
    {"alert of one byte", "\2", 1, ALERT, DTLS_ERR_DECODE},
    {"alert of three bytes", "\2\50\0", 3, ALERT, DTLS_ERR_DECODE},
    {"alert of no level", "\0\50", 2, ALERT, DTLS_ERR_DECODE},
};
static size_t chosen;

static void send_fatal_nonsense(insider_t *insider, node_t *from, node_t *to)
{
    const net_event_t *end;
    uint8_t alert[64];
    unsigned type = 0;

    NOTE("%s, to the %s", fatal[chosen].name, to->name);
    insider_inject(insider, from, fatal[chosen].type, fresh(), fatal[chosen].body,
                   fatal[chosen].length);
    CHECK_EQ(node_ends(to), 1);
    end = node_last_end(to);
    CHECK_EQ(end->code, DTLS_EVENT_FAILED);
    CHECK_EQ(end->info.error, fatal[chosen].error);
    CHECK_EQ(insider_last(insider, to, &type, alert), 2);
    CHECK_EQ(type, ALERT);
    CHECK_EQ(alert[0], DTLS_ALERT_LEVEL_FATAL);
    CHECK_EQ(alert[1], end->info.alert);
    CHECK_EQ(to->message_count, 0);
}

TEST(authentic_message_that_makes_no_sense_is_fatal)
{
    for (chosen = 0; chosen < sizeof(fatal) / sizeof(*fatal); chosen++) {
        both_ways(send_fatal_nonsense);
    }
}

/* Messages of the completed handshake are ignored: copies of them may still be in transit. */
static void send_old_messages(insider_t *insider, node_t *from, node_t *to)
{
    uint8_t old[] = "\24\0\0\14\0\0\0\0\0\0\0\14tag of twelve";

    for (uint8_t msg_seq = 0; msg_seq < 3; msg_seq++) {
        old[5] = msg_seq;
        insider_inject(insider, from, HANDSHAKE, fresh(), old, 24);
    }
    CHECK(node_drops(to, from) > 0);
    check_alive(insider);
}

TEST(authentic_old_messages_are_dropped)
{
    both_ways(send_old_messages);
}

/* ---- alerts ---- */

static const uint8_t warnings[] = {DTLS_ALERT_NO_RENEGOTIATION, DTLS_ALERT_USER_CANCELED,
                                   DTLS_ALERT_UNRECOGNIZED_NAME, 200};

static void warn(const insider_t *insider, const node_t *from, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const uint8_t alert[] = {1, warnings[i % sizeof(warnings)]};

        insider_inject(insider, from, ALERT, fresh(), alert, sizeof(alert));
    }
}

/* RFC 5246 section 7.2.2: warning alerts between data are ignored, however many there are. */
static void flood_with_warnings(insider_t *insider, node_t *from, node_t *to)
{
    size_t sent = to->sent, live = to->live_bytes;

    for (unsigned i = 0; i < FLOOD / 32; i++) {
        warn(insider, from, 32);
        insider_inject(insider, from, DATA, fresh(), "", 0);
    }
    check_alive(insider);
    CHECK_EQ(to->sent, sent);
    CHECK_EQ(to->live_bytes, live);
}

TEST(flood_of_authentic_warnings)
{
    both_ways(flood_with_warnings);
}

static void only_warn(insider_t *insider, node_t *from, node_t *to)
{
    warn(insider, from, 32);
    check_alive(insider);
    warn(insider, from, 1);
    CHECK_EQ(node_ends(to), 1);
    CHECK_EQ(node_last_end(to)->info.error, DTLS_ERR_UNEXPECTED_MESSAGE);
}

TEST(nothing_but_authentic_warnings_is_too_much)
{
    both_ways(only_warn);
}

static void send_fatal(insider_t *insider, node_t *from, node_t *to)
{
    static const uint8_t alert[] = {2, DTLS_ALERT_INTERNAL_ERROR};
    const net_event_t *end;
    size_t sent = to->sent;

    insider_inject(insider, from, ALERT, fresh(), alert, sizeof(alert));
    CHECK_EQ(node_ends(to), 1);
    end = node_last_end(to);
    CHECK_EQ(end->code, DTLS_EVENT_FAILED);
    CHECK_EQ(end->info.error, DTLS_ERR_ALERT);
    CHECK_EQ(end->info.alert, DTLS_ALERT_INTERNAL_ERROR);
    CHECK(end->info.alert_received && end->info.alert_authenticated);
    CHECK(dtls_get_peer(to->ctx, &from->address) == NULL);
    CHECK_EQ(to->sent, sent);
}

static int inner_result;

/* Passes in a datagram from another address. */
static int pass_in_another(node_t *node, session_t *peer, int level, unsigned code)
{
    session_t elsewhere;

    (void)peer, (void)level;
    net_address(&elsewhere, 6666);
    if (code == DTLS_EVENT_FAILED)
        inner_result = net_inject(node, &elsewhere, (const uint8_t *)"x", 1);
    return 0;
}

/* dtls_handle_message() returns the alert that ended the association of the sender, and of no other peer. */
static void result_is_of_the_sender(insider_t *insider, node_t *from, node_t *to)
{
    static const uint8_t alert[] = {2, DTLS_ALERT_INTERNAL_ERROR};

    inner_result = 1;
    to->on_event = pass_in_another;
    CHECK_EQ(insider_inject(insider, from, ALERT, fresh(), alert, sizeof(alert)),
             dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR));
    CHECK_EQ(inner_result, 0);
}

TEST(authentic_fatal_alert_ends_at_once)
{
    both_ways(result_is_of_the_sender);
    both_ways(send_fatal);
}

/* ---- renegotiation ---- */

/* A HelloRequest, or a ClientHello, with this message_seq. */
static void put_request(wire_t *out, bool by_client, uint16_t msg_seq)
{
    wire_hello_t form = {.random = 5, .msg_seq = msg_seq};
    wire_t hello = {.length = 0};
    wire_record_t record;
    size_t at = 0;

    out->length = 0;
    if (by_client) {
        wire_put_hello(&hello, &form);
        CHECK(wire_next(hello.data, hello.length, &at, &record));
        wire_put(out, record.body, record.length);
    } else {
        wire_put_number(out, HELLO_REQUEST, 4);
        wire_put_number(out, msg_seq, 2);
        wire_put_number(out, 0, 6);
    }
}

static void ask_for_renegotiation(insider_t *insider, node_t *from, node_t *to)
{
    bool by_client = from == insider->client;
    uint32_t gap = rto_first_ms(conn_of(to, from));
    wire_t request;
    uint8_t answer[2048];
    size_t sent = to->sent;
    unsigned type = 0;

    for (uint16_t i = 0; i < 100; i++) {
        put_request(&request, by_client, i);
        insider_inject(insider, from, HANDSHAKE, fresh(), request.data, request.length);
    }
    CHECK_EQ(node_events(to, DTLS_EVENT_RENEGOTIATE), 1);
    CHECK_EQ(to->sent - sent, 1);
    for (unsigned i = 0; i < 2; i++) {
        net_run(to->net, i == 0 ? gap - 1 : 1);
        insider_inject(insider, from, HANDSHAKE, fresh(), request.data, request.length);
        CHECK_EQ(node_events(to, DTLS_EVENT_RENEGOTIATE), 1 + i);
        CHECK_EQ(to->sent - sent, 1 + i);
    }
    CHECK_EQ(insider_last(insider, to, &type, answer), 2);
    CHECK_EQ(type, ALERT);
    CHECK_EQ(answer[0], DTLS_ALERT_LEVEL_WARNING);
    CHECK_EQ(answer[1], DTLS_ALERT_NO_RENEGOTIATION);
    check_alive(insider);
    net_run(to->net, 100000);
    check_alive(insider);
}

/* Only the first fragment of a request is answered, so a request in fragments is not answered twice. */
static void ask_in_fragments(insider_t *insider, node_t *from, node_t *to)
{
    uint8_t type = from == insider->client ? CLIENT_HELLO : HELLO_REQUEST;
    const uint8_t last[] = {type, 0, 0, 2, 0, 9, 0, 0, 1, 0, 0, 1, 0};
    size_t sent = to->sent;

    insider_inject(insider, from, HANDSHAKE, fresh(), last, sizeof(last));
    CHECK_EQ(node_events(to, DTLS_EVENT_RENEGOTIATE), 0);
    CHECK_EQ(to->sent, sent);
    check_alive(insider);
}

/* RFC 5246 section 7.2.1: nothing follows close_notify. */
static void ask_while_closing(insider_t *insider, node_t *from, node_t *to)
{
    wire_t request;
    size_t sent;

    from->loss = 100;
    CHECK_EQ(dtls_close(to->ctx, &from->address), 0);
    sent = to->sent;
    put_request(&request, from == insider->client, 9);
    insider_inject(insider, from, HANDSHAKE, fresh(), request.data, request.length);
    CHECK_EQ(node_events(to, DTLS_EVENT_RENEGOTIATE), 0);
    CHECK_EQ(to->sent, sent);
}

TEST(renegotiation_is_refused)
{
    both_ways(ask_while_closing);
    both_ways(ask_for_renegotiation);
    both_ways(ask_in_fragments);
}

/* ---- Finished ---- */

typedef struct {
    insider_t insider;
    const node_t *victim_of; /* the side that receives the invalid Finished */
    void (*forge)(insider_t *insider, const node_t *from, wire_t *out, const uint8_t *finished);
} exchange_t;

static void exchange_finished(net_t *net, net_packet_t *packet)
{
    exchange_t *exchange = net->user;
    wire_t forged = {.length = 0};
    wire_record_t record;
    uint8_t finished[64];

    if (packet->from != exchange->victim_of || !wire_has(packet, HANDSHAKE, 1)) {
        return;
    }
    insider_learn(&exchange->insider);
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.epoch == 0) {
            wire_put(&forged, record.raw, record.raw_length);
            continue;
        }
        CHECK_EQ(insider_open(&exchange->insider, packet->from, &record, finished), 24);
        exchange->forge(&exchange->insider, packet->from, &forged, finished);
    }
    packet->copies = 0;
    net_carry(packet->from, packet->to, forged.data, forged.length, 0);
}

static net_t *exchanged(exchange_t *exchange, bool of_client, bool expected)
{
    net_t *net = insider_pair(&exchange->insider, 1);
    node_t *client = exchange->insider.client, *server = exchange->insider.server;

    NOTE("Finished of the %s", of_client ? "client" : "server");
    exchange->victim_of = of_client ? client : server;
    net_start(net);
    net->tap = exchange_finished;
    net->user = exchange;
    CHECK_EQ(net_connect(client, server, 1000), expected);
    net_run(net, 1000);
    return net;
}

static void put_finished(insider_t *insider, const node_t *from, wire_t *out,
                         const uint8_t *finished, uint32_t offset, uint32_t length, uint64_t number)
{
    wire_t body = {.length = 0};

    wire_put(&body, finished, 6);
    wire_put_number(&body, offset, 3);
    wire_put_number(&body, length, 3);
    wire_put(&body, finished + WIRE_MESSAGE_HEADER + offset, length);
    insider_put(insider, out, from, HANDSHAKE, number, body.data, body.length);
}

/* RFC 6347 section 4.2.3: fragments of protected messages are reassembled too. */
static void forge_pieces(insider_t *insider, const node_t *from, wire_t *out,
                         const uint8_t *finished)
{
    uint64_t number = fresh();

    for (uint32_t offset = 12; offset-- > 0;) {
        put_finished(insider, from, out, finished, offset, 1, number + 12 - offset);
    }
    fresh();
}

TEST(finished_in_fragments_is_accepted)
{
    for (unsigned side = 0; side < 2; side++) {
        exchange_t exchange = {.forge = forge_pieces};

        net_end(exchanged(&exchange, side, true));
    }
}

static size_t wrong_bit;

static void forge_wrong(insider_t *insider, const node_t *from, wire_t *out,
                        const uint8_t *finished)
{
    uint8_t wrong[24];

    memcpy(wrong, finished, sizeof(wrong));
    wrong[12 + wrong_bit / 8] = (uint8_t)(wrong[12 + wrong_bit / 8] ^ 1 << wrong_bit % 8);
    insider_put(insider, out, from, HANDSHAKE, fresh(), wrong, sizeof(wrong));
}

TEST(finished_with_wrong_verify_data_is_refused)
{
    for (wrong_bit = 0; wrong_bit < 96; wrong_bit++) {
        for (unsigned side = 0; side < 2; side++) {
            exchange_t exchange = {.forge = forge_wrong};
            net_t *net = exchanged(&exchange, side, false);
            node_t *from = side ? exchange.insider.client : exchange.insider.server;
            const net_event_t *end = node_last_end(other(&exchange.insider, from));

            CHECK(end && end->code == DTLS_EVENT_FAILED);
            CHECK_EQ(end->info.error, DTLS_ERR_BAD_FINISHED);
            CHECK_EQ(end->info.alert, DTLS_ALERT_DECRYPT_ERROR);
            CHECK_EQ(node_ends(from), 1);
            CHECK(node_last_end(from)->info.alert_received);
            CHECK_EQ(node_last_end(from)->info.alert, DTLS_ALERT_DECRYPT_ERROR);
            net_end(net);
        }
    }
}

/* The second fragment of a ClientKeyExchange with the number of Finished, which no state allows. */
static void forge_unexpected(insider_t *insider, const node_t *from, wire_t *out,
                             const uint8_t *finished)
{
    uint8_t fragment[] = {16, 0, 0, 4, 0, finished[5], 0, 0, 2, 0, 0, 2, 1, 1};

    insider_put(insider, out, from, HANDSHAKE, fresh(), fragment, sizeof(fragment));
}

TEST(later_fragment_of_an_unexpected_message_is_fatal)
{
    for (unsigned side = 0; side < 2; side++) {
        exchange_t exchange = {.forge = forge_unexpected};
        net_t *net = exchanged(&exchange, side, false);
        node_t *from = side ? exchange.insider.client : exchange.insider.server;
        const net_event_t *end = node_last_end(other(&exchange.insider, from));

        CHECK(end && end->code == DTLS_EVENT_FAILED);
        CHECK_EQ(end->info.error, DTLS_ERR_UNEXPECTED_MESSAGE);
        net_end(net);
    }
}

/* Authentic data arrives before Finished. It is delivered after Finished, or not at all. */
static void forge_data_first(insider_t *insider, const node_t *from, wire_t *out,
                             const uint8_t *finished)
{
    const node_t *to = other(insider, from);

    insider_inject(insider, from, DATA, 7, "early", 5);
    CHECK_EQ(to->message_count, 0);
    insider_put(insider, out, from, DATA, 8, "early", 5);
    insider_put(insider, out, from, HANDSHAKE, 0, finished, 24);
    insider_put(insider, out, from, DATA, 9, "in time", 7);
}

TEST(data_before_finished_is_not_delivered_before_it)
{
    for (unsigned side = 0; side < 2; side++) {
        exchange_t exchange = {.forge = forge_data_first};
        net_t *net = exchanged(&exchange, side, true);
        node_t *from = side ? exchange.insider.client : exchange.insider.server;
        node_t *to = other(&exchange.insider, from);
        uint64_t connected = 0;

        for (size_t i = 0; i < to->event_count; i++) {
            connected = to->events[i].code == DTLS_EVENT_CONNECTED ? to->events[i].at : connected;
        }
        CHECK(to->message_count >= 1 && to->message_count <= 3);
        for (size_t i = 0; i < to->message_count; i++) {
            CHECK(to->messages[i].at >= connected);
        }
        net_end(net);
    }
}

/* Until the server's last flight arrives, the client repeats its own flight whenever the server
 * repeats one. Each repeat is in new records. Copies of the server's flight must not cause a
 * hundred repeats at once. */
TEST(repeated_finished_is_answered_within_limits)
{
    insider_t insider;
    net_t *net = associated(&insider);
    const net_packet_t *packet = wire_sent(insider.client, HANDSHAKE, 1, 0);
    wire_record_t record;
    uint8_t finished[64];
    size_t sent = insider.server->sent;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
    }
    CHECK_EQ(insider_open(&insider, insider.client, &record, finished), 24);
    insider.server->loss = 100;
    insider_inject(&insider, insider.client, HANDSHAKE, fresh(), finished, 24);
    CHECK_EQ(insider.server->sent - sent, 1);
    for (unsigned i = 0; i < 100; i++) {
        insider_inject(&insider, insider.client, HANDSHAKE, fresh(), finished, 24);
    }
    CHECK(insider.server->sent - sent <= 3);
    net_run(net, 60000);
    insider_inject(&insider, insider.client, HANDSHAKE, fresh(), finished, 24);
    CHECK(insider.server->sent - sent >= 2);
    check_alive(&insider);
    net_end(net);
}
