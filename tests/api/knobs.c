/*
 * knobs.c - the settings with which a peer is tested: config.fragment, repeat_flight, grease,
 * client_hello_padding and record_per_datagram. Handshakes of every kind succeed with each of them,
 * and what is sent has the form that each of them asks for.
 */
#include "common_kinds.h"
#include "conn/state.h"
#include "message/hello.h"
#include "wire.h"

#include <string.h>

enum { PIECE = 40, PADDED = 1500, RETRY_REQUEST = 6, TICKET = 4 };

typedef enum { FRAGMENT, REPEAT, GREASE, PADDING, ALONE, ALL, KNOBS } knob_t;

static const char *const names[KNOBS] = {"fragment", "repeat_flight",       "grease",
                                         "padding",  "record_per_datagram", "all"};

static bool has(knob_t set, knob_t knob)
{
    return set == knob || set == ALL;
}

static void turn(node_t *node, knob_t knob)
{
    node->config.fragment = has(knob, FRAGMENT) ? PIECE : 0;
    node->config.repeat_flight = has(knob, REPEAT);
    node->config.grease = has(knob, GREASE);
    node->config.client_hello_padding = has(knob, PADDING) ? PADDED : 0;
    node->config.record_per_datagram = has(knob, ALONE);
}

/* ---- what a node sends ---- */

typedef struct {
    size_t datagrams, records, most_records; /* most_records: in a datagram */
    size_t in_datagram;
    size_t messages, parts, repeated; /* parts: of messages that have more than one fragment */
    size_t handshakes;                /* records with handshake messages */
    uint32_t longest;                 /* the longest fragment */
    size_t pads;                      /* ClientHellos of at least PADDED bytes */
    size_t hellos;
    uint64_t next[4]; /* by epoch: the least number that the next record may have */
    bool reused;      /* a record number was not higher than those before */
    bool skipped;     /* a record number was left out */
    bool misnumbered; /* a second copy was not traced as a retransmission */
    size_t greased_tickets, tickets;
    uint16_t ticket_grease; /* number of the latest GREASE extension of a ticket */
} seen_t;

static seen_t seen;
static const node_t *watched;

/* A stateless server copies the record number of the ClientHello. */
static bool is_stateless(const dtls_trace_t *trace)
{
    return trace->msg_type == HELLO_VERIFY_REQUEST || trace->msg_type == RETRY_REQUEST;
}

static bool is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static void see_record(const dtls_trace_t *trace)
{
    uint64_t *next = &seen.next[trace->epoch % 4];

    seen.records++;
    seen.in_datagram++;
    if (seen.in_datagram > seen.most_records) {
        seen.most_records = seen.in_datagram;
    }
    if (trace->epoch == 0 && trace->sequence == 0) { /* another association */
        memset(seen.next, 0, sizeof(seen.next));
    }
    if (trace->epoch < 4) {
        seen.reused |= trace->sequence < *next;
        seen.skipped |= *next > 0 && trace->sequence > *next;
        *next = trace->sequence + 1;
    }
    seen.handshakes += trace->content_type == HANDSHAKE;
}

static void see_message(const dtls_trace_t *trace)
{
    if (is_stateless(trace)) {
        seen.handshakes--;
        return;
    }
    seen.messages++;
    seen.repeated += trace->repeat == DTLS_REPEAT_TEST;
    seen.misnumbered |= trace->repeat == DTLS_REPEAT_TEST && trace->retransmit == 0;
    seen.parts += trace->frag_length < trace->msg_length;
    if (trace->frag_length > seen.longest) {
        seen.longest = trace->frag_length;
    }
    if (trace->msg_type == CLIENT_HELLO && trace->frag_offset == 0) {
        seen.hellos++;
        seen.pads += trace->msg_length >= PADDED;
    }
}

/* Counts the extensions of a NewSessionTicket that are GREASE. */
static void see_ticket(const dtls_trace_t *trace)
{
    reader_t r = reader(trace->data, trace->length);

    take_bytes(&r, 8);
    take_block(&r, 1);
    take_block(&r, 2);
    reader_t list = take_block(&r, 2);
    while (reader_left(&list) > 0) {
        uint16_t type = take_u16(&list);
        take_block(&list, 2);
        if (is_grease(type)) {
            seen.greased_tickets++;
            seen.ticket_grease = type;
        }
    }
    seen.tickets++;
    CHECK(reader_done(&r) && reader_done(&list));
}

static void watch(void *hook, const dtls_trace_t *trace)
{
    if (hook != watched) {
        return;
    }
    if (!trace->outgoing) {
        if (trace->kind == DTLS_TRACE_MESSAGE && trace->msg_type == TICKET && trace->epoch >= 3 &&
            trace->frag_length == trace->msg_length && !trace->duplicate) {
            see_ticket(trace);
        }
        return;
    }
    switch (trace->kind) {
    case DTLS_TRACE_DATAGRAM:
        seen.datagrams++;
        seen.in_datagram = 0;
        break;
    case DTLS_TRACE_RECORD: see_record(trace); break;
    case DTLS_TRACE_MESSAGE: see_message(trace); break;
    default: break;
    }
}

static void start_watching(node_t *node)
{
    memset(&seen, 0, sizeof(seen));
    watched = node;
    node->config.trace = watch;
}

/* ---- every kind of handshake ---- */

typedef enum { CLIENT_SIDE, SERVER_SIDE, BOTH_SIDES, SIDES } side_t;

static const char *const sides[SIDES] = {"client", "server", "both"};

static void live(const kind_t *kind, knob_t knob, side_t side, bool watch_client)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = kind_pair(kind, &jar, &client, &server);

    NOTE("%s, %s, %s", kind->name, names[knob], sides[side]);
    if (side != SERVER_SIDE) {
        turn(client, knob);
    }
    if (side != CLIENT_SIDE) {
        turn(server, knob);
    }
    start_watching(watch_client ? client : server);
    CHECK(kind_live(kind, &jar, client, server));
    net_end(net);
}

static void live_everywhere(knob_t knob)
{
    for (size_t i = 0; i < KINDS; i++) {
        for (side_t side = 0; side < SIDES; side++) {
            live(&kinds[i], knob, side, side != SERVER_SIDE);
            if (side == BOTH_SIDES) {
                live(&kinds[i], knob, side, false);
            }
        }
    }
}

TEST(every_kind_succeeds_with_fragments)
{
    live_everywhere(FRAGMENT);
}

TEST(every_kind_succeeds_with_repeated_flights)
{
    live_everywhere(REPEAT);
}

TEST(every_kind_succeeds_with_grease)
{
    live_everywhere(GREASE);
}

TEST(every_kind_succeeds_with_padding)
{
    live_everywhere(PADDING);
    for (size_t i = 0; i < KINDS; i++) {
        live(&kinds[i], PADDING, CLIENT_SIDE, true);
        CHECK(seen.hellos > 0 && seen.pads == seen.hellos);
    }
}

TEST(every_kind_succeeds_with_a_record_per_datagram)
{
    live_everywhere(ALONE);
}

TEST(every_kind_succeeds_with_all_of_them)
{
    live_everywhere(ALL);
}

/* ---- what is sent ---- */

/* Each record of a handshake message is traced with its one fragment. */
TEST(no_fragment_is_longer)
{
    for (size_t i = 0; i < KINDS; i++) {
        for (int of_client = 0; of_client < 2; of_client++) {
            live(&kinds[i], FRAGMENT, of_client ? CLIENT_SIDE : SERVER_SIDE, of_client);
            CHECK(seen.longest == PIECE && seen.parts > 0);
            CHECK_EQ(seen.messages, seen.handshakes);
        }
    }
}

/* However short the fragments are, the trace lacks none. */
EACH_VERSION(each_fragment_is_traced)
{
    node_t *client, *server;

    for (size_t piece = 1; piece < 60; piece += 7) {
        net_t *net = net_pair(1, &client, &server);

        NOTE("pieces of %zu bytes", piece);
        client->config.fragment = piece;
        start_watching(client);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(seen.longest, piece);
        CHECK(seen.messages >= 150 / piece && seen.messages == seen.handshakes);
        CHECK(!seen.reused);
        for (size_t i = 0; i < net->packet_count; i++) {
            CHECK(net->packets[i].from == server || wire_count(&net->packets[i]) <= 8);
        }
        net_end(net);
    }
}

/* The records share datagrams, which do not exceed the MTU. */
TEST(fragments_share_datagrams)
{
    for (uint16_t version = DTLS13; version <= DTLS12; version++) {
        node_t *client, *server;

        net_version = version;
        net_t *net = net_pair(1, &client, &server);
        client->config.fragment = server->config.fragment = 20;
        client->config.mtu = 256;
        start_watching(client);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK(seen.most_records > 3 && seen.most_records < 8);
        for (size_t i = 0; i < net->packet_count; i++) {
            CHECK(net->packets[i].from == server || net->packets[i].length <= 256);
        }
        net_end(net);
    }
    net_version = DTLS12;
}

/* Fragments longer than what fits a datagram, and the longest that can be asked for. */
EACH_VERSION(long_fragments_are_cut_to_the_mtu)
{
    for (size_t piece = 200; piece <= 16384; piece = piece == 200 ? 1300 : piece + 15084) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("pieces of %zu bytes", piece);
        client->config.fragment = server->config.fragment = piece;
        client->config.client_hello_padding = 3000;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        for (size_t i = 0; i < net->packet_count; i++) {
            CHECK(net->packets[i].length <= 1232);
        }
        CHECK(net_echo(client, server));
        net_end(net);
    }
}

/* Each byte of a message in a record of its own. A server that would have to send more than three
 * times what came from the address demands a cookie. */
EACH_VERSION(fragments_of_a_byte)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_OFF; cookie++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("cookie %d", cookie);
        client->config.fragment = server->config.fragment = 1;
        server->config.cookie = cookie;
        client->delay = server->delay = 5;
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK(info_of(client, server).cookie);
        net_run(net, 50000);
        CHECK(net_echo(client, server));
        CHECK_EQ(conn_of(client, server)->flight.timer_at, NEVER);
        CHECK_EQ(conn_of(server, client)->flight.timer_at, NEVER);
        net_end(net);
    }
}

TEST(every_transmission_is_sent_twice)
{
    for (size_t i = 0; i < KINDS; i++) {
        live(&kinds[i], REPEAT, CLIENT_SIDE, true);
        CHECK(seen.messages > 0);
        CHECK_EQ(2 * seen.repeated, seen.messages);
        CHECK(!seen.reused && !seen.misnumbered);
        live(&kinds[i], REPEAT, SERVER_SIDE, false);
        CHECK(seen.repeated > 0 && 2 * seen.repeated <= seen.messages);
    }
}

/* A server sends three times what came from an address at most. A second copy that exceeds this is
 * not begun, so that it takes no record numbers. */
EACH_VERSION(second_copies_keep_the_limit_of_amplification)
{
    static const uint8_t hint[100];

    for (size_t length = 0; length <= sizeof(hint); length += 10) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("a hint of %zu bytes", length);
        server->hint = hint;
        server->hint_length = length;
        server->config.cookie = DTLS_COOKIE_OFF;
        server->config.repeat_flight = true;
        client->delay = server->delay = 5;
        start_watching(server);
        net_start(net);
        dtls_connect(client->ctx, &server->address);
        net_run(net, 5);
        CHECK(server->sent > 0 && server->sent_bytes <= 3 * client->sent_bytes);
        net_run(net, 1000);
        CHECK(node_connected(client, server) && node_connected(server, client));
        CHECK(!seen.reused && !seen.skipped);
        net_end(net);
    }
}

/* Flights, messages after the handshake, and the request in the last datagram of a batch. */
TEST(a_datagram_has_one_record)
{
    for (size_t i = 0; i < KINDS; i++) {
        live(&kinds[i], ALONE, CLIENT_SIDE, true);
        CHECK(seen.most_records == 1 && seen.records > 2);
        live(&kinds[i], ALONE, SERVER_SIDE, false);
        CHECK(seen.most_records == 1 && seen.records > 2);
        live(&kinds[i], ALL, BOTH_SIDES, false);
        CHECK_EQ(seen.most_records, 1);
    }
}

static void send_batch(bool alone)
{
    static const uint8_t data[300];
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.heartbeat = server->config.heartbeat = true;
    client->config.record_per_datagram = alone;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    size_t before = net->packet_count;
    dtls_peer_t *peer = dtls_get_peer(client->ctx, &server->address);
    CHECK_EQ(dtls_peer_write_batch(peer, data, sizeof(data), 100, data, 8), sizeof(data));
    CHECK_EQ(net->packet_count, before + 3 + alone);
    CHECK_EQ(wire_count(&net->packets[before + 2]), alone ? 1 : 2);
    net_run(net, 10);
    CHECK_EQ(server->message_count, 3);
    net_end(net);
}

EACH_VERSION(the_request_of_a_batch_is_alone)
{
    send_batch(false);
    send_batch(true);
}

/* ---- ClientHello ---- */

static bool parse_hello(const node_t *client, size_t nth, client_hello_t *hello, reader_t *whole)
{
    const net_packet_t *packet = wire_sent_message(client, CLIENT_HELLO, nth);
    wire_record_t record;
    wire_message_t message;

    if (!packet) {
        return false;
    }
    CHECK(wire_find(packet, CLIENT_HELLO, &record) && wire_message(&record, &message));
    CHECK_EQ(message.length, message.total);
    reader_t body = *whole = reader(message.body, message.length);
    CHECK_EQ(client_hello_parse(&body, hello), DTLS_ERR_NONE);
    return true;
}

static size_t count_grease(reader_t list)
{
    size_t count = 0;

    while (reader_left(&list) > 0) {
        count += is_grease(take_u16(&list));
    }
    return count;
}

static reader_t extensions_of(reader_t hello)
{
    take_bytes(&hello, 34);
    take_block(&hello, 1);
    take_block(&hello, 1);
    take_block(&hello, 2);
    take_block(&hello, 1);
    return take_block(&hello, 2);
}

/* Appends the GREASE extensions, with their contents, to *found. */
static size_t grease_extensions(reader_t hello, wire_t *found)
{
    reader_t list = extensions_of(hello);
    size_t count = 0;

    while (reader_left(&list) > 0) {
        uint16_t type = take_u16(&list);
        reader_t data = take_block(&list, 2);
        if (is_grease(type)) {
            wire_put_number(found, type, 2);
            wire_put(found, data.at, reader_left(&data));
            count++;
        }
    }
    return count;
}

/* Returns how many key shares are of GREASE groups. */
static size_t grease_shares(reader_t shares, size_t *others)
{
    size_t count = 0;

    for (*others = 0; reader_left(&shares) > 0;) {
        bool grease = is_grease(take_u16(&shares));
        take_block(&shares, 2);
        count += grease;
        *others += !grease;
    }
    return count;
}

static void collect(wire_t *found, reader_t list)
{
    wire_put(found, list.at, reader_left(&list));
}

/* Appends to *found what must be the same in the second ClientHello. */
static void check_grease(const client_hello_t *hello, reader_t whole, bool is13, wire_t *found)
{
    const extensions_t *ext = &hello->extensions;

    CHECK_EQ(count_grease(hello->suites), 1);
    CHECK_EQ(grease_extensions(whole, found), 2);
    collect(found, hello->suites);
    if (reader_left(&ext->groups) > 0) {
        CHECK_EQ(count_grease(ext->groups), 1);
        collect(found, ext->groups);
    }
    if (!is13) {
        return;
    }
    CHECK_EQ(count_grease(ext->versions), 1);
    collect(found, ext->versions);
    CHECK_EQ(reader_left(&ext->modes), 2);
    CHECK_EQ((ext->modes.at[0] - 0x0b) % 0x1f, 0);
    collect(found, ext->modes);
}

/* Performs a handshake in which the client sends GREASE values. Returns them in *found. */
static void greased(const kind_t *kind, uint64_t seed, wire_t *found)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = kind_pair(kind, &jar, &client, &server);
    client_hello_t hello;
    reader_t whole;
    bool is13 = kind->version != DTLS12;
    size_t others;

    NOTE("%s, seed %llu", kind->name, (unsigned long long)seed);
    client->random = seed;
    client->config.mtu = 1232;
    client->config.grease = server->config.grease = true;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    found->length = 0;
    CHECK(parse_hello(client, 0, &hello, &whole));
    check_grease(&hello, whole, is13, found);
    if (reader_left(&hello.extensions.shares) > 0) {
        CHECK_EQ(grease_shares(hello.extensions.shares, &others), 1);
        CHECK_EQ(others, 1);
    }
    if (parse_hello(client, 1, &hello, &whole)) {
        wire_t second = {.length = 0};

        check_grease(&hello, whole, is13, &second);
        CHECK_EQ(second.length, found->length);
        CHECK_MEM(second.data, found->data, second.length);
        if (reader_left(&hello.extensions.shares) > 0) {
            CHECK_EQ(grease_shares(hello.extensions.shares, &others), !kind->other_group);
            CHECK_EQ(others, 1);
        }
    }
    net_end(net);
}

TEST(grease_is_random_and_the_same_in_the_second_hello)
{
    for (size_t i = 0; i < KINDS; i++) {
        static wire_t first, second;
        unsigned different = 0;

        greased(&kinds[i], 1, &first);
        for (uint64_t seed = 2; seed < 10; seed++) {
            greased(&kinds[i], seed * 0x9e3779b97f4a7c15U, &second);
            different +=
                second.length != first.length || memcmp(second.data, first.data, first.length) != 0;
        }
        CHECK(different == 8);
    }
}

/* A client of both versions, and one that resumes: both have more in their ClientHellos. */
TEST(grease_with_both_versions)
{
    static const kind_t both = {"both versions", BOTH_VERSIONS, .cookie = true};
    static wire_t found;

    for (uint64_t seed = 1; seed < 300; seed++) {
        greased(&both, seed * 0x9e3779b97f4a7c15U, &found);
    }
}

TEST(tickets_have_a_grease_extension)
{
    uint16_t last = 0;
    unsigned changes = 0;

    for (unsigned grease = 0; grease < 9; grease++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = ticket_pair(DTLS13, &client, &server, &jar);

        server->random = grease * 0x9e3779b97f4a7c15U;
        server->config.grease = grease > 0;
        start_watching(client);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        net_run(net, 1000);
        CHECK_EQ(seen.tickets, 1);
        CHECK_EQ(seen.greased_tickets, grease > 0);
        CHECK_EQ(jar.count, 1);
        changes += seen.ticket_grease != last;
        last = seen.ticket_grease;
        net_end(net);
    }
    CHECK(changes > 5);
}

/* Returns the length of the nth ClientHello of a client with this padding, which connects. */
static size_t padded(size_t padding, bool cookie, size_t nth)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    client_hello_t hello;
    reader_t whole;

    NOTE("padding %zu, cookie %d", padding, cookie);
    client->config.client_hello_padding = padding;
    client->config.mtu = server->config.mtu = 65507;
    server->config.cookie = cookie ? DTLS_COOKIE_ON : DTLS_COOKIE_OFF;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK(net_echo(client, server));
    CHECK(parse_hello(client, nth, &hello, &whole));
    reader_t list = extensions_of(whole);
    for (uint16_t type = 0; reader_left(&list) > 0;) {
        type = take_u16(&list);
        reader_t data = take_block(&list, 2);
        while (type == 21 && reader_left(&data) > 0) {
            CHECK_EQ(take_u8(&data), 0);
        }
    }
    net_end(net);
    return reader_left(&whole);
}

/* Checks that padding to this length adds this number of bytes to the first and the second
 * ClientHello. */
static void check_padding(size_t padding, bool cookie, size_t added)
{
    for (size_t nth = 0; nth <= (size_t)cookie; nth++) {
        CHECK_EQ(padded(padding, cookie, nth), padded(0, cookie, nth) + added);
    }
}

EACH_VERSION(hellos_are_padded_to_the_byte)
{
    for (int cookie = 0; cookie < 2; cookie++) {
        size_t natural = padded(0, cookie, 0);

        check_padding(1, cookie, 0);
        check_padding(natural, cookie, 0);
        /* the extension takes four bytes */
        for (size_t more = 1; more <= 4; more++) {
            check_padding(natural + more, cookie, 4);
        }
        check_padding(natural + 5, cookie, 5);
        check_padding(1000, cookie, 1000 - natural);
        check_padding(16000, cookie, 16000 - natural);
    }
}

/* Only the padding makes the ClientHello too long, so nothing is left out of it. */
TEST(padding_leaves_nothing_out)
{
    node_t *client, *server;

    for (size_t padding = 1200; padding <= 4000; padding += 1400) {
        net_t *net = net_pair(1, &client, &server);

        client->config.only_version = server->config.only_version = BOTH_VERSIONS;
        client->config.client_hello_padding = padding;
        start_watching(client);
        net_start(net);
        CHECK(net_connect(client, server, 1000));
        CHECK_EQ(info_of(client, server).version, DTLS13);
        CHECK_EQ(seen.hellos, 2);
        net_end(net);
    }
}

/* A server of this library ignores a ClientHello in fragments of more than DTLS_HELLO_POOL_LENGTH
 * bytes. */
EACH_VERSION(the_longest_padding_is_sent_in_datagrams)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t bytes = 0;

    client->config.client_hello_padding = 16384;
    net_start(net);
    dtls_connect(client->ctx, &server->address);
    for (size_t i = 0; i < net->packet_count; i++) {
        CHECK(net->packets[i].length <= 1232);
        bytes += net->packets[i].length - 25;
    }
    CHECK_EQ(bytes, 16384);
    CHECK_EQ(net->packet_count, 14);
    net_run(net, 100);
    CHECK(!node_connected(client, server));
    net_end(net);
}

/* ---- a path that loses ---- */

EACH_VERSION(all_of_them_with_loss)
{
    for (uint64_t seed = 1; seed <= test_seeds(30); seed++) {
        node_t *client, *server;
        net_t *net = net_pair(seed, &client, &server);

        NOTE("seed %llu", (unsigned long long)seed);
        turn(client, ALL);
        turn(server, ALL);
        client->loss = server->loss = 10;
        client->reorder = server->reorder = 30;
        client->duplicate = server->duplicate = 10;
        client->delay = server->delay = 20;
        net_start(net);
        CHECK(net_connect(client, server, 60000));
        net_calm(net);
        CHECK(net_echo(client, server));
        net_end(net);
    }
}
