/*
 * walks.c - the records of one side arrive in a random order, some of them altered. In each version
 * and role, the other side is connected only if every record of the handshake has arrived unaltered,
 * and delivers no data before that.
 */
#include "wire.h"

#include <string.h>

enum { RECORDS = 16, STEPS = 30, SEED = 4711 };

/* What one side sends in a run without loss. The last record is application data. */
typedef struct {
    size_t count;
    wire_t records[RECORDS];
    bool required[RECORDS];      /* without this record, the other side cannot be connected */
    size_t unprotected[RECORDS]; /* unprotected_part() */
} script_t;

static script_t script;
static bool of_server; /* the script is of the server, and the client is tested */

static net_t *same_pair(node_t **from, node_t **to)
{
    node_t *client, *server;
    net_t *net = net_pair(SEED, &client, &server);

    *from = of_server ? server : client;
    *to = of_server ? client : server;
    net_start(net);
    return net;
}

static bool is_of_handshake(const wire_record_t *record)
{
    return record->type == HIDDEN ? record->epoch == 2
                                  : record->type == HANDSHAKE || record->type == CCS;
}

/* Returns the number of bytes at the start of a record that nothing authenticates. Of a
 * HelloVerifyRequest only the cookie matters, which follows the version. */
static size_t unprotected_part(const wire_record_t *record)
{
    wire_message_t message;

    if (record->type == HIDDEN || record->epoch > 0)
        return 0;
    bool verify = record->type == HANDSHAKE && wire_message(record, &message) &&
                  message.type == HELLO_VERIFY_REQUEST;
    return WIRE_RECORD_HEADER + (verify ? WIRE_MESSAGE_HEADER + 2 : 0);
}

static void learn_packet(const net_packet_t *packet)
{
    wire_record_t record;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record); script.count++) {
        /* A server has not stored anything before the ClientHello with the cookie. */
        bool is_first_hello = !of_server && script.count == 0;

        CHECK(script.count < RECORDS);
        script.records[script.count].length = 0;
        wire_put(&script.records[script.count], record.raw, record.raw_length);
        script.required[script.count] = is_of_handshake(&record) && !is_first_hello;
        script.unprotected[script.count] = unprotected_part(&record);
    }
}

static void learn(void)
{
    node_t *from, *to;
    net_t *net = same_pair(&from, &to);

    CHECK(net_connect(net->nodes[0], net->nodes[1], 1000));
    CHECK(node_write(from, to, "secret") > 0);
    script.count = 0;
    for (size_t i = 0; i < net->packet_count; i++) {
        if (net->packets[i].from == from)
            learn_packet(&net->packets[i]);
    }
    net_end(net);
}

/* A run with the same random numbers, in which the records come from the test. */
static net_t *begin(node_t **from, node_t **to)
{
    net_t *net = same_pair(from, to);

    (*from)->loss = (*to)->loss = 100;
    if (of_server)
        CHECK(dtls_connect((*to)->ctx, &(*from)->address) > 0);
    return net;
}

/* Passes a record to the tested side: unchanged, or with a byte changed. */
static void take(const node_t *from, node_t *to, size_t index, bool good)
{
    wire_t wire = script.records[index];

    if (!good) {
        size_t first = script.unprotected[index];
        size_t place = first + net_random(to->net, wire.length - first);

        wire.data[place] = (uint8_t)(wire.data[place] ^ (1 + net_random(to->net, 255)));
    }
    net_inject(to, &from->address, wire.data, wire.length);
}

static bool has_all(const bool *seen)
{
    for (size_t i = 0; i < script.count; i++) {
        if (script.required[i] && !seen[i])
            return false;
    }
    return true;
}

static bool walk_once(unsigned seed, unsigned wrong_percent)
{
    bool seen[RECORDS] = {false}, reached;
    node_t *from, *to;
    net_t *net = begin(&from, &to);

    NOTE("to the %s, %u %% wrong, walk %u", to->name, wrong_percent, seed);
    net->random = seed;
    for (unsigned i = 0; i < STEPS; i++) {
        size_t index = net_random(net, script.count);
        bool good = net_random(net, 100) >= wrong_percent;

        take(from, to, index, good);
        seen[index] = seen[index] || good;
        if (!has_all(seen)) {
            CHECK_EQ(node_events(to, DTLS_EVENT_CONNECTED), 0);
            CHECK_EQ(to->message_count, 0);
        }
        CHECK(to->message_count == 0 || seen[script.count - 1]);
    }
    CHECK(to->message_count <= 1);
    CHECK(to->message_count == 0 || node_events(to, DTLS_EVENT_CONNECTED) == 1);
    reached = node_events(to, DTLS_EVENT_CONNECTED) == 1;
    net_end(net);
    return reached;
}

static void leave_out(size_t out)
{
    node_t *from, *to;
    net_t *net = begin(&from, &to);

    NOTE("to the %s, record %zu of %zu left out", to->name, out, script.count);
    for (size_t i = 0; i < script.count; i++) {
        if (i != out)
            take(from, to, i, true);
    }
    CHECK_EQ(node_events(to, DTLS_EVENT_CONNECTED), out == RECORDS || !script.required[out]);
    CHECK_EQ(to->message_count,
             out == RECORDS || (!script.required[out] && out < script.count - 1));
    net_end(net);
}

static void for_each_role(void (*test)(void))
{
    for (unsigned role = 0; role < 2; role++) {
        of_server = role;
        learn();
        test();
    }
}

static void leave_out_each(void)
{
    leave_out(RECORDS);
    for (size_t out = 0; out < script.count; out++)
        leave_out(out);
}

EACH_VERSION(each_record_left_out)
{
    for_each_role(leave_out_each);
}

static void walk_right(void)
{
    unsigned reached = 0, walks = test_seeds(1500);

    for (unsigned seed = 0; seed < walks; seed++)
        reached += walk_once(seed, 0);
    CHECK(reached > walks / 20); /* fewer would prove nothing */
}

EACH_VERSION(random_walks_of_right_records)
{
    for_each_role(walk_right);
}

static void walk_wrong(void)
{
    for (unsigned seed = 0; seed < test_seeds(1500); seed++)
        walk_once(seed, 40);
}

EACH_VERSION(random_walks_of_right_and_wrong_records)
{
    for_each_role(walk_wrong);
}
