/*
 * psk.c - identities, hints and keys: opaque bytes of every length, and invalid ones.
 */
#include "conn/state.h"
#include "net.h"

#include <string.h>

static uint8_t bytes[DTLS_MAX_IDENTITY + 1];

static net_t *with_psk(node_t **client, node_t **server, size_t identity, size_t key, size_t hint)
{
    net_t *net = net_pair(identity + key + hint, client, server);

    NOTE("identity %zu, key %zu, hint %zu bytes", identity, key, hint);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 31);
    }
    (*client)->identity = (*server)->identity = bytes;
    (*client)->identity_length = (*server)->identity_length = identity;
    (*client)->key = (*server)->key = bytes + 1;
    (*client)->key_length = (*server)->key_length = key;
    (*server)->hint = bytes;
    (*server)->hint_length = hint;
    net_start(net);
    return net;
}

static void check_psk(size_t identity, size_t key, size_t hint)
{
    node_t *client, *server;
    net_t *net = with_psk(&client, &server, identity, key, hint);
    dtls_info_t ours, theirs;

    CHECK(net_connect(client, server, 2000));
    CHECK_EQ(dtls_get_info(client->ctx, &server->address, &ours), 0);
    CHECK_EQ(dtls_get_info(server->ctx, &client->address, &theirs), 0);
    CHECK_EQ(ours.identity_length, identity);
    CHECK_EQ(theirs.identity_length, identity);
    CHECK_MEM(ours.identity, bytes, identity);
    CHECK_MEM(theirs.identity, bytes, identity);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(identities_of_all_lengths)
{
    static const size_t lengths[] = {0,    1,    2,     15,    16,    31,    32,
                                     33,   127,  128,   129,   255,   256,   1000,
                                     1232, 4096, 16384, 16385, 32768, 65534, 65535};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        check_psk(lengths[i], 16, 0);
    }
}

TEST(keys_of_all_lengths)
{
    for (size_t length = 1; length <= DTLS_MAX_PSK; length++) {
        check_psk(15, length, 0);
    }
}

TEST(hints_of_all_lengths)
{
    static const size_t lengths[] = {1, 2, 127, 128, 129, 1000, 4096};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        check_psk(15, 16, lengths[i]);
    }
}

/* ---- the calls of get_psk_info ---- */

typedef struct {
    node_t *node;
    dtls_credentials_type_t type;
    size_t desc_length, room;
    uint8_t desc[64];
    size_t hint_length; /* info.hint_length inside the callback */
    uint8_t hint[64];
} question_t;

static question_t questions[8];
static size_t question_count;

static int remember(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                    const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    static const char *const answers[] = {"h\0nt", "id\0ntity", "k\0y............"};
    static const int lengths[] = {4, 8, 15};
    question_t *question = &questions[question_count++];
    dtls_info_t info;

    CHECK(question_count <= 8 && desc_length <= sizeof(question->desc));
    memset(question, 0, sizeof(*question));
    question->node = node;
    question->type = type;
    question->desc_length = desc_length;
    question->room = room;
    if (desc_length > 0) {
        memcpy(question->desc, desc, desc_length);
    }
    if (dtls_get_info(node->ctx, peer, &info) == 0 && info.hint) {
        CHECK(info.hint_length <= sizeof(question->hint));
        question->hint_length = info.hint_length;
        memcpy(question->hint, info.hint, info.hint_length);
    }
    memcpy(result, answers[type], (size_t)lengths[type]);
    return lengths[type];
}

static void check_question(size_t n, const node_t *node, dtls_credentials_type_t type,
                           const char *desc, size_t length)
{
    CHECK(questions[n].node == node);
    CHECK_EQ(questions[n].type, type);
    CHECK_EQ(questions[n].desc_length, length);
    CHECK_MEM(questions[n].desc, desc, length);
    CHECK(questions[n].room >= (type == DTLS_PSK_KEY ? DTLS_MAX_PSK : 128));
}

TEST(callback_is_asked_each_thing_once)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    question_count = 0;
    client->on_psk = server->on_psk = remember;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    CHECK_EQ(question_count, 4);
    check_question(0, server, DTLS_PSK_HINT, "", 0);
    check_question(1, client, DTLS_PSK_IDENTITY, "h\0nt", 4);
    check_question(2, client, DTLS_PSK_KEY, "id\0ntity", 8);
    check_question(3, server, DTLS_PSK_KEY, "id\0ntity", 8);
    CHECK_EQ(questions[1].hint_length, 4);
    CHECK_MEM(questions[1].hint, "h\0nt", 4);
    CHECK_EQ(questions[2].hint_length, 4);
    CHECK_EQ(questions[2].room, DTLS_MAX_PSK);
    CHECK_EQ(questions[3].room, DTLS_MAX_PSK);
    CHECK(questions[1].room >= DTLS_MAX_IDENTITY);
    net_end(net);
}

/* ---- failures ---- */

static struct {
    const node_t *node;
    dtls_credentials_type_t type;
    int result;
} fault;

static int faulty(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                  const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)peer;
    (void)desc;
    (void)desc_length;
    memset(result, 'f', room < 16 ? room : 16);
    return node == fault.node && type == fault.type ? fault.result : type == DTLS_PSK_HINT ? 0 : 16;
}

static void fail_with(bool in_client, dtls_credentials_type_t type, int result, dtls_error_t error)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const net_event_t *end;

    NOTE("%s, type %d gives %d", in_client ? "client" : "server", (int)type, result);
    client->on_psk = server->on_psk = faulty;
    fault.node = in_client ? client : server;
    fault.type = type;
    fault.result = result;
    net_start(net);
    CHECK(!net_connect(client, server, 100000));
    net_run(net, 100000);
    end = node_last_end(in_client ? client : server);
    CHECK(end != NULL);
    CHECK_EQ(end->code, DTLS_EVENT_FAILED);
    CHECK_EQ(end->info.error, error);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_ends(server), 1);
    net_end(net);
}

TEST(no_credentials_is_a_failure)
{
    static const int results[] = {dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR),
                                  dtls_alert_fatal_create(DTLS_ALERT_ACCESS_DENIED), -1};

    for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        fail_with(true, DTLS_PSK_IDENTITY, results[i], DTLS_ERR_NO_CREDENTIALS);
        fail_with(true, DTLS_PSK_KEY, results[i], DTLS_ERR_NO_CREDENTIALS);
        fail_with(false, DTLS_PSK_KEY, results[i], DTLS_ERR_UNKNOWN_IDENTITY);
    }
}

/* An empty key is no key. A result longer than the buffer is an error. */
TEST(useless_results_are_failures)
{
    fail_with(true, DTLS_PSK_KEY, 0, DTLS_ERR_NO_CREDENTIALS);
    fail_with(true, DTLS_PSK_KEY, DTLS_MAX_PSK + 1, DTLS_ERR_NO_CREDENTIALS);
    fail_with(true, DTLS_PSK_IDENTITY, 1 << 20, DTLS_ERR_NO_CREDENTIALS);
}

static const net_event_t *only_end(const node_t *node)
{
    CHECK_EQ(node_ends(node), 1);
    CHECK_EQ(node_last_end(node)->code, DTLS_EVENT_FAILED);
    return node_last_end(node);
}

TEST(wrong_key_is_said_at_both_ends)
{
    static const uint8_t other[16] = "another key";
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    uint64_t from = net->now;

    client->key = other;
    net_start(net);
    CHECK(!net_connect(client, server, 1000));
    net_run(net, 1000);
    CHECK_EQ(only_end(server)->info.error, DTLS_ERR_WRONG_PSK);
    CHECK_EQ(only_end(client)->info.error, DTLS_ERR_WRONG_PSK);
    CHECK(only_end(client)->at - from <= 1000);
    CHECK_EQ(only_end(server)->info.identity_length, 15);
    CHECK_EQ(client->message_count + server->message_count, 0);
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 0);
    net_end(net);
}

TEST(unknown_identity_is_said_at_the_server_only)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    client->identity = (const uint8_t *)"Client_identitx";
    net_start(net);
    CHECK(!net_connect(client, server, 1000));
    net_run(net, 1000);
    CHECK_EQ(only_end(server)->info.error, DTLS_ERR_UNKNOWN_IDENTITY);
    CHECK_EQ(only_end(client)->info.error, DTLS_ERR_WRONG_PSK);
    CHECK_STR(only_end(server)->identity, "Client_identitx");
    net_end(net);
}

/* A key matches only if every bit and the length are the same. */
TEST(keys_that_nearly_match_do_not)
{
    for (size_t bit = 0; bit < 136; bit++) {
        uint8_t near[17] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0};
        node_t *client, *server;
        net_t *net = net_pair(bit, &client, &server);

        NOTE("bit %zu", bit);
        near[bit / 8] = (uint8_t)(near[bit / 8] ^ 1 << bit % 8);
        client->key = near;
        client->key_length = bit < 128 ? 16 : 17;
        net_start(net);
        CHECK(!net_connect(client, server, 1000));
        net_end(net);
    }
}

/* Writes the right key to the buffer, but returns an error. */
static int write_and_refuse(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                            const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)peer;
    (void)desc;
    (void)desc_length;
    if (type != DTLS_PSK_KEY || room < node->key_length) {
        return 0;
    }
    memcpy(result, node->key, node->key_length);
    return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
}

EACH_VERSION(refusal_stands_whatever_is_in_the_buffer)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);

    server->on_psk = write_and_refuse;
    net_start(net);
    CHECK(!net_connect(client, server, 5000));
    net_run(net, 5000);
    CHECK_EQ(node_events(server, DTLS_EVENT_CONNECTED), 0);
    CHECK(node_ends(server) >= 1);
    CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_UNKNOWN_IDENTITY);
    net_end(net);
}

/* RFC 9258: the handshake fails unless both sides import the key with the same context. */
TEST(imported_keys)
{
    static const struct {
        bool client, server;
        const char *client_context, *server_context;
        bool works;
    } rows[] = {
        {true, true, "", "", true},     {true, true, "ctx", "ctx", true},
        {true, true, "ctx", "", false}, {true, true, "ctx", "xtc", false},
        {true, false, "", "", false},   {false, true, "", "", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        NOTE("row %zu", i);
        client->config.only_version = server->config.only_version = DTLS13;
        client->config.import_psk = rows[i].client;
        server->config.import_psk = rows[i].server;
        client->config.import_context = (const uint8_t *)rows[i].client_context;
        client->config.import_context_length = strlen(rows[i].client_context);
        server->config.import_context = (const uint8_t *)rows[i].server_context;
        server->config.import_context_length = strlen(rows[i].server_context);
        net_start(net);
        CHECK_EQ(net_connect(client, server, 5000), rows[i].works);
        if (rows[i].works) {
            CHECK(net_echo(client, server));
            CHECK_STR(server->events[server->event_count - 1].identity, "Client_identity");
        } else {
            net_run(net, 5000);
            CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
        }
        net_end(net);
    }
}

/* An application may set no callback for keys: then it knows none, and sends no hint. */
EACH_VERSION(without_the_callback_there_is_no_key)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_handler_t handler;

    net_start(net);
    handler = server->ctx->handler;
    handler.get_psk_info = NULL;
    dtls_set_handler(server->ctx, &handler);
    CHECK(!net_connect(client, server, 5000));
    net_run(net, 60000);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(dtls_next_timeout(server->ctx), -1);
    net_end(net);
}
