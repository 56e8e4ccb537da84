/*
 * expiry.c - the cost of the timers of a server with many peers: of a call when no timer is due, and of
 * the call in which all peers reach the idle limit.
 */
#include "common_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CALLS = 20000, IDLE_MS = 60000 };

static dtls_tick_t now;
static line_t line;

static dtls_tick_t on_clock(void *hook)
{
    (void)hook;
    return now;
}

static void tune(dtls_config_t *config)
{
    config->clock = on_clock;
    config->idle_ms = IDLE_MS;
    config->max_peers = 100000;
}

static double cpu_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

/* Returns the context of a server with this number of connected clients. */
static dtls_context_t *serve(uint16_t suite, unsigned peers)
{
    now = 1;
    line_start_as(&line, suite, tune);
    for (unsigned n = 0; n < peers; n++) {
        line_connect(&line, n);
        line_deliver(&line);
    }
    CHECK_EQ(line.sides[SERVER].connected, peers);
    return line.sides[SERVER].ctx;
}

static void measure(uint16_t suite, unsigned peers)
{
    dtls_context_t *ctx = serve(suite, peers);
    CHECK(dtls_next_timeout(ctx) > 0); /* corrects the deadlines that have become later */
    double start = cpu_ms();
    for (int i = 0; i < CALLS; i++)
        CHECK(dtls_next_timeout(ctx) > 0);
    double next = cpu_ms();
    for (int i = 0; i < CALLS; i++)
        dtls_check_retransmit(ctx, NULL);
    double run = cpu_ms();
    now += 2 * IDLE_MS;
    dtls_check_retransmit(ctx, NULL);
    double all = cpu_ms() - run;
    CHECK_EQ(dtls_next_timeout(ctx), -1);
    printf("    %04x %5u peers: dtls_next_timeout %6.0f ns, dtls_check_retransmit %6.0f ns, all "
           "expire "
           "in %5.1f ms, %4.0f ns each\n",
           suite, peers, (next - start) * 1e6 / CALLS, (run - next) * 1e6 / CALLS, all,
           all * 1e6 / peers);
    line_end(&line);
}

TEST(timers_of_many_peers)
{
    static const unsigned peers[] = {10, 10000, 40000};
    /* For a profiler: measure only this number of peers. */
    const char *only = getenv("BENCH_PEERS");
    printf("timers of a server with many peers:\n");
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        if (only && strtoul(only, NULL, 10) != peers[i])
            continue;
        measure(0xc0a8, peers[i]);
        measure(0x1301, peers[i]);
    }
}
