/*
 * drop.c - the cost of datagrams that are discarded: hellos without a cookie, forged and replayed
 * records.
 */
#include "common_bench.h"
#include "common_series.h"
#include "crypto/suite.h"

#include <string.h>

static line_t line;
static packet_t packet;

/* Hellos without a cookie, each from another port, as in a flood. */
static void hellos(size_t times)
{
    packet_t answer;
    for (size_t i = 0; i < times; i++) {
        packet.port = 1000 + (unsigned)(i % 60000);
        line_push(&line, &packet);
        line_pop(&line, &answer);
    }
}

static void pushes(size_t times)
{
    for (size_t i = 0; i < times; i++)
        line_push(&line, &packet);
}

static const bench_t hello = {"hello", hellos, 5000};
static const bench_t push = {"push", pushes, 5000};

TEST(hello_without_cookie)
{
    bench_pin();
    line_start(&line, 0);
    line_connect(&line, 0);
    CHECK(line_pop(&line, &packet));
    hellos(1);
    size_t allocations = line.sides[SERVER].allocations;
    for (unsigned run = 0; run < bench_runs(); run++)
        sample("ClientHello without cookie, and the HelloVerifyRequest", "ns", "dtlscat",
               bench_batch_ns(&hello));
    CHECK_EQ(line.sides[SERVER].allocations, allocations);
    line_end(&line);
}

static void dropped(dtls_drop_t drop, const char *figure, const char *suite)
{
    const session_t peer = line_address(0);
    dtls_stats_t before, after;
    CHECK_EQ(dtls_get_stats(line.sides[SERVER].ctx, &peer, &before), 0);
    for (unsigned run = 0; run < bench_runs(); run++)
        sample(figure, "ns", suite, bench_batch_ns(&push));
    CHECK_EQ(dtls_get_stats(line.sides[SERVER].ctx, &peer, &after), 0);
    CHECK(after.dropped[drop] - before.dropped[drop] >= push.times);
}

TEST(forged_and_replayed_records)
{
    for (size_t n = 0; suite_at(n); n++) {
        const char *suite = suite_at(n)->name;
        if (dtls_suite_version(suite_at(n)->id) != 0xfefd)
            continue; /* the records below have the header of DTLS 1.2 */
        uint8_t data[64] = {0};
        session_t peer = line_address(0);
        line_start(&line, suite_at(n)->id);
        line_connect(&line, 0);
        line_deliver(&line);
        CHECK_EQ(dtls_write(line.sides[CLIENT].ctx, &peer, data, sizeof data), sizeof data);
        CHECK(line_pop(&line, &packet));
        packet.data[packet.length - 1] ^= 1;
        dropped(DTLS_DROP_BAD_MAC, "a forged record of 64 bytes", suite);
        packet.data[packet.length - 1] ^= 1;
        line_push(&line, &packet);
        dropped(DTLS_DROP_REPLAYED, "a replayed record of 64 bytes", suite);
        packet.data[4] = 2;
        dropped(DTLS_DROP_EPOCH, "a record of 64 bytes of another epoch", suite);
        line_end(&line);
    }
}
