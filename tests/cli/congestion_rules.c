/*
 * congestion_rules.c - what congestion control does with answers that are late, missing or wrong.
 */
#include "stream/congestion.h"

#include "test.h"

#include <inttypes.h>

#include <string.h>

enum { DATAGRAM = 1190, FIRST = 10, LEAST = 5, SECOND = 1000000, TRIP_US = 10000 };

static struct congestion control;
static int64_t now;

static void start(void)
{
    now = 5 * SECOND;
    congestion_start(&control, DATAGRAM, now);
}

/* Sends as much as may be in flight. Returns the number of datagrams. */
static unsigned send_flight(void)
{
    unsigned count = 0;

    for (; congestion_is_open(&control); count++)
        congestion_sent(&control, control.datagram, now);
    congestion_blocked(&control);
    return count;
}

static void ask(void)
{
    congestion_asked(&control, control.serial + 1, now);
}

/* A flight, of which all arrives, and its report. */
static void deliver_flight(void)
{
    uint64_t lost = control.settled - control.received;

    send_flight();
    ask();
    now += TRIP_US;
    congestion_reported(&control, control.serial, control.sent - lost, now);
}

/* Lets `count` flights arrive. */
static void start_reporting(unsigned count)
{
    start();
    while (count-- > 0)
        deliver_flight();
}

TEST(the_first_flight_is_ten_datagrams)
{
    start();
    CHECK(!congestion_wants_request(&control));
    CHECK_EQ(send_flight(), FIRST);
    CHECK(congestion_wants_request(&control));
    ask();
    CHECK(!congestion_wants_request(&control));
    CHECK(congestion_is_unanswered(&control));
    now += TRIP_US;
    congestion_reported(&control, 1, control.sent, now);
    CHECK(!congestion_is_unanswered(&control));
    CHECK_EQ(send_flight(), 2 * FIRST);
}

/* Before the rate of the path is measured, which takes 5 ms. */
TEST(loss_on_a_short_path_does_not_end_the_start)
{
    start();
    send_flight();
    ask();
    now += 300;
    congestion_reported(&control, 1, 2 * DATAGRAM, now);
    CHECK_EQ(control.state, CONGESTION_START);
    CHECK_EQ(control.limit, FIRST / 2 * DATAGRAM);
    CHECK(control.rate > 1000000);
}

TEST(the_first_flight_follows_the_size_of_the_path)
{
    start();
    congestion_resize(&control, 500);
    CHECK_EQ(send_flight(), FIRST);
    CHECK_EQ(control.sent, FIRST * 500);
}

TEST(a_later_flight_holds_at_least_five_longer_datagrams)
{
    start_reporting(1);
    congestion_resize(&control, 9000);
    CHECK_EQ(control.limit, LEAST * 9000);
}

TEST(a_sender_that_was_idle_begins_with_ten_datagrams)
{
    static const struct {
        int64_t idle_us;
        bool in_flight, again;
    } rows[] = {{SECOND + 1, false, true}, {SECOND, false, false}, {SECOND + 1, true, false}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("idle for %d us, %s", (int)rows[i].idle_us, rows[i].in_flight ? "unanswered" : "");
        start_reporting(5);
        if (rows[i].in_flight)
            congestion_sent(&control, DATAGRAM, now);
        uint64_t limit = control.limit;
        now = control.sent_us + rows[i].idle_us;
        CHECK(limit > FIRST * DATAGRAM);
        congestion_sent(&control, DATAGRAM, now);
        CHECK_EQ(control.limit, rows[i].again ? FIRST * DATAGRAM : limit);
        CHECK(!rows[i].again || (control.rate == 0 && control.state == CONGESTION_START));
    }
}

/* Repeats the request, which is lost `count` times. */
static void lose_requests(unsigned count)
{
    for (; count > 0; count--) {
        ask();
        now = congestion_timeout_at(&control);
        congestion_timed_out(&control, now);
    }
}

TEST(requests_are_repeated_after_double_the_time_up_to_a_second)
{
    int64_t last = 0;

    start_reporting(5);
    send_flight();
    for (unsigned i = 0; i < 12; i++) {
        NOTE("request %u", i);
        ask();
        int64_t wait = congestion_timeout_at(&control) - now;
        CHECK_EQ(wait, last == 0 ? wait : 2 * last < SECOND ? 2 * last : SECOND);
        CHECK(last > 0 || (wait > TRIP_US && wait < 4 * TRIP_US));
        now += last = wait;
        congestion_timed_out(&control, now);
    }
    CHECK_EQ(last, SECOND);
    congestion_reported(&control, control.serial, control.sent, now);
    CHECK_EQ(control.timeouts, 0);
}

TEST(four_lost_requests_begin_anew)
{
    start_reporting(20);
    send_flight();
    uint64_t limit = control.limit;
    lose_requests(3);
    CHECK_EQ(control.limit, limit);
    lose_requests(1);
    CHECK_EQ(control.limit, LEAST * DATAGRAM);
    CHECK_EQ(control.state, CONGESTION_START);
    lose_requests(5);
    CHECK_EQ(control.limit, LEAST * DATAGRAM);
    CHECK(!congestion_is_open(&control));
    congestion_reported(&control, control.serial, control.received, now);
    CHECK(congestion_is_open(&control)); /* all was lost, and is no longer in flight */
}

TEST(a_lost_request_halves_the_flight_to_a_peer_that_only_echoes)
{
    start();
    for (unsigned i = 0; i < 4; i++) {
        send_flight();
        ask();
        now += TRIP_US;
        congestion_echoed(&control, control.serial, now);
    }
    CHECK(!control.reports);
    uint64_t limit = control.limit;
    send_flight();
    lose_requests(1);
    CHECK(control.limit <= limit / 2 && control.limit > limit / 2 - 100);
    now += TRIP_US;
    lose_requests(10);
    CHECK_EQ(control.limit, LEAST * DATAGRAM);
}

/* With some of them lost before, and one more flight asked for. */
TEST(wrong_answers_change_nothing)
{
    start_reporting(12);
    send_flight();
    ask();
    congestion_reported(&control, control.serial, control.sent - 5 * DATAGRAM, now += TRIP_US);
    send_flight();
    ask();
    uint64_t serial = control.serial;
    const struct {
        const char *name;
        uint64_t serial;
        uint64_t received;
    } rows[] = {
        {"repeated", serial - 1, control.received},
        {"late", serial - 3, control.received},
        {"number 0", 0, control.sent},
        {"not yet asked", serial + 1, control.sent},
        {"far ahead", UINT32_MAX, control.sent},
        {"received more than was sent", serial, control.sent + 1},
        {"received far more than was sent", serial, UINT64_MAX},
        {"received less than before", serial, control.received - 1},
        {"received nothing", serial, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct congestion before = control;
        NOTE("%s", rows[i].name);
        congestion_reported(&control, rows[i].serial, rows[i].received, now + TRIP_US);
        CHECK_MEM(&control, &before, sizeof control);
        if (rows[i].serial != serial)
            congestion_echoed(&control, rows[i].serial, now + TRIP_US);
        CHECK_MEM(&control, &before, sizeof control);
    }
    congestion_reported(&control, serial, control.received, now + TRIP_US);
    CHECK(!congestion_is_unanswered(&control));
}

/* The library repeats a lost request unchanged, so the report on it includes data that was sent
 * later. The report on the next request is lost, and only its echo arrives. */
TEST(an_echo_counts_after_a_report_that_was_ahead)
{
    for (int more = 0; more < 2; more++) {
        NOTE("%d more", more);
        start_reporting(12);
        send_flight();
        ask();
        uint64_t first = control.serial;
        control.limit *= 2;
        send_flight();
        if (more)
            ask(); /* before the report arrives */
        congestion_reported(&control, first, control.sent, now += TRIP_US);
        if (!more)
            ask();
        congestion_echoed(&control, control.serial, now += TRIP_US);
        CHECK(!congestion_is_unanswered(&control));
        CHECK(congestion_is_open(&control));
    }
}

/* The eighth request after it has taken the place of a request. */
TEST(an_answer_to_an_old_request_counts_while_it_is_known)
{
    for (uint64_t age = 0; age <= CONGESTION_REQUESTS; age++) {
        NOTE("%" PRIu64 " requests later", age);
        start();
        send_flight();
        for (uint64_t i = 0; i <= age; i++)
            ask();
        congestion_reported(&control, 1, control.sent, now + TRIP_US);
        CHECK_EQ(control.answered, age < CONGESTION_REQUESTS);
    }
}

/* ---- random and extreme values ---- */

static uint64_t bits;

static uint64_t random_below(uint64_t limit)
{
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return bits % limit;
}

/* The peer may report anything that is possible. */
static void random_answer(void)
{
    int64_t trip_us = (int64_t)random_below(random_below(4) == 0 ? 2 * SECOND : 2000) + 1;
    uint64_t received = control.received + random_below(control.sent - control.received + 1);

    ask();
    now += trip_us;
    if (random_below(8) == 0)
        congestion_timed_out(&control, now);
    else if (random_below(4) == 0)
        congestion_echoed(&control, control.serial, now);
    else
        congestion_reported(&control, control.serial, received, now);
}

TEST(four_datagrams_may_always_be_in_flight)
{
    static const size_t sizes[] = {256, 1190, 9000};

    for (unsigned seed = 1; seed <= test_seeds(20); seed++) {
        NOTE("seed %u", seed);
        bits = seed * UINT64_C(0x9e3779b97f4a7c15);
        start();
        for (unsigned i = 0; i < 3000; i++) {
            if (random_below(3) > 0)
                send_flight();
            if (random_below(100) == 0)
                congestion_resize(&control, sizes[random_below(3)]);
            random_answer();
            CHECK(control.limit >= LEAST * control.datagram);
            CHECK(control.settled <= control.sent && control.received <= control.settled);
            CHECK(control.state == CONGESTION_START || control.rate > 0);
        }
    }
}

TEST(a_serial_number_of_more_than_32_bits_counts)
{
    start();
    control.serial = control.answered = UINT32_MAX;
    deliver_flight();
    CHECK(!congestion_is_unanswered(&control));
    CHECK_EQ(control.settled, control.sent);
}

/* What is in flight is about what the path holds, unless a number has overflowed. */
TEST(extreme_values_do_not_overflow)
{
    static const struct {
        uint64_t bytes; /* per round trip */
        int64_t trip_us;
        size_t datagram;
    } rows[] = {
        {UINT64_C(1) << 40, 1, 65535},
        {UINT64_C(1) << 40, 5000, 1190},
        {UINT64_C(1) << 40, 60 * SECOND, 1190},
        {UINT64_C(1) << 40, INT64_C(1) << 40, 65535},
        {1, 1, 64},
        {1, INT64_C(1) << 40, 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("row %zu", i);
        now = 1;
        congestion_start(&control, rows[i].datagram, now);
        for (unsigned n = 0; n < 100; n++) {
            congestion_sent(&control, rows[i].bytes, now);
            congestion_blocked(&control);
            ask();
            now += rows[i].trip_us;
            congestion_reported(&control, control.serial, control.sent, now);
            CHECK(congestion_timeout_at(&control) > 0);
        }
        CHECK_EQ(control.settled, control.sent);
        CHECK(control.limit >= LEAST * rows[i].datagram);
        CHECK(control.trip.least_us == rows[i].trip_us);
        CHECK(rows[i].trip_us < 5000 || control.limit >= rows[i].bytes);
        CHECK(control.limit <= (UINT64_C(1) << 48));
    }
}
