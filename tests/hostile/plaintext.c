/*
 * plaintext.c - forged records of epoch 0, of every kind. They are injected into a connected
 * association and at every step of a handshake.
 */
#include "wire.h"

#include <string.h>

static const uint8_t ones[300] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

/* ---- the kinds of records ---- */

typedef struct {
    const char *name;
    unsigned type, epoch;
    int msg_type; /* -1: not a handshake message */
    size_t length;
    const uint8_t *body;
} kind_t;

static const kind_t kinds[] = {
    {"fatal bad_record_mac", ALERT, 0, -1, 2, (const uint8_t[]){2, 20}},
    {"fatal handshake_failure", ALERT, 0, -1, 2, (const uint8_t[]){2, 40}},
    {"fatal decrypt_error", ALERT, 0, -1, 2, (const uint8_t[]){2, 51}},
    {"fatal unknown_psk_identity", ALERT, 0, -1, 2, (const uint8_t[]){2, 115}},
    {"fatal close_notify", ALERT, 0, -1, 2, (const uint8_t[]){2, 0}},
    {"close_notify", ALERT, 0, -1, 2, (const uint8_t[]){1, 0}},
    {"user_canceled", ALERT, 0, -1, 2, (const uint8_t[]){1, 90}},
    {"no_renegotiation", ALERT, 0, -1, 2, (const uint8_t[]){1, 100}},
    {"alert of no level", ALERT, 0, -1, 2, (const uint8_t[]){0, 0}},
    {"alert of one byte", ALERT, 0, -1, 1, (const uint8_t[]){2}},
    {"alert of three bytes", ALERT, 0, -1, 3, (const uint8_t[]){2, 40, 0}},
    {"ChangeCipherSpec", CCS, 0, -1, 1, (const uint8_t[]){1}},
    {"ChangeCipherSpec 0", CCS, 0, -1, 1, (const uint8_t[]){0}},
    {"ChangeCipherSpec of two bytes", CCS, 0, -1, 2, (const uint8_t[]){1, 1}},
    {"data", DATA, 0, -1, 21, ones},
    {"protected alert", ALERT, 1, -1, 32, ones},
    {"protected data", DATA, 1, -1, 40, ones},
    {"protected Finished", HANDSHAKE, 1, -1, 40, ones},
    {"protected ChangeCipherSpec", CCS, 1, -1, 25, ones},
    {"epoch 2", HANDSHAKE, 2, -1, 40, ones},
    {"type 99", 99, 0, -1, 20, ones},
    {"handshake shorter than its header", HANDSHAKE, 0, -1, 11, ones},
    {"HelloRequest", HANDSHAKE, 0, HELLO_REQUEST, 0, ones},
    {"HelloRequest with a body", HANDSHAKE, 0, HELLO_REQUEST, 5, ones},
    {"ClientHello of junk", HANDSHAKE, 0, CLIENT_HELLO, 40, ones},
    {"ServerHello of junk", HANDSHAKE, 0, SERVER_HELLO, 40, ones},
    {"empty ServerHello", HANDSHAKE, 0, SERVER_HELLO, 0, ones},
    {"HelloVerifyRequest of junk", HANDSHAKE, 0, HELLO_VERIFY_REQUEST, 40, ones},
    {"empty HelloVerifyRequest", HANDSHAKE, 0, HELLO_VERIFY_REQUEST, 0, ones},
    {"NewSessionTicket", HANDSHAKE, 0, 4, 40, ones},
    {"Certificate", HANDSHAKE, 0, 11, 40, ones},
    {"ServerKeyExchange of junk", HANDSHAKE, 0, SERVER_KEY_EXCHANGE, 40, ones},
    {"CertificateRequest", HANDSHAKE, 0, 13, 40, ones},
    {"ServerHelloDone", HANDSHAKE, 0, SERVER_HELLO_DONE, 0, ones},
    {"ServerHelloDone with a body", HANDSHAKE, 0, SERVER_HELLO_DONE, 3, ones},
    {"ClientKeyExchange of junk", HANDSHAKE, 0, CLIENT_KEY_EXCHANGE, 40, ones},
    {"empty ClientKeyExchange", HANDSHAKE, 0, CLIENT_KEY_EXCHANGE, 0, ones},
    {"plaintext Finished", HANDSHAKE, 0, FINISHED, 12, ones},
    {"KeyUpdate", HANDSHAKE, 0, 24, 1, ones},
    {"message 255", HANDSHAKE, 0, 255, 40, ones},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void inject_kind(node_t *from, node_t *to, const kind_t *kind, uint16_t msg_seq)
{
    wire_t wire = {.length = 0};
    uint64_t sequence = 0x10000 + msg_seq;

    if (kind->msg_type < 0) {
        wire_put_record(&wire, kind->type, kind->epoch, sequence, kind->body, kind->length);
    } else {
        wire_message_t message = {.type = (uint8_t)kind->msg_type,
                                  .msg_seq = msg_seq,
                                  .total = (uint32_t)kind->length,
                                  .length = (uint32_t)kind->length,
                                  .body = kind->body};

        wire_put_fragment(&wire, sequence, &message);
    }
    net_inject(to, &from->address, wire.data, wire.length);
}

/* ---- into an association ---- */

static void inject_all(node_t *from, node_t *to)
{
    size_t sent = to->sent, events = to->event_count, messages = to->message_count;

    for (size_t i = 0; i < KINDS; i++) {
        for (uint16_t msg_seq = 0; msg_seq < 8; msg_seq++) {
            NOTE("%s, msg_seq %u, to the %s", kinds[i].name, msg_seq, to->name);
            inject_kind(from, to, &kinds[i], msg_seq);
            CHECK_EQ(to->sent, sent);
            CHECK_EQ(to->event_count, events);
            CHECK_EQ(to->message_count, messages);
        }
        CHECK(net_echo(from, to));
        sent = to->sent;
        messages = to->message_count;
    }
}

EACH_VERSION(association_survives_every_kind)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    inject_all(client, server);
    inject_all(server, client);
    net_run(net, 300000); /* after 300 s the last flight has been freed */
    inject_all(client, server);
    inject_all(server, client);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    net_end(net);
}

EACH_VERSION(association_survives_every_alert)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    for (unsigned code = 0; code < 256; code++) {
        for (uint8_t level = 0; level < 4; level++) {
            const uint8_t alert[] = {level, (uint8_t)code};
            const kind_t kind = {"alert", ALERT, 0, -1, 2, alert};

            inject_kind(client, server, &kind, 0);
            inject_kind(server, client, &kind, 0);
        }
    }
    net_run(net, 10000);
    CHECK_EQ(node_ends(client) + node_ends(server), 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

EACH_VERSION(association_survives_every_content_type)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    size_t sent;

    net_start(net);
    CHECK(net_connect(client, server, 1000));
    sent = net->packet_count;
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned epoch = 0; epoch < 4; epoch++) {
            const kind_t kind = {"", type, epoch, -1, sizeof(ones), ones};

            inject_kind(client, server, &kind, 0);
            inject_kind(server, client, &kind, 0);
        }
    }
    CHECK_EQ(net->packet_count, sent);
    CHECK_EQ(client->message_count + server->message_count, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* In DTLS 1.2 the records after an invalid plaintext record are still processed, even if the
 * invalid one looks like a unified header of DTLS 1.3. */
static void prepend_every_type(uint16_t of_client, uint16_t of_server, unsigned version)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->config.only_version = of_client;
    server->config.only_version = of_server;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    for (unsigned type = 0; type < 256; type++) {
        wire_t wire = {.length = 0};
        size_t before = server->message_count;
        const net_packet_t *good;

        NOTE("type %u, record version %04x, server of %04x", type, version, of_server);
        client->loss = 100;
        CHECK(node_write(client, server, "good") > 0);
        client->loss = 0;
        good = &net->packets[net->packet_count - 1];
        wire_put_record(&wire, type, 0, 5, "junk", 4);
        wire.data[1] = (uint8_t)(version >> 8);
        wire.data[2] = (uint8_t)version;
        wire_put(&wire, good->data, good->length);
        net_inject(server, &client->address, wire.data, wire.length);
        if (type != 25) { /* type 25 has a connection ID, whose length is not known */
            CHECK_EQ(server->message_count, before + 1);
        }
    }
    net_end(net);
}

/* The first record of a datagram is a close_notify: the peer may be gone when junk follows. */
static void end_before_the_rest(void)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    wire_t wire = {.length = 0};
    const net_packet_t *last;

    server->config.only_version = BOTH_VERSIONS;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    client->loss = 100;
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    last = &net->packets[net->packet_count - 1];
    wire_put(&wire, last->data, last->length);
    wire_put_record(&wire, 32, 0, 5, "junk", 4);
    wire_put_record(&wire, DATA, 0, 5, "junk", 4);
    net_inject(server, &client->address, wire.data, wire.length);
    CHECK_EQ(node_events(server, DTLS_EVENT_CLOSED), 1);
    net_end(net);
}

TEST(record_of_unknown_type_takes_nothing_with_it)
{
    end_before_the_rest();
    prepend_every_type(DTLS12, DTLS12, 0xfefd);
    prepend_every_type(DTLS12, DTLS12, 0xfeff);
    prepend_every_type(DTLS12, BOTH_VERSIONS, 0xfefd);
    prepend_every_type(DTLS12, BOTH_VERSIONS, 0xfeff);
}

/* ---- into a handshake ---- */

typedef struct {
    const kind_t *kind;
    size_t index; /* inject before this datagram is delivered */
    uint16_t msg_seq;
    bool at_sender; /* inject at the sender of that datagram; false: at its receiver */
} forgery_t;

static void forge_before(net_t *net, net_packet_t *packet)
{
    const forgery_t *forgery = net->user;

    if (packet->index == forgery->index) {
        node_t *victim = forgery->at_sender ? packet->from : packet->to;
        node_t *other = forgery->at_sender ? packet->to : packet->from;

        inject_kind(other, victim, forgery->kind, forgery->msg_seq);
    }
}

/* Returns whether the handshake completed. In any case it must end, and deliver no data. */
static bool forge_into_handshake(const forgery_t *forgery, bool hint)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    bool good;

    NOTE("%s, msg_seq %u, before datagram %zu, at its %s%s", forgery->kind->name, forgery->msg_seq,
         forgery->index, forgery->at_sender ? "sender" : "receiver", hint ? ", with hint" : "");
    client->delay = server->delay = 1;
    server->hint = ones;
    server->hint_length = hint ? 8 : 0;
    net_start(net);
    net->tap = forge_before;
    net->user = (void *)(uintptr_t)forgery;
    good = net_connect(client, server, 60000);
    net_run(net, 60000);
    CHECK(node_ends(client) <= 1 && node_ends(server) <= 1);
    CHECK_EQ(client->message_count + server->message_count, 0);
    CHECK(!good || net_echo(client, server));
    net_end(net);
    return good;
}

/* A handshake survives every forgery except a ClientKeyExchange with the right message_seq. */
static bool cannot_be_survived(const forgery_t *forgery)
{
    return forgery->kind->msg_type == CLIENT_KEY_EXCHANGE && forgery->msg_seq == 2 &&
           forgery->index == 4;
}

static void every_moment(bool hint)
{
    for (size_t i = 0; i < KINDS; i++) {
        for (size_t index = 0; index < 6; index++) {
            for (uint16_t msg_seq = 0; msg_seq < 5; msg_seq++) {
                for (unsigned at_sender = 0; at_sender < 2; at_sender++) {
                    forgery_t forgery = {&kinds[i], index, msg_seq, at_sender};
                    bool good = forge_into_handshake(&forgery, hint);

                    CHECK(good || cannot_be_survived(&forgery));
                    if (kinds[i].msg_type < 0 && msg_seq > 0) {
                        break;
                    }
                }
            }
        }
    }
}

EACH_VERSION(handshake_survives_every_kind)
{
    every_moment(false);
}

EACH_VERSION(handshake_with_hint_survives_every_kind)
{
    every_moment(true);
}
