#include "common_bench.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- measuring ---- */

enum { BATCHES = 9, FEW = 20, MORE = 120 };

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_ns(const bench_t *bench)
{
    double best = 0;
    bench->loop(bench->times / 10 + 1);
    for (int batch = 0; batch < BATCHES; batch++) {
        double start = cpu_ns();
        bench->loop(bench->times);
        double took = (cpu_ns() - start) / (double)bench->times;
        best = batch == 0 || took < best ? took : best;
    }
    return best;
}

/* Returns the number after "Collected : " in the output of callgrind, or 0 if there is none. */
static double collected(const char *self, const char *test_case, const char *name, int times)
{
    char command[1024], line[256];
    double instructions = 0;
    snprintf(command, sizeof command,
             "BENCH_LOOP='%s' BENCH_TIMES=%d valgrind --tool=callgrind "
             "--callgrind-out-file=/dev/null '%s' %s 2>&1",
             name, times, self, test_case);
    FILE *in = popen(command, "r");
    while (in && fgets(line, sizeof line, in)) {
        const char *found = strstr(line, "Collected : ");
        instructions = found ? strtod(found + strlen("Collected : "), NULL) : instructions;
    }
    if (in)
        pclose(in);
    return instructions;
}

double bench_instructions(const bench_t *bench, const char *test_case)
{
    char self[512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return 0;
    self[length] = '\0';
    double few = collected(self, test_case, bench->name, FEW);
    double more = few > 0 ? collected(self, test_case, bench->name, MORE) : 0;
    return (more - few) / (MORE - FEW);
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
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
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
    *packet = line->queue[line->first];
    line->first = (line->first + 1) % QUEUE;
    line->count--;
    return true;
}

int line_push(line_t *line, const packet_t *packet)
{
    side_t *to = &line->sides[!packet->from];
    session_t from = line_address(packet->port - 1);
    uint8_t data[2048];
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
