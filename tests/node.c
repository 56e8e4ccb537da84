/*
 * node.c - the hooks and callbacks of a node, and what they record.
 */
#include "net.h"

#include "api/timers.h"
#include "conn/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 16, FIRST_PORT = 40000 };

/* After each allocation, to notice what is written there. */
static const uint8_t guard[] = "past the end of the memory";

uint16_t net_version = DTLS12;
bool net_ecdhe;

static const uint8_t default_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* ---- hooks --------------------------------------------------------------- */

static dtls_tick_t hook_clock(void *hook)
{
    return ((node_t *)hook)->net->now;
}

static int hook_random(void *hook, uint8_t *out, size_t length)
{
    node_t *node = hook;

    for (size_t i = 0; i < length; i++) {
        node->random = node->random * 6364136223846793005U + 1442695040888963407U;
        out[i] = (uint8_t)(node->random >> 56);
    }
    node->random_calls++;
    return node->random_fail_at && node->random_calls >= node->random_fail_at ? -1 : 0;
}

static void *hook_allocate(void *hook, size_t size)
{
    node_t *node = hook;
    size_t n = ++node->allocations;
    uint8_t *memory;

    if (node->fail_at && (n == node->fail_at || (node->fail_after && n > node->fail_at))) {
        return NULL;
    }
    memory = malloc(HEADER + size + sizeof(guard));
    memcpy(memory, &size, sizeof(size));
    memset(memory + HEADER, 0xa5, size);
    memcpy(memory + HEADER + size, guard, sizeof(guard));
    node->live++;
    node->live_bytes += size;
    if (node->live_bytes > node->peak_bytes) {
        node->peak_bytes = node->live_bytes;
    }
    return memory + HEADER;
}

static void hook_release(void *hook, void *memory)
{
    node_t *node = hook;
    const uint8_t *bytes = memory;
    size_t size;

    if (!memory) {
        return;
    }
    memcpy(&size, bytes - HEADER, sizeof(size));
    /* Wiped memory has only zeros: the first byte is zero, and each byte equals the next. */
    if (size > 0 && (bytes[0] != 0 || memcmp(bytes, bytes + 1, size - 1) != 0)) {
        node->unwiped++;
    }
    node->overrun += memcmp(bytes + size, guard, sizeof(guard)) != 0;
    node->live--;
    node->live_bytes -= size;
    free((uint8_t *)memory - HEADER);
}

static void hook_log(void *hook, dtls_log_t level, const char *message)
{
    (void)hook;
    (void)level;
    (void)message;
}

static void hook_trace(void *hook, const dtls_trace_t *trace)
{
    node_t *node = hook;
    size_t n = node->record_count;

    if (trace->kind != DTLS_TRACE_RECORD || !trace->outgoing) {
        return;
    }
    if ((n & (n + 1)) == 0) {
        node->records = realloc(node->records, (2 * n + 2) * sizeof(*node->records));
    }
    node->records[node->record_count++] =
        (net_record_t){trace->content_type, trace->epoch, trace->sequence};
}

/* ---- callbacks ----------------------------------------------------------- */

static int on_write(dtls_context_t *ctx, session_t *session, uint8_t *data, size_t length)
{
    node_t *node = dtls_get_app_data(ctx);

    if (node->on_write) {
        node->on_write(node, session);
    }
    return net_send(node, session, data, length);
}

static void on_parameters(dtls_context_t *ctx, session_t *session,
                          dtls_user_parameters_t *parameters)
{
    node_t *node = dtls_get_app_data(ctx);

    node->on_parameters(node, session, parameters);
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8_t *data, size_t length)
{
    node_t *node = dtls_get_app_data(ctx);
    net_message_t *message;

    node->messages = realloc(node->messages, (node->message_count + 1) * sizeof(*node->messages));
    message = &node->messages[node->message_count++];
    message->at = node->net->now;
    message->port = net_port(session);
    message->length = length;
    message->data = malloc(length + 1);
    memcpy(message->data, data, length);
    message->data[length] = '\0';
    return node->on_read ? node->on_read(node, session, data, length) : 0;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    node_t *node = dtls_get_app_data(ctx);
    net_event_t *event;

    node->events = realloc(node->events, (node->event_count + 1) * sizeof(*node->events));
    event = &node->events[node->event_count++];
    memset(event, 0, sizeof(*event));
    event->at = node->net->now;
    event->port = net_port(session);
    event->level = (int)level;
    event->code = code;
    event->info_ok = dtls_get_info(ctx, session, &event->info) == 0;
    if (event->info.identity && event->info.identity_length < sizeof(event->identity)) {
        memcpy(event->identity, event->info.identity, event->info.identity_length);
    }
    return node->on_event ? node->on_event(node, session, (int)level, code) : 0;
}

static int give(unsigned char *result, size_t room, const uint8_t *bytes, size_t length)
{
    if (length > room) {
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    }
    memcpy(result, bytes, length);
    return (int)length;
}

static int get_psk_info(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                        const unsigned char *desc, size_t desc_len, unsigned char *result,
                        size_t room)
{
    node_t *node = dtls_get_app_data(ctx);

    if (node->on_psk) {
        return node->on_psk(node, session, type, desc, desc_len, result, room);
    }
    switch (type) {
    case DTLS_PSK_HINT: return give(result, room, node->hint, node->hint_length);
    case DTLS_PSK_IDENTITY: return give(result, room, node->identity, node->identity_length);
    case DTLS_PSK_KEY: break;
    }
    if (desc_len != node->identity_length || memcmp(desc, node->identity, desc_len) != 0) {
        return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
    }
    return give(result, room, node->key, node->key_length);
}

/* ---- making them --------------------------------------------------------- */

node_t *net_node(net_t *net, const char *name)
{
    node_t *node = calloc(1, sizeof(*node));

    CHECK(net->node_count < NET_NODES);
    node->net = net;
    node->name = name;
    node->random = net_bits(net);
    node->reorder_ms = 20;
    net_address(&node->address, FIRST_PORT + (unsigned)net->node_count);
    node->identity = (const uint8_t *)"Client_identity";
    node->identity_length = strlen("Client_identity");
    node->key = default_key;
    node->key_length = sizeof(default_key);
    node->hint = (const uint8_t *)"";
    dtls_config_init(&node->config);
    node->config.only_version = net_version;
    node->config.hook = node;
    node->config.clock = hook_clock;
    node->config.random = hook_random;
    node->config.allocate = hook_allocate;
    node->config.release = hook_release;
    node->config.log = hook_log;
    node->config.trace = hook_trace;
    net->nodes[net->node_count++] = node;
    return node;
}

bool node_start(node_t *node)
{
    const dtls_handler_t handler = {.write = on_write,
                                    .read = on_read,
                                    .event = on_event,
                                    .get_user_parameters =
                                        node->on_parameters ? on_parameters : NULL,
                                    .get_psk_info = get_psk_info};

    if (!net_ecdhe && node->config.only_version == DTLS12 && !node->config.suites &&
        node->config.key_exchange == DTLS_KE_DEFAULT) {
        node->config.key_exchange = DTLS_KE_PSK_ONLY;
    }
    node->ctx = dtls_new_context_config(node, &node->config);
    if (node->ctx) {
        dtls_set_handler(node->ctx, &handler);
    }
    return node->ctx != NULL;
}

void node_crash(node_t *node)
{
    node->refuse_writes = true;
    dtls_free_context(node->ctx);
    node->ctx = NULL;
    node->refuse_writes = false;
}

net_t *net_pair(uint64_t seed, node_t **client, node_t **server)
{
    net_t *net = net_new(seed);

    *client = net_node(net, "client");
    *server = net_node(net, "server");
    (*client)->config.accept = false;
    return net;
}

void net_start(net_t *net)
{
    for (size_t i = 0; i < net->node_count; i++) {
        CHECK(net->nodes[i]->ctx || node_start(net->nodes[i]));
    }
}

/* ---- what nodes do, and what they have recorded ------------------------------ */

int node_write(node_t *node, const node_t *peer, const char *text)
{
    session_t session = peer->address;
    uint8_t data[2048];
    size_t length = strlen(text);

    CHECK(length <= sizeof(data));
    memcpy(data, text, length);
    return dtls_write(node->ctx, &session, data, length);
}

bool node_connected(const node_t *node, const node_t *peer)
{
    dtls_info_t info;

    return dtls_get_info(node->ctx, &peer->address, &info) == 0 && info.connected;
}

size_t node_events(const node_t *node, unsigned code)
{
    size_t count = 0;

    for (size_t i = 0; i < node->event_count; i++) {
        count += node->events[i].level == 0 && node->events[i].code == code;
    }
    return count;
}

size_t node_ends(const node_t *node)
{
    return node_events(node, DTLS_EVENT_CLOSED) + node_events(node, DTLS_EVENT_FAILED) +
           node_events(node, DTLS_EVENT_TIMEOUT);
}

const net_event_t *node_last_end(const node_t *node)
{
    for (size_t i = node->event_count; i-- > 0;) {
        if (node->events[i].level == 0 && node->events[i].code >= DTLS_EVENT_CLOSED) {
            return &node->events[i];
        }
    }
    return NULL;
}

dtls_info_t info_of(const node_t *node, const node_t *peer)
{
    dtls_info_t info;

    CHECK_EQ(dtls_get_info(node->ctx, &peer->address, &info), 0);
    return info;
}

struct conn *conn_of(const node_t *node, const node_t *peer)
{
    dtls_peer_t *found = dtls_get_peer(node->ctx, &peer->address);

    CHECK(found != NULL);
    return found->conn;
}

dtls_stats_t node_stats(const node_t *node, const node_t *peer)
{
    dtls_stats_t stats;

    CHECK_EQ(dtls_get_stats(node->ctx, peer ? &peer->address : NULL, &stats), 0);
    return stats;
}

uint64_t node_drops(const node_t *node, const node_t *peer)
{
    dtls_stats_t stats = node_stats(node, peer);
    uint64_t drops = 0;

    for (size_t i = 0; i < DTLS_DROP_COUNT; i++) {
        drops += stats.dropped[i];
    }
    return drops;
}

static size_t received_from(const node_t *node, const node_t *peer, const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < node->message_count; i++) {
        const net_message_t *message = &node->messages[i];

        count += message->port == net_port(&peer->address) &&
                 strcmp((const char *)message->data, text) == 0;
    }
    return count;
}

/* Both nodes, each with the other as its peer. */
static struct {
    node_t *client, *server;
    size_t client_ends, server_ends;
} pair;

static bool pair_decided(net_t *net)
{
    (void)net;
    if (node_ends(pair.client) > pair.client_ends || node_ends(pair.server) > pair.server_ends) {
        return true;
    }
    return node_connected(pair.client, pair.server) && node_connected(pair.server, pair.client);
}

bool net_connect(node_t *client, node_t *server, uint64_t ms)
{
    pair.client = client;
    pair.server = server;
    pair.client_ends = node_ends(client);
    pair.server_ends = node_ends(server);
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    net_until(client->net, pair_decided, ms);
    return node_connected(client, server) && node_connected(server, client);
}

bool net_echo(node_t *client, node_t *server)
{
    static unsigned serial;
    char up[32], down[32];

    net_calm(client->net);
    snprintf(up, sizeof(up), "up %u", ++serial);
    snprintf(down, sizeof(down), "down %u", serial);
    if (node_write(client, server, up) != (int)strlen(up) ||
        node_write(server, client, down) != (int)strlen(down)) {
        return false;
    }
    net_run(client->net, client->delay + server->delay + 1);
    return received_from(server, client, up) == 1 && received_from(client, server, down) == 1;
}

void node_check_timers(const node_t *node)
{
    dtls_context_t *ctx = node->ctx;
    const table_t *table = &ctx->peers.table;
    dtls_tick_t earliest = NEVER;

    if (ctx->depth > 0 || node->crowded) {
        return; /* a timer may have been set, and the call that set it has not returned */
    }
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (table_entry_t *entry = table->buckets[i]; entry; entry = entry->next) {
            dtls_tick_t at = timers_deadline((dtls_peer_t *)entry);

            earliest = earliest == NEVER || (at != NEVER && at < earliest) ? at : earliest;
        }
    }
    CHECK_EQ(timers_next(ctx), earliest);
}
