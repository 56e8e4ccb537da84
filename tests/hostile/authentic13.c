/*
 * authentic13.c - misbehaviour of a DTLS 1.3 peer that has the keys: messages out of order, ACKs
 * for records never sent, KeyUpdates, invalid records.
 */
#include "common13.h"
#include "crypto/kdf13.h"
#include "message/transcript.h"

#include <string.h>

enum { KEY_UPDATE = 24, NEW_SESSION_TICKET = 4, ENCRYPTED_EXTENSIONS = 8, NONE = -1 };

static net_t *associated(insider13_t *insider)
{
    net_t *net = insider13_pair(insider);

    net_start(net);
    CHECK(net_connect(insider->client, insider->server, 1000));
    net_run(net, 1);
    return net;
}

static node_t *other(const insider13_t *insider, const node_t *node)
{
    return node == insider->client ? insider->server : insider->client;
}

/* Returns the next message_seq of a node. A client has sent ClientHello and Finished. A server has
 * sent ServerHello to Finished. */
static unsigned next_seq(const insider13_t *insider, const node_t *from)
{
    return from == insider->server ? 3 : 2;
}

/* Checks that the node has ended the association with this alert. NONE: that no side has ended
 * it. */
static void check_end(const insider13_t *insider, const node_t *node, int alert)
{
    uint8_t content[WIRE_ROOM];
    unsigned type;

    if (alert == NONE) {
        CHECK_EQ(node_ends(insider->client) + node_ends(insider->server), 0);
        return;
    }
    CHECK_EQ(node_ends(node), 1);
    CHECK_EQ(node_last_end(node)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(node)->info.alert, alert);
    CHECK(!node_last_end(node)->info.alert_received);
    CHECK_EQ(insider13_last(insider, node, 3, &type, content), 2);
    CHECK_EQ(type, ALERT);
    CHECK_EQ(content[0], DTLS_ALERT_LEVEL_FATAL);
    CHECK_EQ(content[1], alert);
}

/* ---- messages after the handshake ---- */

static const struct {
    const char *name;
    unsigned msg_type;
    const char *body;
    size_t length;
    int alert_of_server, alert_of_client;
} messages[] = {
    {"KeyUpdate 2", KEY_UPDATE, "\2", 1, 47, 47},
    {"KeyUpdate 255", KEY_UPDATE, "\377", 1, 47, 47},
    {"empty KeyUpdate", KEY_UPDATE, "", 0, 50, 50},
    {"KeyUpdate of two bytes", KEY_UPDATE, "\0\0", 2, 50, 50},
    {"HelloRequest", HELLO_REQUEST, "", 0, 10, 10},
    {"ClientHello", CLIENT_HELLO, "hello, it is me", 15, 10, 10},
    {"ServerHello", SERVER_HELLO, "hello", 5, 10, 10},
    {"EndOfEarlyData", 5, "", 0, 10, 10},
    {"EncryptedExtensions", ENCRYPTED_EXTENSIONS, "\0\0", 2, 10, 10},
    {"RequestConnectionId", 9, "\1", 1, 10, 10},
    {"NewConnectionId", 10, "\0\2\1\1\0", 5, 10, 10},
    {"Certificate", 11, "\0\0\0\0", 4, 10, 10},
    {"CertificateRequest", 13, "\0\0\0", 3, 10, 10},
    {"Finished", FINISHED, "12345678901234567890123456789012", 32, 10, 10},
    {"message_hash", 254, "12345678901234567890123456789012", 32, 10, 10},
    {"message 99", 99, "?", 1, 10, 10},
    {"NewSessionTicket", NEW_SESSION_TICKET, "\0\0\0\1\0\0\0\0\1\0\0\1x\0\0", 15, 10, NONE},
};

TEST(messages_out_of_place)
{
    for (size_t i = 0; i < 2 * sizeof(messages) / sizeof(*messages); i++) {
        insider13_t insider;
        net_t *net = associated(&insider);
        node_t *to = i % 2 ? insider.client : insider.server, *from = other(&insider, to);
        int alert = i % 2 ? messages[i / 2].alert_of_client : messages[i / 2].alert_of_server;

        NOTE("%s, to the %s", messages[i / 2].name, to->name);
        insider13_message(&insider, from, 3, 100, messages[i / 2].msg_type,
                          next_seq(&insider, from), messages[i / 2].body, messages[i / 2].length);
        check_end(&insider, to, alert);
        insider13_end(&insider, net);
    }
}

/* RFC 9147 sections 5.7 and 7.1: a ticket is acknowledged each time it arrives. */
TEST(ticket_is_acknowledged_also_again)
{
    insider13_t insider;
    net_t *net = associated(&insider);

    for (uint64_t sequence = 100; sequence < 104; sequence++) {
        uint8_t content[WIRE_ROOM];
        unsigned type;

        insider13_message(&insider, insider.server, 3, sequence, NEW_SESSION_TICKET, 3,
                          "\0\0\0\1\0\0\0\0\1\0\0\1x\0\0", 15);
        net_run(net, 150);
        /* the previous record numbers stay in the list */
        size_t length = 2 + 16 * (size_t)(sequence - 99);
        CHECK_EQ(insider13_last(&insider, insider.client, 3, &type, content), length);
        CHECK_EQ(type, ACK);
        CHECK_EQ(content[1], length - 2);
        CHECK_EQ(content[9], 3);
        CHECK_EQ(content[length - 2] << 8 | content[length - 1], (int)sequence);
    }
    check_end(&insider, NULL, NONE);
    insider13_end(&insider, net);
}

/* ---- ACKs ---- */

static const struct {
    const char *name, *hex;
    int alert;
} acks[] = {
    {"of nothing", "0000", NONE},
    {"of records that never were",
     "0020 0000000000000002 00000000000000ff 0000000000000003 00ff000000000000", NONE},
    {"of its own epoch", "0010 0000000000000003 0000000000000000", NONE},
    {"of an epoch that we never sent in", "0010 0000000000000004 0000000000000000", 47},
    {"of an impossible epoch", "0010 8000000000000000 0000000000000000", 47},
    {"of an impossible epoch behind a good one",
     "0020 0000000000000002 0000000000000000 0000000000010000 0000000000000000", 47},
    {"of half a number", "0008 0000000000000003", 50},
    {"that overruns", "0020 0000000000000003 0000000000000000", 50},
    {"with bytes behind it", "0010 0000000000000003 0000000000000000 00", 50},
    {"of one byte", "00", 50},
};

TEST(acks_for_records_never_sent)
{
    for (size_t i = 0; i < 2 * sizeof(acks) / sizeof(*acks); i++) {
        insider13_t insider;
        net_t *net = associated(&insider);
        node_t *to = i % 2 ? insider.client : insider.server;
        uint8_t body[64];
        size_t length = UNHEX(acks[i / 2].hex, body);

        NOTE("ACK %s, to the %s", acks[i / 2].name, to->name);
        insider13_inject(&insider, other(&insider, to), 3, 100, ACK, body, length);
        check_end(&insider, to, acks[i / 2].alert);
        CHECK(acks[i / 2].alert != NONE || net_echo(insider.client, insider.server));
        insider13_end(&insider, net);
    }
}

/* ---- records ---- */

static const struct {
    const char *name;
    unsigned type;
    const char *content;
    size_t length;
    int alert;
} records[] = {
    {"ChangeCipherSpec", CCS, "\1", 1, NONE},
    {"heartbeat", 24, "beat", 4, NONE},
    {"tls12_cid", 25, "cid", 3, NONE},
    {"return_routability_check", 27, "\0\1\2\3\4\5\6\7\10", 9, NONE},
    {"type 99", 99, "?", 1, NONE},
    {"type 255", 255, "", 0, NONE},
    {"empty data", DATA, "", 0, NONE},
    {"empty handshake", HANDSHAKE, "", 0, 10},
    {"empty alert", ALERT, "", 0, 10},
    {"alert of one byte", ALERT, "\2", 1, 50},
    {"alert of three bytes", ALERT, "\2\50\0", 3, 50},
    {"handshake shorter than its header", HANDSHAKE, "\30\0\0\1\0\3", 6, 50},
    {"fragment that overruns its record", HANDSHAKE, "\30\0\0\1\0\3\0\0\0\0\0\2x", 13, 50},
    {"fragment that overruns its message", HANDSHAKE, "\30\0\0\1\0\3\0\0\1\0\0\1x", 13, 50},
};

TEST(records_that_make_no_sense)
{
    for (size_t i = 0; i < 2 * sizeof(records) / sizeof(*records); i++) {
        insider13_t insider;
        net_t *net = associated(&insider);
        node_t *to = i % 2 ? insider.client : insider.server;

        NOTE("%s, to the %s", records[i / 2].name, to->name);
        insider13_inject(&insider, other(&insider, to), 3, 100, records[i / 2].type,
                         records[i / 2].content, records[i / 2].length);
        check_end(&insider, to, records[i / 2].alert);
        insider13_end(&insider, net);
    }
}

/* RFC 8446 section 6: the level of an alert is ignored. */
TEST(every_alert_but_two_ends_it)
{
    for (unsigned code = 0; code < 256; code++) {
        const uint8_t alert[] = {DTLS_ALERT_LEVEL_WARNING, (uint8_t)code};
        insider13_t insider;
        net_t *net = associated(&insider);

        NOTE("alert %u", code);
        insider13_inject(&insider, insider.server, 3, 100, ALERT, alert, 2);
        CHECK_EQ(node_ends(insider.client), code != DTLS_ALERT_USER_CANCELED);
        CHECK_EQ(node_events(insider.client, DTLS_EVENT_CLOSED), code == DTLS_ALERT_CLOSE_NOTIFY);
        if (code != DTLS_ALERT_USER_CANCELED) {
            CHECK(node_last_end(insider.client)->info.alert_authenticated);
        }
        insider13_end(&insider, net);
    }
}

/* ---- floods ---- */

/* RFC 9147 section 5.4: fragments of messages that never become complete. A peer with the keys is
 * held to the same limit of memory, and does not end the association by them. */
TEST(flood_of_authentic_fragments)
{
    enum { FRAGMENTS = 20000, LENGTH = 900, FIRST = 100 };
    static const uint8_t body[LENGTH] = {0};

    for (unsigned at_server = 0; at_server < 2; at_server++) {
        insider13_t insider;
        net_t *net = associated(&insider);
        node_t *to = at_server ? insider.server : insider.client;
        size_t before = to->live_bytes, sent = to->sent;

        NOTE("to the %s", to->name);
        for (unsigned i = 0; i < FRAGMENTS; i++) {
            wire_t wire = {.length = 0};

            wire_put_number(&wire, NEW_SESSION_TICKET, 1);
            wire_put_number(&wire, 60000, 3);
            wire_put_number(&wire, next_seq(&insider, other(&insider, to)) + 1 + i % 300, 2);
            wire_put_number(&wire, i * 977 % (60000 - LENGTH), 3);
            wire_put_number(&wire, LENGTH, 3);
            wire_put(&wire, body, LENGTH);
            insider13_inject(&insider, other(&insider, to), 3, FIRST + i, HANDSHAKE, wire.data,
                             wire.length);
            CHECK(to->live_bytes <= before + DTLS_MAX_REASSEMBLY + 4096);
        }
        CHECK(to->sent - sent < 5);
        check_end(&insider, NULL, NONE);
        insider13_inject(&insider, other(&insider, to), 3, FIRST + FRAGMENTS, DATA, "data", 4);
        CHECK_EQ(to->message_count, 1);
        insider13_end(&insider, net);
    }
}

/* ACKs with many numbers, of records that were never sent, while a message waits for its ACK. */
TEST(flood_of_acks)
{
    enum { ACKS = 20000, NUMBERS = 250 };
    insider13_t insider;
    net_t *net = associated(&insider);
    wire_t ack = {.length = 0};
    size_t before, sent;

    net_run(net, 1000);
    insider.server->loss = 100;
    CHECK_EQ(dtls_update_keys(insider.server->ctx, &insider.client->address, false), 0);
    before = insider.server->live_bytes;
    sent = insider.server->sent;
    wire_put_number(&ack, 16 * NUMBERS, 2);
    for (unsigned i = 0; i < NUMBERS; i++) {
        wire_put_number(&ack, 3, 8);
        wire_put_number(&ack, 1000 + i, 8);
    }
    for (unsigned i = 0; i < ACKS; i++)
        insider13_inject(&insider, insider.client, 3, 100 + i, ACK, ack.data, ack.length);
    CHECK_EQ(insider.server->sent, sent);
    CHECK_EQ(insider.server->live_bytes, before);
    check_end(&insider, NULL, NONE);
    insider13_end(&insider, net);
}

/* ---- in the handshake: the server waits for Finished ---- */

static void lose_finished(net_t *net, net_packet_t *packet)
{
    (void)net;
    if (wire_has(packet, HIDDEN, 2) && packet->length < 100) {
        packet->copies = 0;
    }
}

static net_t *waiting(insider13_t *insider)
{
    net_t *net = insider13_pair(insider);

    net_start(net);
    net->tap = lose_finished;
    CHECK(dtls_connect(insider->client->ctx, &insider->server->address) > 0);
    net_run(net, 1);
    CHECK(!node_connected(insider->server, insider->client));
    return net;
}

static const struct {
    const char *name;
    unsigned msg_type;
    const char *body;
    size_t length;
    int alert;
} early[] = {
    {"KeyUpdate", KEY_UPDATE, "\0", 1, 10},
    {"ClientKeyExchange", CLIENT_KEY_EXCHANGE, "\0\1x", 3, 10},
    {"Certificate", 11, "\0\0\0\0", 4, 10},
    {"EndOfEarlyData", 5, "", 0, 10},
    {"ClientHello", CLIENT_HELLO, "hello, it is me", 15, 10},
    {"wrong Finished", FINISHED, "12345678901234567890123456789012", 32, 51},
    {"Finished of 12 bytes", FINISHED, "123456789012", 12, 51},
    {"Finished of 33 bytes", FINISHED, "123456789012345678901234567890123", 33, 51},
    {"empty Finished", FINISHED, "", 0, 51},
};

TEST(instead_of_the_client_finished)
{
    for (size_t i = 0; i < sizeof(early) / sizeof(*early); i++) {
        insider13_t insider;
        net_t *net = waiting(&insider);

        NOTE("%s", early[i].name);
        insider13_message(&insider, insider.client, 2, 100, early[i].msg_type, 1, early[i].body,
                          early[i].length);
        check_end(&insider, insider.server, early[i].alert);
        insider13_end(&insider, net);
    }
}

/* An ACK in a record of a lower epoch than the record that it names is an error. */
TEST(ack_of_a_higher_epoch_in_the_handshake)
{
    static const uint8_t same[] = {0, 16, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9};
    static const uint8_t higher[] = {0, 16, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0};
    insider13_t insider;
    net_t *net = waiting(&insider);

    insider13_inject(&insider, insider.client, 2, 100, ACK, same, sizeof(same));
    check_end(&insider, insider.server, NONE);
    insider13_inject(&insider, insider.client, 2, 101, ACK, higher, sizeof(higher));
    check_end(&insider, insider.server, 47);
    insider13_end(&insider, net);
}

/* RFC 9147 section 4.2.1: no data is delivered before Finished, even if the keys exist. */
TEST(data_before_finished_is_not_delivered_before_it)
{
    insider13_t insider;
    net_t *net = waiting(&insider);

    insider13_inject(&insider, insider.client, 3, 100, DATA, "early", 5);
    CHECK_EQ(insider.server->message_count, 0);
    net_run(net, 50);
    CHECK_EQ(insider.server->message_count, 0);
    net_calm(net);
    net_run(net, 10000);
    CHECK(node_connected(insider.server, insider.client));
    CHECK(insider.server->message_count <= 1);
    insider13_end(&insider, net);
}

/* ---- in the handshake: the client waits for EncryptedExtensions ---- */

static void split_flight(net_t *net, net_packet_t *packet)
{
    insider13_t *insider = net->user;
    wire_record_t record;

    if (packet->from == insider->server && wire_find(packet, SERVER_HELLO, &record)) {
        packet->length = record.raw_length; /* the rest is lost */
    }
}

static const struct {
    const char *name;
    unsigned msg_type;
    const char *hex;
    int alert;
} extensions[] = {
    {"key_share", ENCRYPTED_EXTENSIONS, "0006 0033 0002 001d", 47},
    {"supported_versions", ENCRYPTED_EXTENSIONS, "0006 002b 0002 fefc", 47},
    {"pre_shared_key", ENCRYPTED_EXTENSIONS, "0006 0029 0002 0000", 47},
    {"cookie", ENCRYPTED_EXTENSIONS, "0007 002c 0003 0001 01", 47},
    {"early_data, not offered", ENCRYPTED_EXTENSIONS, "0004 002a 0000", 110},
    {"record_size_limit, not offered", ENCRYPTED_EXTENSIONS, "0006 001c 0002 4001", 110},
    {"max_fragment_length, not offered", ENCRYPTED_EXTENSIONS, "0005 0001 0001 01", 110},
    {"ALPN, not offered", ENCRYPTED_EXTENSIONS, "0004 0010 0000", 110},
    {"the same twice", ENCRYPTED_EXTENSIONS, "0010 000a 0004 0002 001d 000a 0004 0002 001d", 47},
    {"no list", ENCRYPTED_EXTENSIONS, "", 50},
    {"a list that overruns", ENCRYPTED_EXTENSIONS, "0004 0010", 50},
    {"bytes behind the list", ENCRYPTED_EXTENSIONS, "0000 00", 50},
    {"CertificateRequest", 13, "000000", 10},
    {"Certificate", 11, "00000000", 10},
    {"Finished", FINISHED, "00", 10},
    {"KeyUpdate", KEY_UPDATE, "00", 10},
    {"NewSessionTicket", NEW_SESSION_TICKET, "00", 10},
    {"ServerKeyExchange", SERVER_KEY_EXCHANGE, "0000", 10},
};

TEST(instead_of_encrypted_extensions)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
        insider13_t insider;
        net_t *net = insider13_pair(&insider);
        uint8_t body[64];
        size_t length = UNHEX(extensions[i].hex, body);

        NOTE("%s", extensions[i].name);
        net_start(net);
        net->tap = split_flight;
        net->user = &insider;
        CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
        net_run(net, 1);
        insider13_message(&insider, insider.server, 2, 100, extensions[i].msg_type, 1, body,
                          length);
        CHECK_EQ(node_ends(insider.client), 1);
        CHECK_EQ(node_last_end(insider.client)->info.alert, extensions[i].alert);
        CHECK_EQ(node_connected(insider.client, insider.server), 0);
        insider13_end(&insider, net);
    }
}

/* EncryptedExtensions may list the groups that the server prefers, RFC 8446 section 4.2.7. */
TEST(groups_in_encrypted_extensions_are_fine)
{
    insider13_t insider;
    net_t *net = insider13_pair(&insider);
    static const uint8_t body[] = {0, 8, 0, 10, 0, 4, 0, 2, 0, 23};

    net_start(net);
    net->tap = split_flight;
    net->user = &insider;
    CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
    net_run(net, 1);
    insider13_message(&insider, insider.server, 2, 100, ENCRYPTED_EXTENSIONS, 1, body,
                      sizeof(body));
    CHECK_EQ(node_ends(insider.client), 0);
    insider13_end(&insider, net);
}

/* ---- in the handshake: the client waits for Finished ---- */

static void add_plaintext(transcript_t *transcript, const node_t *node, unsigned msg_type)
{
    const net_packet_t *packet = wire_sent_message(node, msg_type, 0);
    wire_record_t record;

    CHECK(packet && wire_find(packet, msg_type, &record));
    CHECK(transcript_add(transcript, record.body, record.length));
}

/* Computes the right Finished of the server after empty EncryptedExtensions. */
static void compute_finished(const insider13_t *insider, uint8_t *out)
{
    static const uint8_t encrypted[] = {
        ENCRYPTED_EXTENSIONS, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0};
    transcript_t transcript = {.hash = NULL};
    uint8_t hash[HASH_MAX];

    CHECK(transcript_start(&transcript, insider->crypto, HASH_SHA256, true));
    add_plaintext(&transcript, insider->client, CLIENT_HELLO);
    add_plaintext(&transcript, insider->server, SERVER_HELLO);
    CHECK(transcript_add(&transcript, encrypted, sizeof(encrypted)));
    CHECK(transcript_hash(&transcript, hash));
    CHECK(kdf13_verify_data(insider->crypto, HASH_SHA256, insider->secrets[1][2], hash, out));
    transcript_end(&transcript);
}

/* RFC 8446 section 4.4.4: the client compares every bit, and the length. */
TEST(finished_of_the_server_with_wrong_verify_data_is_refused)
{
    enum { VERIFY = 32, BITS = 8 * VERIFY };

    for (size_t bit = 0; bit <= BITS + 2; bit++) {
        insider13_t insider;
        net_t *net = insider13_pair(&insider);
        uint8_t verify[HASH_MAX + 1] = {0};
        size_t length = bit == BITS + 1 ? VERIFY + 1 : bit == BITS + 2 ? VERIFY - 1 : VERIFY;
        bool good = bit == BITS;

        NOTE("bit %zu, %zu bytes", bit, length);
        net_start(net);
        net->tap = split_flight;
        net->user = &insider;
        CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
        net_run(net, 1);
        compute_finished(&insider, verify);
        if (bit < BITS)
            verify[bit / 8] = (uint8_t)(verify[bit / 8] ^ 1 << bit % 8);
        insider13_message(&insider, insider.server, 2, 100, ENCRYPTED_EXTENSIONS, 1, "\0\0", 2);
        insider13_message(&insider, insider.server, 2, 101, FINISHED, 2, verify, length);
        CHECK_EQ(node_connected(insider.client, insider.server), good);
        CHECK_EQ(node_ends(insider.client), !good);
        CHECK(good || node_last_end(insider.client)->info.error == DTLS_ERR_BAD_FINISHED);
        CHECK(good || node_last_end(insider.client)->info.alert == DTLS_ALERT_DECRYPT_ERROR);
        insider13_end(&insider, net);
    }
}

/* ---- plaintext after the handshake: RFC 9147 sections 4 and 5 ---- */

TEST(change_cipher_spec_is_ignored_at_every_moment)
{
    static const uint8_t ccs[] = {CCS, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1};

    for (size_t moment = 0; moment < 8; moment++) {
        insider13_t insider;
        net_t *net = insider13_pair(&insider);

        NOTE("moment %zu", moment);
        insider.client->delay = insider.server->delay = 10;
        insider.server->config.cookie = DTLS_COOKIE_ON;
        net_start(net);
        CHECK(dtls_connect(insider.client->ctx, &insider.server->address) > 0);
        net_run(net, 10 * moment + 5);
        net_inject(insider.client, &insider.server->address, ccs, sizeof(ccs));
        net_inject(insider.server, &insider.client->address, ccs, sizeof(ccs));
        net_run(net, 1000);
        CHECK(node_connected(insider.client, insider.server));
        CHECK(node_connected(insider.server, insider.client));
        CHECK_EQ(net->packet_count, 6);
        CHECK(net_echo(insider.client, insider.server));
        insider13_end(&insider, net);
    }
}
