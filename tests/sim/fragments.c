/*
 * fragments.c - ClientHellos in fragments. Whatever happens to one fragment, the handshake proceeds
 * as with a whole ClientHello.
 */
#include "jar.h"
#include "wire.h"

#include <string.h>

static uint8_t long_identity[1300];

typedef enum { PASS, LOSE, DOUBLE, SWAP, ONE_DATAGRAM, ONE_RECORD } fate_t;

static const char *const fates[] = {"passed",          "lost",         "doubled", "swapped",
                                    "in one datagram", "in one record"};

typedef struct {
    node_t *client;
    size_t piece; /* bytes of a fragment */
    fate_t fate;  /* what happens to one fragment, or to all */
    size_t number, count;
} cutter_t;

static bool is_together(const cutter_t *cutter)
{
    return cutter->fate == ONE_DATAGRAM || cutter->fate == ONE_RECORD;
}

static void carry_fragment(cutter_t *cutter, const net_packet_t *packet, const wire_t *datagram)
{
    fate_t fate = cutter->count++ == cutter->number ? cutter->fate : PASS;
    unsigned copies = fate == LOSE ? 0 : fate == DOUBLE ? 2 : 1;

    while (copies-- > 0) {
        net_carry(packet->from, packet->to, datagram->data, datagram->length,
                  packet->delay + (fate == SWAP ? 2 : 0));
    }
}

static void put_into_one_record(wire_t *datagram, uint64_t sequence, const wire_t *pieces)
{
    wire_t bodies = {.length = 0};
    wire_record_t record;
    size_t at = 0;

    while (wire_next(pieces->data, pieces->length, &at, &record)) {
        wire_put(&bodies, record.body, record.length);
    }
    wire_put_record(datagram, HANDSHAKE, 0, sequence, bodies.data, bodies.length);
}

static void cut_hello(net_t *net, net_packet_t *packet)
{
    cutter_t *cutter = net->user;
    wire_record_t record;
    wire_message_t piece;
    wire_t datagram = {.length = 0}, all = {.length = 0};

    if (packet->from != cutter->client || !wire_find(packet, CLIENT_HELLO, &record)) {
        return;
    }
    CHECK(wire_message(&record, &piece) && piece.length == piece.total);
    packet->copies = 0;
    for (uint32_t left = piece.total; left > 0; left -= piece.length) {
        piece.length = left < cutter->piece ? left : (uint32_t)cutter->piece;
        wire_put_fragment(&datagram, record.sequence, &piece);
        if (!is_together(cutter)) {
            carry_fragment(cutter, packet, &datagram);
            datagram.length = 0;
        }
        piece.offset += piece.length;
        piece.body += piece.length;
    }
    if (cutter->fate == ONE_RECORD) {
        all = datagram;
        datagram.length = 0;
        put_into_one_record(&datagram, record.sequence, &all);
    }
    if (is_together(cutter)) {
        carry_fragment(cutter, packet, &datagram);
    }
}

typedef struct {
    const char *name;
    uint16_t client_version, server_version;
    size_t identity_length, piece;
    bool other_group; /* the client's share is of a group that the server does not support */
} setup_t;

static const setup_t setups[] = {
    {.name = "1.2", .client_version = DTLS12, .identity_length = 15, .piece = 50},
    {.name = "1.2, in small pieces", .client_version = DTLS12, .identity_length = 15, .piece = 20},
    {.name = "1.3", .client_version = DTLS13, .identity_length = 1300, .piece = 512},
    {.name = "1.3, another group",
     .client_version = DTLS13,
     .identity_length = 1300,
     .piece = 800,
     .other_group = true},
    {.name = "1.3, the second hello alone",
     .client_version = DTLS13,
     .identity_length = 1300,
     .piece = 1500,
     .other_group = true},
    {.name = "both versions, a server of 1.2",
     .server_version = DTLS12,
     .identity_length = 1300,
     .piece = 800},
};

enum { SETUPS = sizeof(setups) / sizeof(*setups) };

static net_t *set_up(const setup_t *setup, dtls_cookie_t cookie, node_t **client, node_t **server)
{
    static const uint16_t groups[] = {23, 29};
    net_t *net = net_pair(1, client, server);

    memset(long_identity, 'i', sizeof(long_identity));
    (*client)->identity = (*server)->identity = long_identity;
    (*client)->identity_length = (*server)->identity_length = setup->identity_length;
    (*client)->config.mtu = 2000;
    (*client)->config.only_version = setup->client_version;
    (*server)->config.only_version = setup->server_version;
    (*server)->config.cookie = cookie;
    (*client)->delay = (*server)->delay = 5;
    if (setup->other_group) {
        (*client)->config.groups = groups;
        (*client)->config.group_count = 2;
        (*server)->config.groups = groups + 1;
        (*server)->config.group_count = 1;
    }
    return net;
}

/* Connects with a fragmented hello. Returns how many fragments were sent. */
static size_t connect_cut(const setup_t *setup, dtls_cookie_t cookie, fate_t fate, size_t number)
{
    cutter_t cutter = {.piece = setup->piece, .fate = fate, .number = number};
    node_t *server;
    net_t *net = set_up(setup, cookie, &cutter.client, &server);

    NOTE("%s, cookie %d, fragment %zu %s", setup->name, (int)cookie, number, fates[fate]);
    net_start(net);
    net->tap = cut_hello;
    net->user = &cutter;
    CHECK(net_connect(cutter.client, server, 30000));
    CHECK_EQ(node_ends(server), 0);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECT), 1);
    net_run(net, 1000);
    CHECK(net_echo(cutter.client, server));
    net_end(net);
    return cutter.count;
}

TEST(every_fragment_of_a_hello_lost_doubled_and_swapped)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (size_t i = 0; i < SETUPS; i++) {
            size_t count = connect_cut(&setups[i], cookie, PASS, 0);

            CHECK(count >= 2);
            for (fate_t fate = LOSE; fate <= SWAP; fate++) {
                for (size_t number = 0; number < count; number++) {
                    connect_cut(&setups[i], cookie, fate, number);
                }
            }
        }
    }
}

TEST(fragments_of_a_hello_in_one_datagram)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (size_t i = 0; i < SETUPS; i++) {
            connect_cut(&setups[i], cookie, ONE_DATAGRAM, 0);
            connect_cut(&setups[i], cookie, ONE_RECORD, 0);
        }
    }
}

/* The server requests what it would request after a whole hello. Returns how many datagrams it
 * sends. */
static size_t datagrams_of_the_server(const setup_t *setup, dtls_cookie_t cookie, size_t piece)
{
    cutter_t cutter = {.piece = piece, .number = SIZE_MAX};
    node_t *server;
    net_t *net = set_up(setup, cookie, &cutter.client, &server);
    size_t sent;

    NOTE("%s, cookie %d, pieces of %zu", setup->name, (int)cookie, piece);
    net_start(net);
    net->tap = cut_hello;
    net->user = &cutter;
    CHECK(net_connect(cutter.client, server, 1000));
    sent = server->sent;
    net_end(net);
    return sent;
}

TEST(hello_in_fragments_is_answered_as_a_whole_one)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (size_t i = 0; i < SETUPS; i++) {
            size_t whole = datagrams_of_the_server(&setups[i], cookie, 4000);

            CHECK_EQ(datagrams_of_the_server(&setups[i], cookie, setups[i].piece), whole);
        }
    }
}

/* ---- early data ---- */

static uint8_t early[] = "early";

/* Resumes a session with a fragmented hello and early data. Returns how many datagrams the server
 * sends. */
static size_t resume_cut(uint16_t version, dtls_cookie_t cookie, size_t piece, fate_t fate,
                         bool elsewhere)
{
    cutter_t cutter = {.piece = piece, .fate = fate, .number = SIZE_MAX};
    jar_t jar;
    node_t *server;
    net_t *net = ticket_pair(version, &cutter.client, &server, &jar);
    size_t sent;

    NOTE("version %04x, cookie %d, pieces of %zu, %s%s", version, (int)cookie, piece, fates[fate],
         elsewhere ? ", from elsewhere" : "");
    server->config.cookie = cookie;
    net_start(net);
    CHECK(net_connect(cutter.client, server, 5000));
    net_run(net, 1000);
    part(cutter.client, server);
    net->tap = cut_hello;
    net->user = &cutter;
    sent = server->sent;
    if (elsewhere) {
        cutter.client->address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    }
    CHECK_EQ(resume(cutter.client, server, &jar, 2000), 1);
    CHECK(dtls_write_early(cutter.client->ctx, &server->address, early, sizeof(early)) > 0);
    check_connected(cutter.client, server, true);
    bool accepted = !elsewhere || cookie != DTLS_COOKIE_ON;
    CHECK_EQ(info_of(cutter.client, server).early_data,
             accepted ? DTLS_EARLY_ACCEPTED : DTLS_EARLY_REJECTED);
    CHECK_EQ(info_of(server, cutter.client).cookie, !accepted);
    CHECK(is_together(&cutter) || (cutter.count > (accepted ? 1 : 2)) == (piece < 1000));
    sent = server->sent - sent;
    net_end(net);
    return sent;
}

static void resume_in_fragments(uint16_t version, dtls_cookie_t cookie, bool elsewhere)
{
    size_t whole = resume_cut(version, cookie, 4000, PASS, elsewhere);

    CHECK_EQ(resume_cut(version, cookie, 300, PASS, elsewhere), whole);
    CHECK_EQ(resume_cut(version, cookie, 300, ONE_DATAGRAM, elsewhere), whole);
    CHECK_EQ(resume_cut(version, cookie, 300, ONE_RECORD, elsewhere), whole);
}

/* RFC 9147 section 5.1: a ticket validates the address, even if the hello is fragmented. */
TEST(early_data_of_a_hello_in_fragments)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        for (size_t i = 0; i < 4; i++) {
            resume_in_fragments(i % 2 == 0 ? DTLS13 : BOTH_VERSIONS, cookie, i >= 2);
        }
    }
}

/* ---- a flood of forged first fragments ---- */

enum { FLOOD_PER_MS = 20 };

/* Sends a forged first fragment from an address of its own. */
static void forge_one(node_t *server, const wire_message_t *start, unsigned nth)
{
    wire_t forged = {.length = 0};
    session_t from;

    net_address(&from, 7000);
    from.addr.sin.sin_addr.s_addr = htonl(0x0a000000 + nth * 977);
    wire_put_fragment(&forged, 0, start);
    net_inject(server, &from, forged.data, forged.length);
}

static void flood(node_t *server, unsigned ms)
{
    static const uint8_t start[60] = {0xfe, 0xfd, 1, 2, 3, [35] = 0, 0, 2, 0x13, 0x01, 1, 0};
    static const wire_message_t message = {
        .type = CLIENT_HELLO, .total = 300, .length = sizeof(start), .body = start};
    static unsigned nth;

    for (unsigned i = 0; i < ms; i++) {
        for (unsigned n = 0; n < FLOOD_PER_MS; n++) {
            forge_one(server, &message, nth++);
        }
        net_run(server->net, 1);
    }
}

static bool connects_in_flood(node_t *client, node_t *server)
{
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    for (unsigned i = 0; i < 100 && !node_connected(client, server); i++) {
        flood(server, 1);
    }
    return node_connected(client, server);
}

/* Connects a client during or after the flood. A DTLS 1.2 server with cookies needs no slot. The
 * other servers have a free slot only after the flood. */
static void connect_in_flood(const setup_t *setup, size_t piece, bool during)
{
    cutter_t cutter = {.piece = piece, .number = SIZE_MAX};
    node_t *server;
    net_t *net = set_up(setup, DTLS_COOKIE_ON, &cutter.client, &server);
    size_t before;

    NOTE("%s, pieces of %zu", setup->name, piece);
    net_start(net);
    net->tap = cut_hello;
    net->user = &cutter;
    cutter.client->reorder = piece < 4000 ? 50 : 0;
    cutter.client->reorder_ms = 10;
    before = server->live_bytes;
    flood(server, 1000);
    CHECK_EQ(server->live_bytes, before);
    CHECK_EQ(connects_in_flood(cutter.client, server) || !during, true);
    net_run(net, 30000);
    CHECK(node_connected(cutter.client, server));
    net_end(net);
}

TEST(flood_of_first_fragments_delays_clients_in_fragments_only)
{
    for (size_t i = 0; i < SETUPS; i++) {
        connect_in_flood(&setups[i], 4000, true);
        connect_in_flood(&setups[i], setups[i].piece, false);
    }
}

/* ---- a small MTU ---- */

static void narrow_path(net_t *net, net_packet_t *packet)
{
    CHECK(packet->length <= packet->from->config.mtu);
    (void)net;
}

static void connect_with_mtu(size_t mtu, uint16_t version, dtls_cookie_t cookie, size_t identity,
                             bool cids)
{
    setup_t setup = {.client_version = version, .identity_length = identity};
    node_t *client, *server;
    net_t *net = set_up(&setup, cookie, &client, &server);

    NOTE("MTU %zu, version %04x, cookie %d, identity of %zu%s", mtu, version, (int)cookie, identity,
         cids ? ", connection IDs" : "");
    client->config.mtu = server->config.mtu = mtu;
    client->config.use_cid = server->config.use_cid = cids;
    client->config.cid_length = server->config.cid_length = cids ? 20 : 0;
    net_start(net);
    net->tap = narrow_path;
    CHECK(net_connect(client, server, 5000));
    CHECK(net_echo(client, server));
    CHECK_EQ(node_ends(server), 0);
    net_end(net);
}

TEST(nothing_exceeds_a_small_mtu)
{
    static const size_t identities[] = {15, 128, 800};
    static const uint16_t versions[] = {DTLS12, DTLS13, BOTH_VERSIONS};

    for (size_t mtu = 256; mtu <= 300; mtu += 4) {
        for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
            for (size_t i = 0; i < 9; i++) {
                connect_with_mtu(mtu, versions[i % 3], cookie, identities[i / 3], i % 2 == 0);
            }
        }
    }
}

/* RFC 6347 section 4.2.1: with the longest cookie, all fragments of the second hello respect the
 * MTU. */
TEST(hello_with_a_long_cookie_keeps_to_the_mtu)
{
    uint8_t body[3 + 255] = {0xfe, 0xff, 255};
    const wire_message_t request = {
        .type = HELLO_VERIFY_REQUEST, .total = sizeof(body), .length = sizeof(body), .body = body};
    setup_t setup = {.client_version = DTLS12, .identity_length = 15};
    wire_t datagram = {.length = 0};
    node_t *client, *server;
    net_t *net = set_up(&setup, DTLS_COOKIE_ON, &client, &server);
    uint32_t length = 0;
    wire_record_t record;
    wire_message_t piece;

    client->config.mtu = 256;
    client->loss = 100;
    net_start(net);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    wire_put_fragment(&datagram, 0, &request);
    net_inject(client, &server->address, datagram.data, datagram.length);
    CHECK(net->packet_count >= 3);
    for (size_t i = 1; i < net->packet_count; i++) {
        CHECK(net->packets[i].length <= 256);
        CHECK(wire_find(&net->packets[i], CLIENT_HELLO, &record) && wire_message(&record, &piece));
        CHECK_EQ(piece.offset, length);
        length += piece.length;
    }
    CHECK_EQ(length, piece.total);
    net_end(net);
}
