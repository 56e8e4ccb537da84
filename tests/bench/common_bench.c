#include "common_bench.h"

#include "common_series.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- measuring ---- */

double bench_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void bench_pin(void)
{
    cpu_set_t set;
    const int processor = sched_getcpu();
    CPU_ZERO(&set);
    if (processor >= 0)
        CPU_SET((size_t)processor, &set);
    if (processor < 0 || sched_setaffinity(0, sizeof set, &set) != 0)
        printf("not kept on one processor\n");
}

static double slice_ns(const bench_t *bench)
{
    size_t times = bench->times / SLICES + 1;
    double start = bench_cpu_ns();
    bench->loop(times);
    return (bench_cpu_ns() - start) / (double)times;
}

void bench_measure(const bench_t *benches, size_t count, double ns[])
{
    double slices[BENCHES_MAX][SLICES];
    CHECK(count <= BENCHES_MAX);
    for (size_t i = 0; i < count; i++)
        if (benches[i].times > 0)
            slice_ns(&benches[i]); /* to warm up */
    for (size_t slice = 0; slice < SLICES; slice++)
        for (size_t i = 0; i < count; i++)
            slices[i][slice] = benches[i].times > 0 ? slice_ns(&benches[i]) : 0;
    for (size_t i = 0; i < count; i++)
        ns[i] = median_of(slices[i], SLICES);
}

double bench_batch_ns(const bench_t *bench)
{
    double ns;
    bench_measure(bench, 1, &ns);
    return ns;
}

bool bench_counted(const bench_t *benches, size_t count)
{
    const char *name = getenv("BENCH_LOOP"), *times = getenv("BENCH_TIMES");
    for (size_t i = 0; name && times && i < count; i++)
        if (strcmp(benches[i].name, name) == 0)
            benches[i].loop(strtoul(times, NULL, 10));
    return name != NULL;
}

/* ---- hooks and callbacks ---- */

int bench_inside = -1;

enum { HEAD = 16 };

static void *hook_allocate(void *hook, size_t size)
{
    side_t *side = hook;
    uint8_t *memory = malloc(HEAD + size);
    CHECK(memory != NULL);
    memcpy(memory, &size, sizeof size);
    side->allocations++;
    side->live++;
    side->live_bytes += size;
    return memory + HEAD;
}

static void hook_release(void *hook, void *memory)
{
    side_t *side = hook;
    size_t size;
    uint8_t *start = (uint8_t *)memory - HEAD;
    memcpy(&size, start, sizeof size);
    side->live--;
    side->live_bytes -= size;
    free(start);
}

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    side_t *side = dtls_get_app_data(ctx);
    line_t *line = side->line;
    CHECK(length <= sizeof line->queue->data);
    if (line->count == QUEUE)
        return (int)length; /* lost */
    packet_t *packet = &line->queue[(line->first + line->count++) % QUEUE];
    memcpy(packet->data, data, length);
    packet->length = length;
    packet->from = side->side;
    packet->port = ntohs(session->addr.sin.sin_port);
    return (int)length;
}

static int on_write_batch(dtls_context_t *ctx, session_t *session, uint8 *datagrams, size_t length,
                          size_t segment)
{
    line_t *line = ((side_t *)dtls_get_app_data(ctx))->line;
    (void)session;
    CHECK(length <= sizeof line->batch);
    memcpy(line->batch, datagrams, length);
    line->batch_length = length;
    line->batch_segment = segment;
    return (int)length;
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    side_t *side = dtls_get_app_data(ctx);
    (void)session, (void)data;
    side->delivered++;
    side->delivered_bytes += length;
    return 0;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    side_t *side = dtls_get_app_data(ctx);
    (void)session;
    side->connected += level == 0 && code == DTLS_EVENT_CONNECTED;
    return 0;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    (void)ctx, (void)session, (void)desc, (void)desc_length, (void)room;
    switch (type) {
    case DTLS_PSK_HINT: return 0;
    case DTLS_PSK_IDENTITY: memcpy(result, "Client_identity", 15); return 15;
    case DTLS_PSK_KEY: break;
    }
    memcpy(result, "0123456789abcdef", 16);
    return 16;
}

/* ---- the line ---- */

session_t line_address(unsigned n)
{
    session_t session;
    dtls_session_init(&session);
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    session.addr.sin.sin_port = htons((uint16_t)(1 + n));
    return session;
}

void line_start(line_t *line, uint16_t suite)
{
    line_start_as(line, suite, NULL);
}

void line_start_as(line_t *line, uint16_t suite, void (*tune)(dtls_config_t *config))
{
    static const dtls_handler_t handler = {.write = on_write,
                                           .write_batch = on_write_batch,
                                           .read = on_read,
                                           .event = on_event,
                                           .get_psk_info = on_psk};
    memset(line, 0, sizeof *line);
    for (int i = CLIENT; i <= SERVER; i++) {
        side_t *side = &line->sides[i];
        side->line = line;
        side->side = i;
        dtls_config_init(&side->config);
        side->config.only_version = suite ? dtls_suite_version(suite) : 0xfefd;
        side->config.hook = side;
        side->config.allocate = hook_allocate;
        side->config.release = hook_release;
        side->config.accept = i == SERVER;
        side->config.suites = &suite;
        side->config.suite_count = suite ? 1 : 0;
        side->config.psk_sha384 = suite == 0x1302;
        side->config.max_half_open = 1024;
        side->config.mtu = 1472;
        if (tune)
            tune(&side->config);
        side->ctx = dtls_new_context_config(side, &side->config);
        CHECK(side->ctx != NULL);
        dtls_set_handler(side->ctx, &handler);
    }
}

bool line_pop(line_t *line, packet_t *packet)
{
    if (line->count == 0)
        return false;
    const packet_t *first = &line->queue[line->first];
    memcpy(packet->data, first->data, first->length);
    packet->length = first->length;
    packet->from = first->from;
    packet->port = first->port;
    line->first = (line->first + 1) % QUEUE;
    line->count--;
    return true;
}

int line_push(line_t *line, const packet_t *packet)
{
    side_t *to = &line->sides[!packet->from];
    session_t from = line_address(packet->port - 1);
    uint8_t data[DATAGRAM];
    memcpy(data, packet->data, packet->length);
    bench_inside = to->side;
    int result = dtls_handle_message(to->ctx, &from, data, (int)packet->length);
    bench_inside = -1;
    return result;
}

void line_deliver(line_t *line)
{
    packet_t packet;
    while (line_pop(line, &packet))
        line_push(line, &packet);
}

void line_connect(line_t *line, unsigned n)
{
    const session_t session = line_address(n);
    bench_inside = CLIENT;
    CHECK(dtls_connect(line->sides[CLIENT].ctx, &session) > 0);
    bench_inside = -1;
}

void line_reset(line_t *line, unsigned n)
{
    const session_t session = line_address(n);
    packet_t packet;
    for (int i = CLIENT; i <= SERVER; i++) {
        dtls_peer_t *peer = dtls_get_peer(line->sides[i].ctx, &session);
        if (peer)
            dtls_reset_peer(line->sides[i].ctx, peer);
    }
    while (line_pop(line, &packet))
        ;
}

void line_end(line_t *line)
{
    for (int i = CLIENT; i <= SERVER; i++) {
        dtls_free_context(line->sides[i].ctx);
        CHECK_EQ(line->sides[i].live, 0);
    }
}
