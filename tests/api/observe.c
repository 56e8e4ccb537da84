/*
 * observe.c - what the library reports: names, key log, trace, log.
 */
#include "jar.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

TEST(every_reason_has_a_name)
{
    for (unsigned i = 0; i < DTLS_ERR_COUNT; i++) {
        const char *name = dtls_error_name((dtls_error_t)i);

        CHECK(name && *name && dtls_error_text((dtls_error_t)i));
        for (unsigned k = 0; k < i; k++) {
            CHECK(strcmp(name, dtls_error_name((dtls_error_t)k)) != 0);
        }
        CHECK_EQ(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
    }
    for (unsigned i = 0; i < DTLS_DROP_COUNT; i++) {
        for (unsigned k = 0; k < i; k++) {
            CHECK(strcmp(dtls_drop_name((dtls_drop_t)i), dtls_drop_name((dtls_drop_t)k)) != 0);
        }
    }
    CHECK_STR(dtls_error_name(DTLS_ERR_WRONG_PSK), "wrong-psk");
    CHECK_STR(dtls_error_text(DTLS_ERR_WRONG_PSK), "wrong pre-shared key");
    CHECK_STR(dtls_drop_name(DTLS_DROP_BAD_MAC), "bad-mac");
}

TEST(names_of_numbers)
{
    CHECK_STR(dtls_alert_name(DTLS_ALERT_CLOSE_NOTIFY), "close_notify");
    CHECK_STR(dtls_alert_name(20), "bad_record_mac");
    CHECK_STR(dtls_alert_name(115), "unknown_psk_identity");
    CHECK_STR(dtls_alert_name(255), "unknown");
    CHECK_STR(dtls_alert_name(1000), "unknown");
    CHECK_STR(dtls_content_type_name(22), "handshake");
    CHECK(dtls_content_type_name(99) != NULL);
    CHECK_STR(dtls_message_name(1), "ClientHello");
    CHECK_STR(dtls_message_name(20), "Finished");
    CHECK(dtls_message_name(99) != NULL);
    CHECK(*dtls_package_version() != '\0');
    CHECK_EQ(dtls_alert_fatal_create(DTLS_ALERT_HANDSHAKE_FAILURE), -(2 << 8 | 40));
}

/* ---- key log ---- */

typedef struct {
    unsigned lines;
    char label[64];
    uint8_t random[32], secret[48];
    size_t length;
} keylog_t;

static void on_keylog(void *hook, const char *label, const uint8_t *client_random,
                      const uint8_t *secret, size_t length)
{
    keylog_t *log = ((node_t *)hook)->user;

    log->lines++;
    log->length = length;
    CHECK(length <= sizeof(log->secret) && strlen(label) < sizeof(log->label));
    strcpy(log->label, label);
    memcpy(log->random, client_random, sizeof(log->random));
    memcpy(log->secret, secret, length);
}

TEST(key_log_has_the_master_secret_at_both_ends)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    keylog_t ours = {.lines = 0}, theirs = {.lines = 0};
    wire_record_t record;

    client->user = &ours;
    server->user = &theirs;
    client->config.keylog = server->config.keylog = on_keylog;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(ours.lines, 1);
    CHECK_EQ(theirs.lines, 1);
    CHECK_STR(ours.label, "CLIENT_RANDOM");
    CHECK_STR(theirs.label, "CLIENT_RANDOM");
    CHECK_EQ(ours.length, 48);
    CHECK_EQ(theirs.length, 48);
    CHECK_MEM(ours.secret, theirs.secret, 48);
    CHECK_MEM(ours.random, theirs.random, 32);
    CHECK(wire_find(wire_sent_message(client, CLIENT_HELLO, 0), CLIENT_HELLO, &record));
    CHECK_MEM(ours.random, record.body + WIRE_MESSAGE_HEADER + 2, 32);
    net_end(net);
}

static keylog_t logs[2]; /* client, server */

static void on_keylog_of(void *hook, const char *label, const uint8_t *client_random,
                         const uint8_t *secret, size_t length)
{
    node_t node = {.user = &logs[((node_t *)hook)->config.accept]};

    on_keylog(&node, label, client_random, secret, length);
}

/* RFC 9850 section 2.2: a resumed DTLS 1.2 session has the same master secret, under another client
 * random. */
TEST(key_log_has_a_line_for_each_session_resumed)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(DTLS12, &client, &server, &jar);
    wire_record_t record;

    memset(logs, 0, sizeof(logs));
    client->config.keylog = server->config.keylog = on_keylog_of;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    keylog_t first = logs[0];
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 0), 1);
    CHECK(wire_find(&net->packets[net->packet_count - 1], CLIENT_HELLO, &record));
    check_connected(client, server, true);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ(logs[i].lines, 2);
        CHECK_STR(logs[i].label, "CLIENT_RANDOM");
        CHECK_EQ(logs[i].length, 48);
        CHECK_MEM(logs[i].secret, first.secret, 48);
        CHECK_MEM(logs[i].random, record.body + WIRE_MESSAGE_HEADER + 2, 32);
    }
    net_end(net);
}

/* ---- trace ---- */

typedef struct {
    unsigned datagrams[2], records[2], changes[2], alerts[2], drops, repeats, duplicates;
    unsigned messages[2][256];
    uint32_t timer_ms;
    uint8_t level, alert;
} trace_t;

static void on_trace(void *hook, const dtls_trace_t *seen)
{
    trace_t *trace = ((node_t *)hook)->user;

    CHECK(seen->session != NULL);
    switch (seen->kind) {
    case DTLS_TRACE_DATAGRAM: trace->datagrams[seen->outgoing]++; break;
    case DTLS_TRACE_RECORD: trace->records[seen->outgoing]++; break;
    case DTLS_TRACE_CHANGE_CIPHER_SPEC: trace->changes[seen->outgoing]++; break;
    case DTLS_TRACE_DROP: trace->drops++; break;
    case DTLS_TRACE_REASSEMBLED:
    case DTLS_TRACE_KEYS: break;
    case DTLS_TRACE_ACK: FAIL("an ACK in DTLS 1.2");
    case DTLS_TRACE_ALERT:
        trace->alerts[seen->outgoing]++;
        trace->level = seen->alert_level;
        trace->alert = seen->alert;
        break;
    case DTLS_TRACE_MESSAGE:
        trace->messages[seen->outgoing][seen->msg_type]++;
        CHECK(seen->frag_offset + seen->frag_length <= seen->msg_length);
        CHECK_EQ(seen->content_type, HANDSHAKE);
        CHECK_EQ(seen->epoch, seen->msg_type == FINISHED);
        trace->repeats += seen->retransmit > 0;
        trace->duplicates += seen->duplicate;
        if (seen->retransmit) {
            trace->timer_ms = seen->timer_ms;
        }
        break;
    }
}

static net_t *with_trace(node_t **client, node_t **server, trace_t *ours, trace_t *theirs)
{
    net_t *net = net_pair(1, client, server);

    memset(ours, 0, sizeof(*ours));
    memset(theirs, 0, sizeof(*theirs));
    (*client)->user = ours;
    (*server)->user = theirs;
    (*client)->config.trace = (*server)->config.trace = on_trace;
    net_start(net);
    return net;
}

TEST(trace_shows_every_message_once)
{
    static const struct {
        unsigned type, up, down;
    } expected[] = {{CLIENT_HELLO, 2, 0},        {HELLO_VERIFY_REQUEST, 0, 1}, {SERVER_HELLO, 0, 1},
                    {SERVER_HELLO_DONE, 0, 1},   {CLIENT_KEY_EXCHANGE, 1, 0},  {FINISHED, 1, 1},
                    {SERVER_KEY_EXCHANGE, 0, 0}, {HELLO_REQUEST, 0, 0}};
    node_t *client, *server;
    trace_t ours, theirs;
    net_t *net = with_trace(&client, &server, &ours, &theirs);

    CHECK(net_connect(client, server, 1000));
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        NOTE("%s", dtls_message_name(expected[i].type));
        CHECK_EQ(ours.messages[1][expected[i].type], expected[i].up);
        CHECK_EQ(ours.messages[0][expected[i].type], expected[i].down);
        CHECK_EQ(theirs.messages[0][expected[i].type], expected[i].up);
        CHECK_EQ(theirs.messages[1][expected[i].type], expected[i].down);
    }
    CHECK_EQ(ours.datagrams[1], client->sent);
    CHECK_EQ(theirs.datagrams[0], client->sent);
    CHECK_EQ(ours.datagrams[0], server->sent);
    CHECK_EQ(theirs.datagrams[1], server->sent);
    CHECK_EQ(ours.changes[0], 1);
    CHECK_EQ(ours.changes[1], 1);
    CHECK_EQ(ours.records[1], theirs.records[0]);
    CHECK_EQ(ours.drops + theirs.drops, 0);
    CHECK_EQ(ours.repeats + ours.duplicates + theirs.repeats + theirs.duplicates, 0);
    net_end(net);
}

/* Delivers each ChangeCipherSpec before the other records of its datagram. */
static void deliver_change_first(net_t *net, net_packet_t *packet)
{
    wire_record_t record;

    (void)net;
    packet->copies = 0;
    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        net_carry(packet->from, packet->to, record.raw, record.raw_length,
                  record.type == CCS ? 5 : 10);
    }
}

TEST(trace_shows_a_record_that_waits_for_its_keys_once)
{
    node_t *client, *server;
    trace_t ours, theirs;
    net_t *net = with_trace(&client, &server, &ours, &theirs);

    net->tap = deliver_change_first;
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(theirs.records[0], ours.records[1]);
    CHECK_EQ(theirs.changes[0], 1);
    net_end(net);
}

TEST(trace_marks_repeats_and_duplicates)
{
    node_t *client, *server;
    trace_t ours, theirs;
    net_t *net = with_trace(&client, &server, &ours, &theirs);

    client->loss = 100;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_run(net, 400);
    CHECK_EQ(ours.repeats, 1);
    CHECK_EQ(ours.timer_ms, 400);
    client->loss = 0;
    client->duplicate = 100;
    net_run(net, 5000);
    CHECK(node_connected(client, server));
    CHECK(theirs.duplicates > 0);
    net_end(net);
}

TEST(trace_shows_alerts_and_drops)
{
    node_t *client, *server;
    trace_t ours, theirs;
    net_t *net = with_trace(&client, &server, &ours, &theirs);
    static const uint8_t junk[] = "not a record at all";

    CHECK(net_connect(client, server, 1000));
    net_inject(server, &client->address, junk, sizeof(junk));
    CHECK_EQ(theirs.drops, 1);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 1000);
    CHECK(ours.alerts[1] >= 1 && theirs.alerts[0] >= 1);
    CHECK_EQ(theirs.level, DTLS_ALERT_LEVEL_WARNING);
    CHECK_EQ(theirs.alert, DTLS_ALERT_CLOSE_NOTIFY);
    net_end(net);
}

/* The record numbers in the ACKs that a node has sent, in their order. */
typedef struct {
    char sent[64], received[64];
} acked_t;

static unsigned long long number_at(const uint8_t *bytes)
{
    unsigned long long number = 0;

    for (size_t i = 0; i < 8; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static void on_ack(void *hook, const dtls_trace_t *seen)
{
    acked_t *acked = ((node_t *)hook)->user;
    char *list = seen->outgoing ? acked->sent : acked->received;

    if (seen->kind != DTLS_TRACE_ACK) {
        return;
    }
    CHECK_EQ(seen->content_type, ACK);
    CHECK_EQ(seen->length % 16, 0);
    for (size_t at = 0; at < seen->length; at += 16) {
        size_t used = strlen(list);

        snprintf(list + used, sizeof(acked->sent) - used, "%llu#%llu ", number_at(seen->data + at),
                 number_at(seen->data + at + 8));
    }
}

/* The records with the client's Finished and the server's ticket. */
TEST(trace_shows_acks)
{
    acked_t ours = {.sent = ""}, theirs = {.sent = ""};
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->user = &ours;
    server->user = &theirs;
    client->config.only_version = server->config.only_version = DTLS13;
    client->config.trace = server->config.trace = on_ack;
    server->config.tickets = true;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    net_run(net, 1000);
    CHECK_STR(theirs.sent, "2#0 ");
    CHECK_STR(ours.received, "2#0 ");
    CHECK_STR(ours.sent, "3#0 ");
    CHECK_STR(theirs.received, "3#0 ");
    net_end(net);
}

/* ---- log ---- */

static char logged[512];
static unsigned log_lines;

static void on_log(dtls_log_t level, const char *message)
{
    (void)level;
    log_lines++;
    CHECK(strlen(message) < 256);
    snprintf(logged, sizeof(logged), "%s", message);
}

TEST(log_has_a_level_and_a_handler)
{
    char longest[600];

    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    CHECK_EQ(dtls_get_log_level(), DTLS_LOG_WARN);
    log_lines = 0;
    dtls_set_log_handler(on_log);
    dtls_warn("unsupported request type: %d\n", 7);
    CHECK_EQ(log_lines, 1);
    CHECK(strstr(logged, "unsupported request type: 7") != NULL);
    dtls_info("below the level");
    dtls_debug("below the level");
    CHECK_EQ(log_lines, 1);
    dtls_crit("%s", longest);
    CHECK_EQ(log_lines, 2);
    dtls_set_log_level(DTLS_LOG_DEBUG);
    CHECK_EQ(dtls_get_log_level(), DTLS_LOG_DEBUG);
    dtls_emerg("1");
    dtls_alert("2");
    dtls_notice("3");
    dtls_debug("4");
    CHECK_EQ(log_lines, 6);
    dtls_set_log_level(DTLS_LOG_WARN);
    dtls_set_log_handler(NULL);
}

/* Without a handler, a line goes to stderr. */
TEST(log_goes_to_stderr_by_default)
{
    char line[64] = "";
    int ends[2], before = dup(STDERR_FILENO);

    CHECK(before >= 0 && pipe(ends) == 0);
    fflush(stderr);
    CHECK_EQ(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    dtls_log(DTLS_LOG_WARN, "line %d", 1);
    dtls_log(DTLS_LOG_WARN, NULL);
    fflush(stderr);
    CHECK_EQ(dup2(before, STDERR_FILENO), STDERR_FILENO);
    close(before);
    close(ends[1]);
    CHECK(read(ends[0], line, sizeof(line) - 1) > 0);
    close(ends[0]);
    CHECK_STR(line, "line 1\n");
}

/* ---- contents that a context's log must not have ---- */

static char everything[1 << 16];

static void keep_log(void *hook, dtls_log_t level, const char *message)
{
    size_t used = strlen(everything);

    (void)hook;
    (void)level;
    snprintf(everything + used, sizeof(everything) - used, "%s\n", message);
}

TEST(log_never_shows_the_key)
{
    static const uint8_t secret[] = "0123456789abcdefSECRETKEY";
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    dtls_set_log_level(DTLS_LOG_DEBUG);
    client->config.log = server->config.log = keep_log;
    client->key = server->key = secret;
    client->key_length = server->key_length = sizeof(secret) - 1;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    dtls_set_log_level(DTLS_LOG_WARN);
    CHECK(strstr(everything, "SECRETKEY") == NULL);
    CHECK(strstr(everything, "5345435245544b4559") == NULL);
    CHECK(strstr(everything, "5345435245544B4559") == NULL);
    net_end(net);
}
