/*
 * matrix.c - every handshake message in every state of a client and of a server, in plaintext and
 * protected. What each cell may do comes from the RFCs:
 *
 *     p  the message that comes next: it is processed. RFC 5246 section 7.3, RFC 8446 section 4,
 *        RFC 9147 section 5.7. Its body is empty, so most often the result is decode_error.
 *     x  protected: unexpected_message, at once. RFC 5246 section 7.4, RFC 8446 section 4. In
 *        plaintext an attacker may have forged the message: it is discarded, or the handshake fails
 *        with unexpected_message later. RFC 6347 section 4.1.2.7, RFC 9147 section 4.5.2.
 *     h  HelloRequest during a handshake: it is ignored. RFC 5246 section 7.4.1.1.
 *     n  a request to renegotiate: the alert no_renegotiation. RFC 5246 section 7.2.2.
 *     d  plaintext after the handshake: it is discarded. RFC 6347 section 4.1.2.7, RFC 9147 section
 *        4.5.2.
 *
 * build/tests/hostile/matrix prints the matrix on stderr if the environment variable PRINT is set:
 * P processed, U unexpected_message at once, u unexpected_message later, n no_renegotiation,
 * . discarded.
 */
#include "common.h"
#include "common13.h"
#include "conn/state.h"
#include "message/hello.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES = 19, GRACE_MS = 5000, RECORD = 1000, STATE_ROOM = 1024, ALL = 1000 };
enum { HELLO_RETRY_REQUEST = 6, ENCRYPTED = 8 };

static const struct {
    uint8_t type;
    const char *name;
} types[TYPES] = {
    {0, "HelloRequest"},        {1, "ClientHello"},         {2, "ServerHello"},
    {3, "HelloVerifyRequest"},  {4, "NewSessionTicket"},    {5, "EndOfEarlyData"},
    {6, "HelloRetryRequest"},   {8, "EncryptedExtensions"}, {9, "RequestConnectionId"},
    {10, "NewConnectionId"},    {11, "Certificate"},        {12, "ServerKeyExchange"},
    {13, "CertificateRequest"}, {14, "ServerHelloDone"},    {15, "CertificateVerify"},
    {16, "ClientKeyExchange"},  {20, "Finished"},           {24, "KeyUpdate"},
    {99, "an unknown type"},
};

/* A state, and how to reach it: the victim receives only this number of records. */
typedef struct {
    const char *name;
    const char *expected; /* in the order of types[] */
    uint16_t version;
    unsigned epoch; /* in which the messages are sent */
    unsigned records;
    bool of_server;
    uint16_t suite; /* 0: PSK-AES128-GCM-SHA256, or the default of DTLS 1.3 */
    bool hint, tickets, resumed, cid, extensions; /* extensions: EncryptedExtensions has arrived */
} row_t;

static const row_t rows[] = {
    /* DTLS 1.2 client. RFC 4279 section 2: with plain PSK the ServerKeyExchange is optional. RFC
     * 5077 section 3.3: a NewSessionTicket comes only if the ServerHello has announced it. */
    {"1.2 client, ServerHello is next", "hxppxxpxxxxxxxxxxxx", DTLS12, 0, 0, .hint = false},
    {"1.2 client, has ServerHello", "hxxxxxxxxxxpxpxxxxx", DTLS12, 0, 1, .hint = false},
    {"1.2 client, has ServerHello, ECDHE", "hxxxxxxxxxxpxxxxxxx", DTLS12, 0, 1, .suite = 0xd001},
    {"1.2 client, has ServerKeyExchange", "hxxxxxxxxxxxxpxxxxx", DTLS12, 0, 2, .hint = true},
    {"1.2 client, ticket is next", "hxxxpxxxxxxxxxxxxxx", DTLS12, 0, 2, .tickets = true},
    {"1.2 client, Finished is next", "hxxxxxxxxxxxxxxxxxx", DTLS12, 0, 3, .hint = false},
    {"  protected", "hxxxxxxxxxxxxxxxpxx", DTLS12, 1, 3, .hint = false},
    {"1.2 client, resumed, ticket is next", "hxxxpxxxxxxxxxxxxxx", DTLS12, 0, 1, .tickets = true,
     .resumed = true},
    {"1.2 client, resumed, Finished is next", "hxxxxxxxxxxxxxxxxxx", DTLS12, 0, 2, .resumed = true},
    {"  protected", "hxxxxxxxxxxxxxxxpxx", DTLS12, 1, 2, .resumed = true},
    {"1.2 client, connected", "ddddddddddddddddddd", DTLS12, 0, ALL, .hint = false},
    {"  protected", "nxxxxxxxxxxxxxxxxxx", DTLS12, 1, ALL, .hint = false},
    /* DTLS 1.2 server. */
    {"1.2 server, has ClientHello", "xxxxxxxxxxxxxxxpxxx", DTLS12, 0, 1, .of_server = true},
    {"1.2 server, Finished is next", "xxxxxxxxxxxxxxxxxxx", DTLS12, 0, 3, .of_server = true},
    {"  protected", "xxxxxxxxxxxxxxxxpxx", DTLS12, 1, 3, .of_server = true},
    {"1.2 server, resumed, Finished is next", "xxxxxxxxxxxxxxxxxxx", DTLS12, 0, 2,
     .of_server = true, .resumed = true},
    {"  protected", "xxxxxxxxxxxxxxxxpxx", DTLS12, 1, 2, .of_server = true, .resumed = true},
    {"1.2 server, connected", "ddddddddddddddddddd", DTLS12, 0, ALL, .of_server = true},
    {"  protected", "xnxxxxxxxxxxxxxxxxx", DTLS12, 1, ALL, .of_server = true},
    /* DTLS 1.3 client. RFC 9147 section 5.1: only a server of DTLS 1.2 sends a HelloVerifyRequest,
     * to which this client responds with protocol_version (RFC 8446 appendix D.1). RFC 8446 section
     * 4.6: what may come after the handshake. RFC 9147 section 9: messages about connection IDs
     * only if they were negotiated. */
    {"1.3 client, ServerHello is next", "xxppxxpxxxxxxxxxxxx", DTLS13, 0, 0, .hint = false},
    {"1.3 client, has ServerHello", "xxxxxxxxxxxxxxxxxxx", DTLS13, 0, 1, .hint = false},
    {"  protected", "xxxxxxxpxxxxxxxxxxx", DTLS13, 2, 1, .hint = false},
    {"1.3 client, Finished is next", "xxxxxxxxxxxxxxxxxxx", DTLS13, 0, 1, .extensions = true},
    {"  protected", "xxxxxxxxxxxxxxxxpxx", DTLS13, 2, 1, .extensions = true},
    {"1.3 client, connected", "ddddddddddddddddddd", DTLS13, 0, ALL, .hint = false},
    {"  protected", "xxxxpxxxxxxxxxxxxpx", DTLS13, 3, ALL, .hint = false},
    {"  protected, connection IDs", "xxxxpxxxppxxxxxxxpx", DTLS13, 3, ALL, .cid = true},
    /* DTLS 1.3 server. */
    {"1.3 server, Finished is next", "xxxxxxxxxxxxxxxxxxx", DTLS13, 0, 1, .of_server = true},
    {"  protected", "xxxxxxxxxxxxxxxxpxx", DTLS13, 2, 1, .of_server = true},
    {"1.3 server, connected", "ddddddddddddddddddd", DTLS13, 0, ALL, .of_server = true},
    {"  protected", "xxxxxxxxxxxxxxxxxpx", DTLS13, 3, ALL, .of_server = true},
    {"  protected, connection IDs", "xxxxxxxxppxxxxxxxpx", DTLS13, 3, ALL, .of_server = true,
     .cid = true},
};

/* ---- reaching the state ---- */

typedef struct {
    const row_t *row;
    net_t *net;
    node_t *victim, *peer, *client, *server;
    unsigned left; /* how many records the victim may still receive */
    insider_t insider12;
    insider13_t insider13;
} stage_t;

static struct {
    uint8_t bytes[STATE_ROOM];
    size_t length;
} session;

static void keep_session(void *hook, const session_t *peer, const uint8_t *state, size_t length,
                         uint32_t lifetime_s)
{
    (void)hook;
    (void)peer;
    (void)lifetime_s;
    CHECK(length <= sizeof(session.bytes));
    memcpy(session.bytes, state, length);
    session.length = length;
}

/* Delivers the first records of a datagram to the victim. */
static void limit_records(net_t *net, net_packet_t *packet)
{
    stage_t *stage = net->user;
    wire_record_t record;
    size_t end = 0;

    if (packet->to != stage->victim || stage->left == ALL)
        return;
    for (size_t at = 0; stage->left > 0 && wire_next(packet->data, packet->length, &at, &record);) {
        stage->left--;
        end = at;
    }
    packet->length = end;
    packet->copies = end > 0;
}

static void configure(const stage_t *stage)
{
    static const uint8_t cid[] = "12345678";
    const row_t *row = stage->row;
    node_t *nodes[] = {stage->client, stage->server};

    for (size_t i = 0; i < 2; i++) {
        dtls_config_t *config = &nodes[i]->config;

        config->cookie = DTLS_COOKIE_OFF;
        config->tickets = row->tickets;
        config->sessions = row->resumed && !row->tickets ? 4 : 0;
        config->use_cid = row->cid;
        config->cid_length = row->cid ? sizeof(cid) - 1 : 0;
        config->cid = row->cid ? cid : NULL;
        if (row->suite) {
            config->suites = &row->suite;
            config->suite_count = 1;
        }
    }
    if (row->tickets || row->resumed)
        stage->client->config.ticket = keep_session;
    stage->server->hint = (const uint8_t *)"a hint";
    stage->server->hint_length = row->hint ? 6 : 0;
}

/* Connects and closes, after which the client has a session. */
static void get_session(const stage_t *stage)
{
    session.length = 0;
    CHECK(net_connect(stage->client, stage->server, 1000));
    net_run(stage->net, 1000);
    CHECK_EQ(dtls_close(stage->client->ctx, &stage->server->address), 0);
    net_run(stage->net, 10000);
    CHECK(session.length > 0);
}

static void reach(stage_t *stage, const row_t *row)
{
    static const uint8_t no_extensions[] = {0, 0};

    stage->row = row;
    stage->left = row->records;
    if (row->version == DTLS13) {
        stage->net = insider13_pair(&stage->insider13);
        stage->client = stage->insider13.client;
        stage->server = stage->insider13.server;
    } else {
        stage->net = insider_pair(&stage->insider12, 1);
        stage->client = stage->insider12.client;
        stage->server = stage->insider12.server;
    }
    stage->victim = row->of_server ? stage->server : stage->client;
    stage->peer = row->of_server ? stage->client : stage->server;
    configure(stage);
    net_start(stage->net);
    if (row->resumed)
        get_session(stage);
    stage->net->tap = limit_records;
    stage->net->user = stage;
    CHECK(dtls_resume(stage->client->ctx, &stage->server->address, session.bytes,
                      row->resumed ? session.length : 0, 0) > 0);
    net_run(stage->net, 300);
    stage->client->loss = stage->server->loss = 100;
    if (row->version == DTLS12 && row->epoch > 0)
        insider_learn(&stage->insider12);
    if (row->extensions)
        insider13_message(&stage->insider13, stage->server, 2, RECORD - 1, ENCRYPTED, 1,
                          no_extensions, sizeof(no_extensions));
}

static void leave(stage_t *stage)
{
    if (stage->row->version == DTLS13)
        insider13_end(&stage->insider13, stage->net);
    else
        net_end(stage->net);
}

/* ---- a cell ---- */

/* Passes an empty message to the victim, with the message_seq that comes next. */
static void send_message(const stage_t *stage, uint8_t type)
{
    wire_t body = {.length = 0}, wire = {.length = 0};
    uint16_t seq = conn_of(stage->victim, stage->peer)->messages.receive_seq;

    if (type == HELLO_RETRY_REQUEST) { /* a ServerHello with a certain random */
        type = SERVER_HELLO;
        wire_put_number(&body, 0xfefd, 2);
        wire_put(&body, hello_retry_random, 32);
    }
    const wire_message_t message = {.type = type,
                                    .msg_seq = seq,
                                    .total = (uint32_t)body.length,
                                    .length = (uint32_t)body.length,
                                    .body = body.data};
    wire_put_fragment(&wire, RECORD, &message);
    if (stage->row->epoch == 0)
        net_inject(stage->victim, &stage->peer->address, wire.data, wire.length);
    else if (stage->row->version == DTLS13)
        insider13_message(&stage->insider13, stage->peer, stage->row->epoch, RECORD, type, seq,
                          body.data, body.length);
    else
        insider_inject(&stage->insider12, stage->peer, HANDSHAKE, RECORD,
                       wire.data + WIRE_RECORD_HEADER, wire.length - WIRE_RECORD_HEADER);
}

static char end_of(const node_t *victim, char unexpected)
{
    return node_last_end(victim)->info.error == DTLS_ERR_UNEXPECTED_MESSAGE ? unexpected : 'P';
}

static char outcome(const stage_t *stage, uint8_t type)
{
    node_t *victim = stage->victim;
    size_t ends = node_ends(victim);
    messages_t before = conn_of(victim, stage->peer)->messages;

    send_message(stage, type);
    if (node_ends(victim) > ends)
        return end_of(victim, 'U');
    if (node_events(victim, DTLS_EVENT_RENEGOTIATE) > 0)
        return 'n';
    messages_t after = conn_of(victim, stage->peer)->messages;
    if (after.receive_seq != before.receive_seq || after.state != before.state)
        return 'P';
    net_run(stage->net, GRACE_MS);
    return node_ends(victim) > ends ? end_of(victim, 'u') : '.';
}

static bool is_allowed(const row_t *row, char expected, char found)
{
    switch (expected) {
    case 'p': return found == 'P';
    case 'x': return row->epoch > 0 ? found == 'U' : found == 'u' || found == '.';
    case 'n': return found == 'n';
    default: return found == '.'; /* h, d */
    }
}

static void print_types(void)
{
    for (size_t i = 0; i < TYPES; i++) {
        fprintf(stderr, "%38s%*s%s\n", "", (int)(2 * i), "", types[i].name);
    }
}

TEST(every_message_in_every_state)
{
    bool print = getenv("PRINT") != NULL;
    unsigned wrong = 0;

    if (print)
        print_types();
    for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
        char found[2 * TYPES + 1] = "";

        CHECK_EQ(strlen(rows[r].expected), TYPES);
        for (size_t i = 0; i < TYPES; i++) {
            static stage_t stage;

            NOTE("row %zu, %s: %s", r, rows[r].name, types[i].name);
            reach(&stage, &rows[r]);
            found[2 * i] = outcome(&stage, types[i].type);
            found[2 * i + 1] = ' ';
            leave(&stage);
            if (!is_allowed(&rows[r], rows[r].expected[i], found[2 * i])) {
                printf("not ok %s, %s - found %c, expected %c\n", rows[r].name, types[i].name,
                       found[2 * i], rows[r].expected[i]);
                wrong++;
            }
        }
        if (print)
            fprintf(stderr, "%-38s%s\n", rows[r].name, found);
    }
    CHECK_EQ(wrong, 0);
}
