/*
 * congestion.c - what congestion control makes of a bottleneck, of loss at random, and of other flows, in simulations.
 */
#include "stream/congestion.h"

#include "common_sim.h"
#include "test.h"

enum { SEEDS = 3, SECOND = 1000000, MEGABIT = 125000 };

/* A flow alone. Shares are in percent; the rate is that of the data. */
typedef struct {
    int64_t megabits, queue;
    double trip_ms, loss;
    double from_s, end_s;
    double least_rate, most_lost;
} alone_t;

static sim_path_t path_of(int64_t megabits, int64_t queue, double trip_ms, double loss)
{
    return (sim_path_t){.rate = megabits * MEGABIT,
                        .queue = queue,
                        .trip_us = (int64_t)(trip_ms * 1000),
                        .loss = loss / 100};
}

static void run_alone(const alone_t *row, sim_kind_t kind)
{
    sim_path_t path = path_of(row->megabits, row->queue, row->trip_ms, row->loss);

    for (unsigned seed = 1; seed <= test_seeds(SEEDS); seed++) {
        sim_flow_t flow = {.kind = kind};
        sim_run(&path, seed, (int64_t)(row->from_s * (double)SECOND),
                (int64_t)(row->end_s * (double)SECOND), &flow, 1);
        double rate = 100 * flow.rate / (double)path.rate, lost = 100 * flow.lost;
        NOTE("%d Mbit/s, queue %d, %g ms, loss %g %%, seed %u: rate %.1f %%, lost %.2f %%",
             (int)row->megabits, (int)row->queue, row->trip_ms, row->loss, seed, rate, lost);
        CHECK(rate >= row->least_rate);
        CHECK(lost <= row->most_lost);
    }
}

#define RUN_ALONE(rows, kind)                                                                      \
    do {                                                                                           \
        for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                 \
            run_alone(&(rows)[i], kind);                                                           \
    } while (0)

TEST(a_bottleneck_loses_little)
{
    static const alone_t rows[] = {
        {10, 8000, 1, 0, 0, 4, 80, 2},        {10, 16000, 1, 0, 0, 4, 80, 2},
        {10, 32000, 1, 0, 0, 4, 80, 0.5},     {10, 64000, 1, 0, 0, 4, 80, 0.5},
        {10, 200000, 1, 0, 0, 4, 80, 0.5},    {100, 30000, 1, 0, 0, 1.6, 80, 2},
        {100, 60000, 1, 0, 0, 1.6, 80, 0.5},  {100, 120000, 1, 0, 0, 1.6, 80, 0.5},
        {1000, 64000, 0.2, 0, 0, 0.6, 50, 1}, {1000, 64000, 1, 0, 0, 0.6, 30, 1},
    };
    RUN_ALONE(rows, SIM_REPORTS);
}

TEST(a_long_path_is_filled)
{
    static const alone_t rows[] = {
        {10, 30000, 100, 0, 5, 20, 70, 2},
        {10, 100000, 100, 0, 5, 20, 70, 2},
        {10, 200000, 100, 0, 5, 20, 70, 2},
    };
    RUN_ALONE(rows, SIM_REPORTS);
}

/* Of 1 Gbit/s, 50 MB/s is 40 %, and 10 MB/s is 8 %. */
TEST(loss_at_random_is_no_congestion)
{
    static const alone_t rows[] = {
        {1000, 1000000, 0.2, 1, 0.5, 3, 40, 1.5},
        {1000, 1000000, 0.2, 5, 0.5, 3, 8, 6},
    };
    RUN_ALONE(rows, SIM_REPORTS);
}

/* In a flow window of 64 kB a flight waits for its answer, and a short queue then runs empty. */
TEST(a_peer_that_only_echoes_loses_little)
{
    static const alone_t rows[] = {
        {10, 8000, 1, 0, 0, 4, 55, 2},        {10, 16000, 1, 0, 0, 4, 70, 2},
        {10, 32000, 1, 0, 0, 4, 70, 0.5},     {10, 64000, 1, 0, 0, 4, 80, 0.5},
        {10, 200000, 1, 0, 0, 4, 80, 0.5},    {100, 30000, 1, 0, 0, 1.6, 50, 2},
        {100, 60000, 1, 0, 0, 1.6, 70, 0.5},  {100, 120000, 1, 0, 0, 1.6, 70, 0.5},
        {10, 100000, 100, 0, 0, 10, 25, 0.5}, {1000, 1000000, 0.2, 0, 0, 0.6, 40, 0.5},
    };
    RUN_ALONE(rows, SIM_ECHOES);
}

/* ---- two flows ---- */

typedef struct {
    double own, other; /* bytes per second: means over all seeds */
} shares_t;

/* The flow that begins later begins after a second. The shares vary from seed to seed. */
static shares_t run_beside(const sim_path_t *path, sim_kind_t other, bool own_first, int64_t end_us)
{
    unsigned seeds = test_seeds(SEEDS);
    shares_t shares = {0, 0};

    for (unsigned seed = 1; seed <= seeds; seed++) {
        sim_flow_t flows[] = {{.kind = SIM_REPORTS, .start_us = own_first ? 0 : SECOND},
                              {.kind = other, .start_us = own_first ? SECOND : 0}};
        sim_run(path, seed, 5 * SECOND, end_us, flows, 2);
        shares.own += flows[0].rate / seeds;
        shares.other += flows[1].rate / seeds;
    }
    return shares;
}

/* Each fair share is half of the rate. */
TEST(tcp_keeps_half_of_its_share_and_leaves_a_quarter)
{
    static const int64_t queues[] = {20000, 60000, 200000, 500000};

    for (unsigned i = 0; i < 8; i++) {
        sim_path_t path = path_of(20, queues[i / 2], 2, 0);
        shares_t shares = run_beside(&path, SIM_TCP, i % 2 == 0, 30 * SECOND);
        double fair = (double)path.rate / 2;
        NOTE("queue %d, %s first: own %.2f MB/s, TCP %.2f MB/s", (int)path.queue,
             i % 2 == 0 ? "own" : "TCP", shares.own / 1e6, shares.other / 1e6);
        CHECK(shares.other >= fair / 2);
        CHECK(shares.own >= fair / 4);
    }
}

TEST(two_flows_share_within_one_and_a_half)
{
    static const int64_t queues[] = {20000, 60000, 200000, 500000};

    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
        sim_path_t path = path_of(20, queues[i], 2, 0);
        shares_t shares = run_beside(&path, SIM_REPORTS, true, 20 * SECOND);
        NOTE("queue %d: %.2f and %.2f MB/s", (int)path.queue, shares.own / 1e6, shares.other / 1e6);
        CHECK(shares.own <= 1.5 * shares.other);
        CHECK(shares.other <= 1.5 * shares.own);
        CHECK(shares.own + shares.other >= 0.8 * (double)path.rate);
    }
}
