/*
 * congestion_parts.c - the parts of congestion control, one by one.
 */
#include "stream/lossbound.h"
#include "stream/pathrate.h"
#include "stream/reno.h"
#include "stream/roundtrip.h"

#include "test.h"

enum { SECOND = 1000000, DATAGRAM = 1000 };

/* ---- roundtrip ---- */

/* RFC 6298 section 2. The timeout has 2 ms in addition. */
TEST(roundtrip_averages_as_in_rfc6298)
{
    static const struct {
        int64_t measured, smooth, deviation;
    } rows[] = {
        {100000, 100000, 50000}, {200000, 112500, 62500}, {112500, 112500, 46875},
        {32500, 102500, 55156},  {0, 89688, 66991}, /* at least a microsecond */
    };
    struct roundtrip trip;

    roundtrip_start(&trip, 0);
    CHECK_EQ(trip.smooth_us, 0);
    CHECK_EQ(roundtrip_timeout_us(&trip, 0), 400000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("measurement %zu", i);
        roundtrip_measured(&trip, rows[i].measured, (int64_t)i);
        CHECK_EQ(trip.smooth_us, rows[i].smooth);
        CHECK_EQ(trip.deviation_us, rows[i].deviation);
        CHECK_EQ(roundtrip_timeout_us(&trip, 0), rows[i].smooth + 4 * rows[i].deviation + 2000);
    }
}

TEST(roundtrip_doubles_the_timeout_up_to_a_second)
{
    static const struct {
        int64_t trip_us;
        unsigned lost;
        int64_t timeout_us;
    } rows[] = {
        {0, 1, 800000},       {0, 2, SECOND},
        {0, 1000000, SECOND}, {1000, 0, 5000},
        {1000, 3, 40000},     {1000, 7, 640000},
        {1000, 8, SECOND},    {SECOND, 0, 3002000},
        {SECOND, 9, 3002000}, {1000, UINT32_MAX, SECOND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct roundtrip trip;
        NOTE("row %zu", i);
        roundtrip_start(&trip, 0);
        if (rows[i].trip_us > 0)
            roundtrip_measured(&trip, rows[i].trip_us, 0);
        CHECK_EQ(roundtrip_timeout_us(&trip, rows[i].lost), rows[i].timeout_us);
    }
}

TEST(roundtrip_forgets_the_lowest_of_a_path_that_has_become_longer)
{
    struct roundtrip trip;
    int64_t now = 0;

    roundtrip_start(&trip, now);
    roundtrip_measured(&trip, 10000, now);
    for (; now <= 5 * SECOND; now += SECOND / 10) {
        roundtrip_measured(&trip, 50000 + now / 1000, now);
        CHECK_EQ(trip.least_us, 10000);
        CHECK_EQ(trip.queue_us, 40000 + now / 1000);
    }
    roundtrip_measured(&trip, 60000, now);
    CHECK_EQ(trip.least_us, 51600); /* the lowest after 1.5 s */
    CHECK_EQ(trip.highest_us > 40000, 1);
    roundtrip_measured(&trip, 9000, now);
    CHECK_EQ(trip.least_us, 9000);
    CHECK_EQ(trip.queue_us, 0);
}

/* ---- pathrate ---- */

TEST(pathrate_takes_the_longer_time)
{
    static const struct {
        int64_t asked_us, answered_us;
        uint64_t rate; /* of 10000 bytes; 0: no round has ended */
    } rows[] = {
        {4999, 4999, 0}, {5000, 5000, 2000000},   {1000, 10000, 1000000}, {10000, 1000, 1000000},
        {0, 0, 0},       {SECOND, SECOND, 10000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pathrate rate;
        NOTE("row %zu", i);
        pathrate_start(&rate, 0);
        bool ended = pathrate_measured(&rate, 10000, rows[i].asked_us, rows[i].answered_us);
        CHECK_EQ(ended, rows[i].rate > 0);
        CHECK_EQ(pathrate_of(&rate), rows[i].rate);
    }
}

TEST(pathrate_is_the_highest_of_ten_rounds)
{
    struct pathrate rate;
    int64_t now = 0;

    pathrate_start(&rate, now);
    for (int i = 0; i < 30; i++) { /* without enough data: only a higher rate counts */
        now += 10000;
        CHECK(pathrate_measured(&rate, i == 0 ? 50000 : 1000, now, now));
        CHECK_EQ(pathrate_of(&rate), 5000000);
    }
    for (int i = 1; i <= 10; i++) {
        NOTE("round %d", i);
        now += 10000;
        pathrate_limited(&rate);
        pathrate_measured(&rate, 1000, now, now);
        CHECK_EQ(pathrate_of(&rate), i < 10 ? 5000000 : 100000);
    }
    pathrate_forget(&rate);
    CHECK_EQ(pathrate_of(&rate), 0);
}

/* ---- reno ---- */

TEST(reno_doubles_until_the_first_loss)
{
    struct reno reno;

    reno_start(&reno, 10 * DATAGRAM);
    reno_grow(&reno, 10 * DATAGRAM, DATAGRAM);
    CHECK_EQ(reno.window, 20 * DATAGRAM);
    reno_cut(&reno, 50, 4 * DATAGRAM, 100, 200);
    CHECK_EQ(reno.window, 10 * DATAGRAM);
    reno_grow(&reno, 10 * DATAGRAM, DATAGRAM);
    CHECK_EQ(reno.window, 11 * DATAGRAM);
    reno.window = 160 * DATAGRAM;
    reno_grow(&reno, 160 * DATAGRAM, DATAGRAM);
    CHECK_EQ(reno.window, 170 * DATAGRAM);
}

/* asked_us: when the request was sent that shows the loss. */
TEST(reno_cuts_once_a_round_trip_but_not_below_the_floor)
{
    struct reno reno;

    reno_start(&reno, 100 * DATAGRAM);
    reno_cut(&reno, 80, 4 * DATAGRAM, 1000, 2000);
    CHECK_EQ(reno.window, 80 * DATAGRAM);
    reno_cut(&reno, 80, 4 * DATAGRAM, 1999, 2500);
    CHECK_EQ(reno.window, 80 * DATAGRAM);
    reno_cut(&reno, 80, 4 * DATAGRAM, 2000, 3000);
    CHECK_EQ(reno.window, 64 * DATAGRAM);
    for (int64_t now = 4000; now < 40000; now += 1000)
        reno_cut(&reno, 50, 4 * DATAGRAM, now, now);
    CHECK_EQ(reno.window, 4 * DATAGRAM);
}

/* ---- lossbound ---- */

enum { BATCH = 100, FLOOR = 4 * DATAGRAM };

/* Sends `count` times a hundred datagrams, of which `lost` are lost. Returns what the last measurement shows. */
static bool lose(struct lossbound *bound, unsigned count, uint64_t lost)
{
    bool high = false;

    while (count-- > 0)
        high = lossbound_measured(bound, BATCH * DATAGRAM, lost * DATAGRAM, DATAGRAM);
    return high;
}

TEST(lossbound_ignores_single_losses)
{
    static const struct {
        uint64_t lost; /* of a hundred */
        bool high;
    } rows[] = {{0, false}, {1, false}, {2, false}, {3, true}, {100, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lossbound bound;
        NOTE("%d of 100", (int)rows[i].lost);
        lossbound_start(&bound, DATAGRAM);
        CHECK_EQ(lose(&bound, 30, rows[i].lost), rows[i].high);
        CHECK_EQ(lossbound_is_exceeded(&bound), rows[i].high);
        CHECK_EQ(lossbound_has_loss(&bound), rows[i].lost > 0);
        CHECK(!lossbound_measured(&bound, 0, 0, DATAGRAM));
    }
}

/* Lowers the bound while the loss is too high, with this loss at the start and once the bound is half of what it was.
 * Returns true if the loss is tolerated at last. */
static bool lower(struct lossbound *bound, uint64_t at_first, uint64_t later)
{
    const uint64_t flight = 100 * DATAGRAM;

    lossbound_start(bound, DATAGRAM);
    lose(bound, 20, at_first);
    while (lossbound_is_exceeded(bound)) {
        uint64_t bytes = bound->bytes < flight ? bound->bytes : flight;
        lossbound_lower(bound, bytes, FLOOR, DATAGRAM);
        if (bound->bytes == LOSSBOUND_NONE)
            return true;
        CHECK(bound->bytes >= FLOOR);
        lose(bound, 1, bound->bytes > flight / 2 ? at_first : later);
    }
    return false;
}

TEST(lossbound_tolerates_loss_that_does_not_fall)
{
    static const struct {
        uint64_t at_first, later;
        bool fault;
    } rows[] = {
        {5, 5, true},   {20, 20, true}, /* as on a radio link */
        {20, 5, true},                  /* congestion, and then the loss of the path alone */
        {20, 0, false}, {5, 0, false},  /* congestion */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lossbound bound;
        NOTE("loss %d %%, then %d %%", (int)rows[i].at_first, (int)rows[i].later);
        CHECK_EQ(lower(&bound, rows[i].at_first, rows[i].later), rows[i].fault);
        CHECK(!rows[i].fault || !lossbound_is_exceeded(&bound));
        lose(&bound, 30, 0); /* the path is another one */
        CHECK_EQ(bound.fault_ppm, 0);
    }
}

TEST(lossbound_rises_by_more_each_time)
{
    struct lossbound bound;
    uint64_t last = 0, step = 0;

    lossbound_start(&bound, DATAGRAM);
    lossbound_raise(&bound, 100 * DATAGRAM);
    CHECK(bound.bytes == LOSSBOUND_NONE);
    lose(&bound, 20, 10);
    lossbound_lower(&bound, 100 * DATAGRAM, FLOOR, DATAGRAM);
    CHECK_EQ(bound.bytes, 85 * DATAGRAM);
    for (unsigned i = 0; bound.bytes != LOSSBOUND_NONE; i++) {
        NOTE("step %u", i);
        CHECK(i < 20);
        last = bound.bytes;
        lossbound_raise(&bound, 100 * DATAGRAM);
        CHECK(bound.bytes - last > step);
        step = bound.bytes - last;
    }
    CHECK(last > 300 * DATAGRAM);
}
