#include "common_pair.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t key[] = {'0', '1', '2', '3', '4', '5', '6', '7',
                              '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

/* ---- hooks ---- */

static dtls_tick_t hook_clock(void *hook)
{
    return ((end_t *)hook)->pair->now;
}

static int hook_random(void *hook, uint8_t *out, size_t length)
{
    uint8_t first = ((end_t *)hook)->side == CLIENT ? 0xc0 : 0x50;
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)(first + i);
    return 0;
}

static void *hook_allocate(void *hook, size_t size)
{
    return memory_allocate(&((end_t *)hook)->memory, size);
}

static void hook_release(void *hook, void *memory)
{
    memory_release(&((end_t *)hook)->memory, memory);
}

/* ---- callbacks ---- */

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    end_t *end = dtls_get_app_data(ctx);
    pair_t *pair = end->pair;
    (void)session;
    CHECK(pair->sent_count < PAIR_QUEUE);
    pair_datagram_t *datagram = &pair->sent[pair->sent_count++];
    *datagram = (pair_datagram_t){end->side, length, malloc(length)};
    memcpy(datagram->data, data, length);
    return (int)length;
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    end_t *end = dtls_get_app_data(ctx);
    (void)session;
    CHECK(length < PAIR_MESSAGE && end->message_count < PAIR_MESSAGES);
    memcpy(end->messages[end->message_count], data, length);
    end->messages[end->message_count++][length] = '\0';
    return 0;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    end_t *end = dtls_get_app_data(ctx);
    dtls_info_t info;
    if (level > 0)
        return 0;
    switch (code) {
    case DTLS_EVENT_CONNECT: end->connects++; break;
    case DTLS_EVENT_CONNECTED: end->connected++; break;
    case DTLS_EVENT_RENEGOTIATE: break;
    default:
        CHECK_EQ(dtls_get_info(ctx, session, &info), 0);
        end->error = info.error;
        end->ends++;
    }
    return 0;
}

static size_t fill_identity(const end_t *end, uint8_t *out)
{
    size_t once = strlen(end->identity);
    size_t length = end->identity_length ? end->identity_length : once;
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)end->identity[i % once];
    return length;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    static uint8_t expected[DTLS_MAX_IDENTITY];
    const end_t *end = dtls_get_app_data(ctx);
    (void)session, (void)room;
    switch (type) {
    case DTLS_PSK_HINT: memcpy(result, end->hint, strlen(end->hint)); return (int)strlen(end->hint);
    case DTLS_PSK_IDENTITY: return (int)fill_identity(end, result);
    case DTLS_PSK_KEY: break;
    }
    if (desc_length != fill_identity(end, expected) || memcmp(desc, expected, desc_length) != 0)
        return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
    memcpy(result, key, sizeof key);
    return sizeof key;
}

/* ---- the pair ---- */

void pair_init(pair_t *pair)
{
    memset(pair, 0, sizeof *pair);
    pair->now = 1000000;
    for (int side = CLIENT; side <= SERVER; side++) {
        end_t *end = &pair->ends[side];
        end->pair = pair;
        end->side = side;
        end->identity = "Client_identity";
        end->hint = "";
        dtls_session_init(&end->address);
        end->address.addr.sin.sin_family = AF_INET;
        end->address.addr.sin.sin_port = htons((uint16_t)(40000 + side));
        end->address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        dtls_config_init(&end->config);
        end->config.hook = end;
        end->config.clock = hook_clock;
        end->config.random = hook_random;
        end->config.allocate = hook_allocate;
        end->config.release = hook_release;
        end->config.accept = side == SERVER;
        end->config.only_version = 0xfefd; /* DTLS 1.2, unless the test case sets another version */
    }
}

bool pair_start(pair_t *pair)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    for (int side = CLIENT; side <= SERVER; side++) {
        end_t *end = &pair->ends[side];
        end->ctx = dtls_new_context_config(end, &end->config);
        if (!end->ctx)
            return false;
        dtls_set_handler(end->ctx, &handler);
    }
    return true;
}

int pair_connect(pair_t *pair)
{
    return dtls_connect(pair->ends[CLIENT].ctx, &pair->ends[SERVER].address);
}

int pair_write(pair_t *pair, int side, const char *text)
{
    uint8_t data[PAIR_MESSAGE];
    size_t length = strlen(text);
    CHECK(length < sizeof data);
    memcpy(data, text, length);
    return dtls_write(pair->ends[side].ctx, &pair->ends[!side].address, data, length);
}

int pair_close(pair_t *pair, int side)
{
    return dtls_close(pair->ends[side].ctx, &pair->ends[!side].address);
}

static bool connected(const pair_t *pair, int side)
{
    dtls_info_t info;
    return dtls_get_info(pair->ends[side].ctx, &pair->ends[!side].address, &info) == 0 &&
           info.connected;
}

bool pair_up(const pair_t *pair)
{
    return connected(pair, CLIENT) && connected(pair, SERVER);
}

void pair_deliver(pair_t *pair)
{
    while (pair->delivered < pair->sent_count) {
        const pair_datagram_t *datagram = &pair->sent[pair->delivered++];
        session_t from = pair->ends[datagram->from].address;
        uint8_t *copy = malloc(datagram->length);
        memcpy(copy, datagram->data, datagram->length);
        if (pair->tamper)
            pair->tamper(datagram->from, copy, datagram->length);
        dtls_handle_message(pair->ends[!datagram->from].ctx, &from, copy, (int)datagram->length);
        free(copy);
    }
}

/* Returns the ms until either end has a timer due, -1 if there is no timer. */
static int next_timeout(const pair_t *pair)
{
    int a = dtls_next_timeout(pair->ends[CLIENT].ctx);
    int b = dtls_next_timeout(pair->ends[SERVER].ctx);
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

void pair_run(pair_t *pair, dtls_tick_t ms)
{
    dtls_tick_t limit = pair->now + ms;
    pair_deliver(pair);
    for (int wait; (wait = next_timeout(pair)) >= 0 && pair->now + (unsigned)wait <= limit;) {
        pair->now += (unsigned)wait;
        for (int side = CLIENT; side <= SERVER; side++)
            dtls_check_retransmit(pair->ends[side].ctx, NULL);
        pair_deliver(pair);
    }
}

void pair_end(pair_t *pair)
{
    for (int side = CLIENT; side <= SERVER; side++) {
        dtls_free_context(pair->ends[side].ctx);
        memory_check(&pair->ends[side].memory);
    }
    for (size_t i = 0; i < pair->sent_count; i++)
        free(pair->sent[i].data);
}
