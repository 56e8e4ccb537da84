/* common_hooks.c - the hooks and callbacks of an end, with the oracles that they check. */
#include "fuzz/common_world.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 16 };

static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const char identity[] = "Client_identity";

/* ---- hooks ---- */

static dtls_tick_t on_clock(void *hook)
{
    return ((end_t *)hook)->world->now;
}

static int on_random(void *hook, uint8_t *out, size_t length)
{
    end_t *end = hook;

    for (size_t i = 0; i < length; i++) {
        end->random = end->random * 6364136223846793005U + 1442695040888963407U;
        out[i] = (uint8_t)(end->random >> 56);
    }
    return 0;
}

static void *on_allocate(void *hook, size_t size)
{
    end_t *end = hook;

    if (++end->allocations == end->fail_at) {
        return NULL;
    }
    uint8_t *memory = malloc(HEADER + size);
    FUZZ_CHECK(memory != NULL);
    memcpy(memory, &size, sizeof(size));
    memset(memory + HEADER, 0xa5, size);
    end->live++;
    end->live_bytes += size;
    return memory + HEADER;
}

static void on_release(void *hook, void *memory)
{
    end_t *end = hook;
    const uint8_t *bytes = memory;
    size_t size;

    memcpy(&size, bytes - HEADER, sizeof(size));
    end->unwiped += size > 0 && (bytes[0] != 0 || memcmp(bytes, bytes + 1, size - 1) != 0);
    end->live--;
    end->live_bytes -= size;
    free((uint8_t *)memory - HEADER);
}

static void on_log(void *hook, dtls_log_t level, const char *message)
{
    (void)hook;
    (void)level;
    FUZZ_CHECK(strchr(message, '\n') == NULL);
}

/* Reads all that the hook is passed. */
static void on_trace(void *hook, const dtls_trace_t *trace)
{
    end_t *end = hook;
    static volatile uint8_t sum;

    for (size_t i = 0; trace->data && i < trace->length; i++) {
        sum = (uint8_t)(sum + trace->data[i]);
    }
    unsigned number = trace->session ? world_number(trace->session) : ADDRESSES;
    if (trace->kind == DTLS_TRACE_MESSAGE && !trace->outgoing && number < ADDRESSES &&
        trace->frag_length < trace->msg_length) {
        /* The body, its header, and a bit for each byte. */
        end->ledger[number].fragments += 12 + trace->msg_length + (trace->msg_length + 7) / 8;
    }
    if (trace->kind == DTLS_TRACE_MESSAGE && trace->outgoing && trace->msg_seq >= end->next_seq) {
        end->next_seq = (uint16_t)(trace->msg_seq + 1);
    }
}

static void on_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                      uint32_t lifetime_s)
{
    end_t *end = hook;

    (void)session;
    (void)lifetime_s;
    end->state_length = length <= sizeof(end->state) ? length : 0;
    memcpy(end->state, state, end->state_length);
}

static void on_heartbeat(void *hook, const session_t *session, bool request, const uint8_t *payload,
                         size_t length)
{
    (void)hook;
    (void)session;
    (void)request;
    (void)payload;
    FUZZ_CHECK(length <= 1024);
}

void hooks_set(end_t *end)
{
    end->config.hook = end;
    end->config.clock = end->config.wall_clock = on_clock;
    end->config.random = on_random;
    end->config.allocate = on_allocate;
    end->config.release = on_release;
    end->config.log = on_log;
    end->config.trace = on_trace;
    end->config.ticket = on_ticket;
    end->config.heartbeat_received = on_heartbeat;
}

/* ---- callbacks ---- */

/* Makes the next call of the input, from inside a callback. */
static void call_inside(end_t *end)
{
    world_t *world = end->world;

    if (!end->ending && world->call && world->depth < 3 && input_left(&world->in_callbacks) > 0) {
        world->depth++;
        world->call(end, &world->in_callbacks);
        world->depth--;
    }
}

static int on_write(dtls_context_t *ctx, session_t *session, uint8_t *data, size_t length)
{
    end_t *end = dtls_get_app_data(ctx);
    world_t *world = end->world;
    unsigned to = world_number(session);

    FUZZ_CHECK(length > 0 && length <= PACKET_MAX && to < ADDRESSES);
    if (end->refuse_writes) {
        return -1;
    }
    end->ledger[to].bytes_out += length;
    end->sent.datagrams_out++;
    end->sent.octets_out += length;
    if (to < ENDS && to != end->number) {
        packet_t *packet = &world->packets[world->sent++ % PACKETS];
        free(packet->data);
        *packet = (packet_t){end->number, to, length, malloc(length)};
        FUZZ_CHECK(packet->data != NULL);
        memcpy(packet->data, data, length);
    }
    call_inside(end);
    return (int)length;
}

/* A record has its number in the first bytes: see world_write(). A reader takes each number once. */
static int on_read(dtls_context_t *ctx, session_t *session, uint8_t *data, size_t length)
{
    end_t *end = dtls_get_app_data(ctx);
    world_t *world = end->world;
    ledger_t *ledger = &end->ledger[world_number(session)];

    FUZZ_CHECK(ledger->open && length <= 16384);
    ledger->reads++;
    ledger->read_bytes += length;
    if (!world->forgeable && length > 0) {
        unsigned number;
        FUZZ_CHECK(length >= 4);
        number = (unsigned)data[2] << 8 | data[3];
        FUZZ_CHECK(data[0] == 0xda && data[1] == !end->number && number < world->writes);
        FUZZ_CHECK(!world->taken[end->number][number]);
        world->taken[end->number][number] = true;
    }
    call_inside(end);
    return 0;
}

static bool is_end(unsigned code)
{
    return code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT;
}

static void check_stats(end_t *end, const session_t *session, const ledger_t *ledger)
{
    dtls_stats_t stats;

    FUZZ_CHECK(dtls_get_stats(end->ctx, session, &stats) == 0);
    FUZZ_CHECK(stats.records_in == ledger->reads && stats.bytes_in == ledger->read_bytes);
    FUZZ_CHECK(stats.replayed == stats.dropped[DTLS_DROP_REPLAYED]);
    FUZZ_CHECK((stats.octets_out == 0) == (stats.datagrams_out == 0));
    FUZZ_CHECK(stats.octets_out >= stats.bytes_out && stats.octets_in >= stats.bytes_in);
    world_count(&end->counted, &stats);
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    end_t *end = dtls_get_app_data(ctx);
    unsigned number = world_number(session);
    ledger_t *ledger = &end->ledger[number];
    dtls_info_t info;

    FUZZ_CHECK(number < ADDRESSES && dtls_get_info(ctx, session, &info) == 0);
    if (level == DTLS_ALERT_LEVEL_NONE && code == DTLS_EVENT_CONNECT) {
        FUZZ_CHECK(!ledger->open);
        ledger->open = true;
        ledger->connected = false;
        /* A ticket of the same host proves the address too. */
        ledger->proven |= info.client || info.cookie || end->config.cookie == DTLS_COOKIE_ON;
        ledger->reads = ledger->read_bytes = 0;
    }
    FUZZ_CHECK(ledger->open);
    if (level == DTLS_ALERT_LEVEL_NONE && code == DTLS_EVENT_CONNECTED) {
        FUZZ_CHECK(info.connected);
        ledger->proven = ledger->connected = true;
        FUZZ_CHECK(end->world->forgeable || number == !end->number);
    }
    if (level == DTLS_ALERT_LEVEL_NONE && is_end(code)) {
        check_stats(end, session, ledger);
        ledger->open = ledger->connected = false;
    }
    if (level == DTLS_ALERT_LEVEL_NONE && code == DTLS_EVENT_MOVED) {
        ledger_t *new = &end->ledger[world_number(&info.address)];
        FUZZ_CHECK(new->bytes_in > 0);
        new->open = new->proven = true;
        new->connected = ledger->connected;
        new->fragments += ledger->fragments;
        new->reads = ledger->reads;
        new->read_bytes = ledger->read_bytes;
        ledger->open = ledger->connected = false;
    } else {
        call_inside(end);
    }
    return 0;
}

static int give(const void *bytes, size_t length, unsigned char *result, size_t room)
{
    FUZZ_CHECK(length <= room);
    memcpy(result, bytes, length);
    return (int)length;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t length, unsigned char *result, size_t room)
{
    const end_t *end = dtls_get_app_data(ctx);

    (void)session;
    if (type == DTLS_PSK_HINT) {
        return 0;
    }
    if (type == DTLS_PSK_IDENTITY) {
        return give(identity, sizeof(identity) - 1, result, room);
    }
    if (length != sizeof(identity) - 1 || memcmp(desc, identity, length) != 0) {
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    }
    return give(key, end->wrong_key ? 15 : sizeof(key), result, room);
}

const dtls_handler_t world_handler = {
    .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
