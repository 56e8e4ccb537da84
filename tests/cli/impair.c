/* The simulated network of --sim: its decisions, the rules on the command line, and its queues. There
 * is no socket here, and the clock is a variable. */
#include "net/impairspec.h"
#include "net/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "test.h"

enum { MANY = 100000, LENGTH = 100 };

static struct sim sim;
static session_t peer;

/* ---- rules ---- */

static struct impair_config config_of(const char *spec)
{
    struct impair_config config = {.given = false};
    char item[IMPAIRSPEC_ITEM];

    NOTE("%s", spec);
    CHECK_STR(impairspec_parse(&config, spec, item), NULL);
    return config;
}

static void start(const char *spec)
{
    struct impair_config config = config_of(spec);

    sim_discard(&sim);
    sim_start(&sim, &config);
}

static struct impair_decision decide(const struct impair_config *config,
                                     enum impair_direction direction, uint64_t number)
{
    return impair_decide(&config->rules[direction], impair_stream(config->seed, direction), number,
                         LENGTH);
}

/* ---- decisions ---- */

static bool is_same(struct impair_decision a, struct impair_decision b)
{
    return a.drop == b.drop && a.duplicate == b.duplicate && a.reorder == b.reorder &&
           a.corrupt == b.corrupt && a.offset == b.offset && a.mask == b.mask &&
           a.delay_us == b.delay_us;
}

TEST(the_same_seed_makes_the_same_decisions_in_any_order)
{
    const char *spec = "loss=30%,dup=20%,reorder=20%,corrupt=20%,delay=20ms,jitter=10ms,seed=7";
    struct impair_config config = config_of(spec), again = config_of(spec);
    static struct impair_decision first[IMPAIR_DIRECTIONS][MANY / 10];

    for (unsigned i = 0; i < MANY / 10; i++)
        for (unsigned d = 0; d < IMPAIR_DIRECTIONS; d++)
            first[d][i] = decide(&config, d, i + 1);
    for (unsigned i = MANY / 10; i-- > 0;)
        for (unsigned d = 0; d < IMPAIR_DIRECTIONS; d++)
            CHECK(is_same(decide(&again, d, i + 1), first[d][i]));
}

/* The first twenty datagrams of each direction with loss=30%,seed=7. A change of these decisions makes
 * the seeds in reports of errors useless. */
TEST(decisions_of_seed_7)
{
    static const char *const expected[IMPAIR_DIRECTIONS] = {".x.....x...x....x...",
                                                            "...x...x..xx...x...."};
    struct impair_config config = config_of("loss=30%,seed=7");
    char found[21] = "";

    for (unsigned d = 0; d < IMPAIR_DIRECTIONS; d++) {
        for (unsigned i = 0; i < 20; i++)
            found[i] = decide(&config, d, i + 1).drop == IMPAIR_DROP_LOSS ? 'x' : '.';
        CHECK_STR(found, expected[d]);
    }
}

static unsigned count_differences(const struct impair_config *a, enum impair_direction a_direction,
                                  const struct impair_config *b, enum impair_direction b_direction)
{
    unsigned count = 0;

    for (unsigned i = 1; i <= MANY; i++)
        count += decide(a, a_direction, i).drop != decide(b, b_direction, i).drop;
    return count;
}

/* Of two independent decisions with 50 %, half differ. */
TEST(seeds_and_directions_are_independent)
{
    struct impair_config seven = config_of("loss=50%,seed=7"), eight = config_of("loss=50%,seed=8");
    const unsigned differences[] = {count_differences(&seven, IMPAIR_OUT, &seven, IMPAIR_IN),
                                    count_differences(&seven, IMPAIR_OUT, &eight, IMPAIR_OUT),
                                    count_differences(&seven, IMPAIR_IN, &eight, IMPAIR_OUT),
                                    count_differences(&seven, IMPAIR_IN, &eight, IMPAIR_IN)};

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        NOTE("row %zu: %u", i, differences[i]);
        CHECK(differences[i] > 49000 && differences[i] < 51000);
    }
}

/* Adding a rule does not change what another rule decides. */
TEST(rules_do_not_influence_each_other)
{
    static const char *const more[] = {"dup=50%",    "reorder=50%", "corrupt=50%", "jitter=10ms",
                                       "dup=3",      "mtu=1000",    "rate=1k",     "drop=200000",
                                       "loss=in:1%", "corrupt=1-"};
    struct impair_config alone = config_of("loss=30%,seed=7");
    char spec[64];

    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        strcpy(spec, "loss=30%,seed=7,");
        struct impair_config both = config_of(strcat(spec, more[i]));
        CHECK_EQ(count_differences(&alone, IMPAIR_OUT, &both, IMPAIR_OUT), 0);
    }
}

/* Checks that the count of a share differs from the expected one by at most five standard deviations. */
static void check_share(unsigned count, double percent)
{
    double expected = (double)MANY * percent / 100,
           deviation = sqrt(expected * (1 - percent / 100));

    NOTE("%u instead of %g", count, expected);
    CHECK(fabs(count - expected) <= 5 * deviation);
}

TEST(shares_are_what_they_say)
{
    static const char *const names[] = {"loss", "dup", "reorder", "corrupt"};
    static const double percents[] = {0, 0.1, 1, 5, 30, 50, 99, 100};

    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        for (size_t p = 0; p < sizeof percents / sizeof *percents; p++)
            for (unsigned seed = 1; seed <= 3; seed++) {
                char spec[64];
                unsigned counts[IMPAIR_EFFECTS] = {0};
                snprintf(spec, sizeof spec, "%s=%g%%,seed=%u", names[n], percents[p], seed);
                struct impair_config config = config_of(spec);
                for (unsigned i = 1; i <= MANY; i++) {
                    struct impair_decision d = decide(&config, seed % 2, i);
                    counts[IMPAIR_DROP] += d.drop == IMPAIR_DROP_LOSS;
                    counts[IMPAIR_DUPLICATE] += d.duplicate;
                    counts[IMPAIR_REORDER] += d.reorder;
                    counts[IMPAIR_CORRUPT] += d.corrupt;
                }
                for (size_t other = 0; other < IMPAIR_EFFECTS; other++)
                    check_share(counts[other], other == n ? percents[p] : 0);
            }
}

static bool has_effect(struct impair_decision d, enum impair_effect effect)
{
    const bool effects[IMPAIR_EFFECTS] = {[IMPAIR_DROP] = d.drop == IMPAIR_DROP_LOSS,
                                          [IMPAIR_DUPLICATE] = d.duplicate,
                                          [IMPAIR_REORDER] = d.reorder,
                                          [IMPAIR_CORRUPT] = d.corrupt};

    return effects[effect];
}

/* An effect on a datagram says nothing of another effect, or of the next datagrams. */
TEST(effects_are_independent_of_each_other)
{
    struct impair_config config = config_of("loss=50%,dup=50%,reorder=50%,corrupt=50%,seed=7");

    for (unsigned pair = 0; pair < IMPAIR_EFFECTS * IMPAIR_EFFECTS; pair++)
        for (unsigned distance = pair % (IMPAIR_EFFECTS + 1) == 0; distance < 3; distance++) {
            unsigned both = 0;
            for (unsigned i = 1; i <= MANY; i++)
                both +=
                    has_effect(decide(&config, IMPAIR_OUT, i), pair / IMPAIR_EFFECTS) &&
                    has_effect(decide(&config, IMPAIR_OUT, i + distance), pair % IMPAIR_EFFECTS);
            check_share(both, 25);
        }
}

TEST(jitter_is_even_around_the_delay)
{
    struct impair_config config = config_of("delay=20ms,jitter=10ms,seed=7");
    unsigned below = 0, outer = 0;

    for (unsigned i = 1; i <= MANY; i++) {
        int64_t us = decide(&config, IMPAIR_IN, i).delay_us;
        CHECK(us >= 10000 && us <= 30000);
        below += us < 20000;
        outer += us < 15000 || us > 25000;
    }
    check_share(below, 50);
    check_share(outer, 50);
    config = config_of("jitter=10ms,seed=7");
    below = 0;
    for (unsigned i = 1; i <= MANY; i++)
        below += decide(&config, IMPAIR_IN, i).delay_us == 0;
    check_share(below, 50);
}

TEST(corruption_inverts_one_bit_anywhere)
{
    struct impair_config config = config_of("corrupt=100%,seed=7");
    unsigned bits[LENGTH * 8] = {0};

    for (unsigned i = 1; i <= MANY; i++) {
        struct impair_decision d = decide(&config, IMPAIR_OUT, i);
        CHECK(d.offset < LENGTH && d.mask != 0 && (d.mask & (d.mask - 1)) == 0);
        for (unsigned bit = 0; bit < 8; bit++)
            bits[d.offset * 8 + bit] += d.mask >> bit & 1;
    }
    for (unsigned bit = 0; bit < LENGTH * 8; bit++)
        CHECK(bits[bit] > 60 && bits[bit] < 200);
    CHECK(!impair_decide(&config.rules[IMPAIR_OUT], 1, 1, 0).corrupt);
}

/* ---- exact events ---- */

/* Writes a letter for each of the first nine datagrams of a direction. */
static void events_of(const struct impair_config *config, enum impair_direction direction,
                      char letters[10])
{
    for (unsigned i = 0; i < 9; i++) {
        struct impair_decision d = decide(config, direction, i + 1);
        letters[i] = d.drop == IMPAIR_DROP_EVENT ? 'x'
                     : d.duplicate               ? '2'
                     : d.reorder                 ? 'r'
                     : d.corrupt                 ? 'c'
                                                 : '.';
    }
    letters[9] = '\0';
}

TEST(events_by_number)
{
    static const struct {
        const char *spec, *out, *in;
    } rows[] = {
        {"drop=3", "..x......", "..x......"},
        {"drop=1", "x........", "x........"},
        {"drop=in:2-4", ".........", ".xxx....."},
        {"drop=out:2-4", ".xxx.....", "........."},
        {"drop=in:7-", ".........", "......xxx"},
        {"drop=1,drop=out:3,drop=in:5-5", "x.x......", "x...x...."},
        {"dup=out:1", "2........", "........."},
        {"reorder=2-3", ".rr......", ".rr......"},
        {"corrupt=in:5@17", ".........", "....c...."},
        {"corrupt=5", "....c....", "....c...."},
        {"corrupt=5@100", ".........", "........."},
        {"dup=out:2,drop=out:3,corrupt=out:4@0,reorder=out:5", ".2xcr....", "........."},
        {"drop=999999999", ".........", "........."},
    };
    char found[10];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct impair_config config = config_of(rows[i].spec);
        events_of(&config, IMPAIR_OUT, found);
        CHECK_STR(found, rows[i].out);
        events_of(&config, IMPAIR_IN, found);
        CHECK_STR(found, rows[i].in);
    }
}

TEST(an_offset_selects_the_lowest_bit_of_a_byte)
{
    struct impair_config config = config_of("corrupt=in:5@17,corrupt=1%");
    struct impair_decision d = decide(&config, IMPAIR_IN, 5);

    CHECK_EQ(d.offset, 17);
    CHECK_EQ(d.mask, 1);
    CHECK_EQ(impair_decide(&config.rules[IMPAIR_IN], 7, 5, 18).corrupt, true);
    CHECK_EQ(impair_decide(&config.rules[IMPAIR_IN], 7, 5, 17).corrupt, false);
}

TEST(longer_than_the_mtu)
{
    struct impair_config config = config_of("mtu=out:500");

    CHECK_EQ(impair_decide(&config.rules[IMPAIR_OUT], 7, 1, 500).drop, IMPAIR_DROP_NONE);
    CHECK_EQ(impair_decide(&config.rules[IMPAIR_OUT], 7, 1, 501).drop, IMPAIR_DROP_MTU);
    CHECK_EQ(impair_decide(&config.rules[IMPAIR_IN], 7, 1, 501).drop, IMPAIR_DROP_NONE);
}

/* ---- the command line ---- */

TEST(what_items_set)
{
    struct impair_config config =
        config_of("loss=5%,loss=out:0.25%,delay=in:20ms,jitter=1.5ms,rate=64k,rate=in:2M,mtu=1200,"
                  "dup=out:100%,seed=999999999");
    const struct impair_rules *out = &config.rules[IMPAIR_OUT], *in = &config.rules[IMPAIR_IN];

    CHECK(config.given && config.seeded);
    CHECK_EQ(config.seed, 999999999);
    CHECK_EQ(out->chance[IMPAIR_DROP], 2500);
    CHECK_EQ(in->chance[IMPAIR_DROP], 50000);
    CHECK_EQ(out->chance[IMPAIR_DUPLICATE], IMPAIR_ALWAYS);
    CHECK_EQ(in->chance[IMPAIR_DUPLICATE], 0);
    CHECK_EQ(out->delay_us, 0);
    CHECK_EQ(in->delay_us, 20000);
    CHECK_EQ(out->jitter_us, 2000); /* times are rounded up to milliseconds */
    CHECK_EQ(out->rate, 64000);
    CHECK_EQ(in->rate, 2000000);
    CHECK_EQ(out->mtu, 1200);
    CHECK(!config_of("loss=5%").seeded);
}

TEST(invalid_items)
{
    static const char *const specs[] = {"",           "loss",       "=5%",          "los=5%",
                                        "loss=",      "loss=5",     "loss=101%",    "loss=-1%",
                                        "loss=5%%",   "loss=.%",    "loss=both:5%", "loss=in5%",
                                        "drop=5%",    "drop=0",     "drop=4-2",     "drop=x",
                                        "drop=-3",    "drop=3-x",   "drop=3@7",     "dup=0",
                                        "corrupt=5@", "corrupt=@5", "corrupt=5@x",  "corrupt=1%@5",
                                        "delay=61s",  "delay=x",    "delay=-1ms",   "mtu=0",
                                        "mtu=65508",  "rate=x",     "rate=-1",      "seed=x",
                                        "seed=in:3",  "seed=-1",    "loss=5%,",     ",loss=5%",
                                        "loss=5% ",   "loss=5%;x",  "LOSS=5%",      "loss =5%",
                                        "seed=",      "drop=",      "drop=in:",     "drop=in:in:3"};
    char item[IMPAIRSPEC_ITEM], many[400] = "drop=1";

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct impair_config config = {.given = false};
        NOTE("'%s'", specs[i]);
        CHECK(impairspec_parse(&config, specs[i], item) != NULL);
    }
    for (unsigned i = 1; i < IMPAIR_EVENTS; i++)
        strcat(many, ",drop=1");
    config_of(many);
    struct impair_config config = {.given = false};
    CHECK(impairspec_parse(&config, strcat(many, ",dup=in:1"), item) != NULL);
    CHECK_STR(item, "dup=in:1");
}

/* ---- the queue ---- */

/* Puts a datagram whose bytes are its number. */
static void put(enum impair_direction direction, uint8_t number, size_t length, int64_t now_us)
{
    static uint8_t data[DTLS_MAX_BUF];

    memset(data, number, length);
    sim_put(&sim, direction, &(struct sim_batch){&peer, number, data, length, length}, now_us);
}

/* Takes what is due at now_us, and compares the numbers with expected. */
static void check_due(enum impair_direction direction, int64_t now_us, const char *expected)
{
    char found[64] = "";
    struct delayed *due;

    for (size_t i = 0; (due = sim_take(&sim, direction, now_us)) != NULL; i++) {
        found[i] = (char)('0' + due->mark);
        found[i + 1] = '\0';
        free(due);
    }
    NOTE("at %lld", (long long)now_us);
    CHECK_STR(found, expected);
}

TEST(without_a_delay_a_datagram_is_due_at_once)
{
    start("seed=1");
    for (uint8_t i = 1; i <= 3; i++)
        put(IMPAIR_OUT, i, LENGTH, 1000);
    check_due(IMPAIR_IN, 1000, "");
    check_due(IMPAIR_OUT, 999, "");
    check_due(IMPAIR_OUT, 1000, "123");
    CHECK_EQ(sim_next_us(&sim, IMPAIR_OUT), CLOCK_NEVER);
}

TEST(a_delay)
{
    start("delay=20ms,delay=in:5ms");
    put(IMPAIR_OUT, 1, LENGTH, 0);
    put(IMPAIR_IN, 2, LENGTH, 0);
    put(IMPAIR_OUT, 3, LENGTH, 7000);
    CHECK_EQ(sim_next_us(&sim, IMPAIR_OUT), 20000);
    CHECK_EQ(sim_next_us(&sim, IMPAIR_IN), 5000);
    check_due(IMPAIR_OUT, 19999, "");
    check_due(IMPAIR_OUT, 20000, "1");
    CHECK_EQ(sim_next_us(&sim, IMPAIR_OUT), 27000);
    check_due(IMPAIR_OUT, 27000, "3");
    check_due(IMPAIR_IN, 5000, "2");
}

TEST(datagrams_with_jitter_are_taken_when_due)
{
    int64_t before = 0;
    unsigned overtaken = 0;

    start("delay=20ms,jitter=20ms,seed=1");
    for (unsigned i = 0; i < 200; i++)
        put(IMPAIR_OUT, (uint8_t)i, LENGTH, i * 1000);
    for (unsigned i = 0, last = 0; i < 200; i++) {
        int64_t next = sim_next_us(&sim, IMPAIR_OUT);
        CHECK(sim_take(&sim, IMPAIR_OUT, next - 1) == NULL);
        struct delayed *due = sim_take(&sim, IMPAIR_OUT, next);
        CHECK(due != NULL && next >= before);
        overtaken += (unsigned)due->mark < last;
        last = (unsigned)due->mark;
        before = next;
        free(due);
    }
    CHECK(overtaken > 20);
}

TEST(duplicates)
{
    start("dup=2,delay=1ms");
    for (uint8_t i = 1; i <= 3; i++)
        put(IMPAIR_OUT, i, LENGTH, 0);
    check_due(IMPAIR_OUT, 1000, "1223");
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.duplicated, 1);
}

TEST(a_reordered_datagram_follows_the_next_one)
{
    static const struct {
        const char *spec, *expected;
    } rows[] = {{"reorder=2", "1324"},
                {"reorder=1-2", "3124"},
                {"reorder=1,reorder=3", "2143"},
                {"reorder=2,delay=20ms", "1324"},
                {"reorder=2,drop=3", "142"},
                {"reorder=2,dup=2", "13224"},
                {"reorder=4", "1234"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(rows[i].spec);
        for (uint8_t n = 1; n <= 4; n++)
            put(IMPAIR_OUT, n, LENGTH, 0);
        check_due(IMPAIR_OUT, 20000 + DELAYLINE_REORDER_US, rows[i].expected);
    }
}

TEST(a_reordered_datagram_waits_no_longer_than_50_ms)
{
    start("reorder=1,delay=20ms");
    put(IMPAIR_OUT, 1, LENGTH, 0);
    CHECK_EQ(sim_next_us(&sim, IMPAIR_OUT), 70000);
    put(IMPAIR_OUT, 2, LENGTH, 60000);
    check_due(IMPAIR_OUT, 69999, "");
    check_due(IMPAIR_OUT, 70000, "1");
    check_due(IMPAIR_OUT, 80000, "2");
}

/* It is due when the datagram that overtakes it is due. */
TEST(the_next_datagram_releases_a_reordered_one)
{
    start("reorder=1,delay=20ms");
    put(IMPAIR_OUT, 1, LENGTH, 0);
    put(IMPAIR_OUT, 2, LENGTH, 3000);
    check_due(IMPAIR_OUT, 22999, "");
    check_due(IMPAIR_OUT, 23000, "21");
}

/* A datagram that overtakes it does not shorten its delay. */
TEST(a_reordered_datagram_is_not_early)
{
    start("reorder=1,delay=20ms");
    put(IMPAIR_OUT, 1, LENGTH, 0);
    sim.config.rules[IMPAIR_OUT].delay_us = 0;
    put(IMPAIR_OUT, 2, LENGTH, 1000);
    check_due(IMPAIR_OUT, 19999, "2");
    check_due(IMPAIR_OUT, 20000, "1");
}

TEST(corruption_changes_the_copy_that_is_sent)
{
    uint8_t data[LENGTH] = {0};

    start("corrupt=1@17,dup=1");
    sim_put(&sim, IMPAIR_IN, &(struct sim_batch){&peer, 0, data, LENGTH, LENGTH}, 0);
    CHECK_EQ(data[17], 0);
    for (unsigned copy = 0; copy < 2; copy++) {
        struct delayed *due = sim_take(&sim, IMPAIR_IN, 0);
        CHECK(due != NULL);
        for (unsigned i = 0; i < LENGTH; i++)
            CHECK_EQ(due->data[i], i == 17);
        free(due);
    }
}

/* A link of 100 kB/s sends 100 datagrams of 1000 bytes in a second. */
TEST(a_rate)
{
    start("rate=100k,delay=20ms");
    put(IMPAIR_OUT, 1, 1000, 0);
    CHECK_EQ(sim_next_us(&sim, IMPAIR_OUT), 30000);
    put(IMPAIR_OUT, 2, 500, 0);
    check_due(IMPAIR_OUT, 34999, "1");
    check_due(IMPAIR_OUT, 35000, "2");
    put(IMPAIR_OUT, 3, 1000, 100000);
    check_due(IMPAIR_OUT, 129999, "");
    check_due(IMPAIR_OUT, 130000, "3");
}

/* What arrives faster than the rate fills the queue. The rest is dropped. */
TEST(the_queue_before_a_link_is_limited)
{
    static const struct {
        const char *spec;
        unsigned fit;
    } rows[] = {{"rate=100k", 65}, {"rate=1M", 100}, {"rate=2M", 200}};
    unsigned count;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(rows[i].spec);
        for (unsigned n = 0; n < 300; n++)
            put(IMPAIR_OUT, 1, 1000, 0);
        CHECK_EQ(sim.ways[IMPAIR_OUT].counts.dropped[IMPAIR_DROP_QUEUE], 300 - rows[i].fit);
        for (count = 0; sim_next_us(&sim, IMPAIR_OUT) != CLOCK_NEVER; count++)
            free(sim_take(&sim, IMPAIR_OUT, CLOCK_NEVER));
        CHECK_EQ(count, rows[i].fit);
        put(IMPAIR_OUT, 1, 1000, 1000000); /* the queue is empty again */
        CHECK_EQ(sim.ways[IMPAIR_OUT].counts.dropped[IMPAIR_DROP_QUEUE], 300 - rows[i].fit);
    }
}

TEST(memory_is_limited)
{
    start("delay=1");
    for (unsigned n = 0; n < 20000; n++)
        put(IMPAIR_OUT, 1, 1000, 0);
    uint64_t dropped = sim.ways[IMPAIR_OUT].counts.dropped[IMPAIR_DROP_QUEUE];
    CHECK(sim.ways[IMPAIR_OUT].line.bytes <= DELAYLINE_BYTES);
    CHECK(dropped > 15000 && dropped < 17000);
    sim_discard(&sim);
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.dropped[IMPAIR_DROP_QUEUE], 20000);
    CHECK_EQ(sim.ways[IMPAIR_OUT].line.bytes, 0);
    put(IMPAIR_OUT, 1, 1000, 0);
    check_due(IMPAIR_OUT, 1000000, "1");
}

/* Each datagram of a batch has a number of its own. */
TEST(each_datagram_of_a_batch_is_decided_singly)
{
    static uint8_t data[3050];

    start("drop=2,dup=4");
    sim_put(&sim, IMPAIR_OUT, &(struct sim_batch){&peer, 5, data, sizeof data, 1000}, 0);
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.datagrams, 4);
    check_due(IMPAIR_OUT, 0, "5555");
    sim_put(&sim, IMPAIR_OUT, &(struct sim_batch){&peer, 6, data, 0, 0}, 0);
    CHECK_EQ(sim.ways[IMPAIR_OUT].counts.datagrams, 5);
    check_due(IMPAIR_OUT, 0, "6");
}

TEST(counters)
{
    start("drop=1,loss=out:100%,mtu=50,corrupt=in:3,reorder=in:4,dup=in:5");
    for (uint8_t i = 1; i <= 5; i++) {
        put(IMPAIR_OUT, i, LENGTH / 2, 0);
        put(IMPAIR_IN, i, i == 2 ? LENGTH : LENGTH / 2, 0);
    }
    const struct sim_counts *out = &sim.ways[IMPAIR_OUT].counts, *in = &sim.ways[IMPAIR_IN].counts;
    CHECK_EQ(out->datagrams, 5);
    CHECK_EQ(out->dropped[IMPAIR_DROP_EVENT], 1);
    CHECK_EQ(out->dropped[IMPAIR_DROP_LOSS], 4);
    CHECK_EQ(in->dropped[IMPAIR_DROP_EVENT], 1);
    CHECK_EQ(in->dropped[IMPAIR_DROP_MTU], 1);
    CHECK_EQ(in->corrupted, 1);
    CHECK_EQ(in->reordered, 1);
    CHECK_EQ(in->duplicated, 1);
    CHECK_EQ(sim_dropped(&sim, IMPAIR_IN), 2);
    check_due(IMPAIR_IN, 0, "3545");
}
