/*
 * expiry.c - the cost of the timers of a server with many peers: of a call when no timer is due, and of
 * the call in which all peers reach the idle limit.
 */
#include "common_bench.h"
#include "common_series.h"

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

static void measure_here(const char *version, uint16_t suite, unsigned peers)
{
    char figure[64], series[32];
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
    snprintf(series, sizeof series, "%u peers", peers);
    snprintf(figure, sizeof figure, "dtls_next_timeout, no timer due, %s", version);
    sample(figure, "ns", series, (next - start) * 1e6 / (double)CALLS);
    snprintf(figure, sizeof figure, "dtls_check_retransmit, no timer due, %s", version);
    sample(figure, "ns", series, (run - next) * 1e6 / (double)CALLS);
    snprintf(figure, sizeof figure, "all peers reach the idle limit, %s", version);
    sample(figure, "ms", series, all);
    snprintf(figure, sizeof figure, "the same for each peer, %s", version);
    sample(figure, "ns", series, all * 1e6 / peers);
    line_end(&line);
}

/* Ratios to the server with the fewest peers. */
/* In a process of its own: the heap that other peers leave behind doubles the time. */
static void measure(const char *version, uint16_t suite, unsigned peers)
{
    if (!bench_apart())
        return;
    measure_here(version, suite, peers);
    bench_apart_end();
}

static void compare(const char *version)
{
    static const char *const figures[] = {"dtls_next_timeout, no timer due",
                                          "dtls_check_retransmit, no timer due"};
    char figure[64];
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        snprintf(figure, sizeof figure, "%s, %s", figures[i], version);
        ratio(figure, "10000 peers", "10 peers");
        ratio(figure, "40000 peers", "10 peers");
    }
}

TEST(timers_of_many_peers)
{
    static const unsigned peers[] = {10, 10000, 40000};
    /* For a profiler: measure only this number of peers. */
    const char *only = getenv("BENCH_PEERS");
    bench_pin();
    for (unsigned run = 0; run < bench_runs(); run++) {
        for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
            if (only && strtoul(only, NULL, 10) != peers[i])
                continue;
            measure("DTLS 1.2", 0xc0a8, peers[i]);
            measure("DTLS 1.3", 0x1301, peers[i]);
        }
    }
    compare("DTLS 1.2");
    compare("DTLS 1.3");
}
