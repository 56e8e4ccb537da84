/*
 * flow.c - the flow window, and the pace of sending.
 */
#include "stream/pace.h"
#include "stream/window.h"

#include "test.h"

#include <inttypes.h>

enum { SECOND = 1000000, RECORD = 1000 };

/* ---- window ---- */

TEST(window_closes_when_it_is_full)
{
    struct window window;

    window_start(&window, 10 * 1024);
    for (int i = 0; i < 10; i++) {
        NOTE("record %d", i);
        CHECK(window_is_open(&window));
        CHECK_EQ(window_wants_request(&window), i >= 5);
        window_consume(&window, 1024, i);
    }
    CHECK(!window_is_open(&window));
    CHECK_EQ(window.news_us, 0);
    CHECK_EQ(window_asked(&window, 20), 1);
    CHECK(!window_has_news(&window) && !window_wants_request(&window));
    window_confirmed(&window, 1);
    CHECK(window_is_open(&window) && !window.asking);
    CHECK_EQ(window_unconfirmed(&window).records, 0);
}

TEST(window_counts_a_record_for_each_1024_bytes)
{
    struct window window;

    window_start(&window, 10 * 1024);
    for (int i = 0; i <= 10; i++) {
        CHECK(window_is_open(&window));
        window_consume(&window, 1, i);
    }
    CHECK(!window_is_open(&window));
    window_start(&window, 0); /* no limit */
    for (int i = 0; i < 100000; i++)
        window_consume(&window, 1024, i);
    CHECK(window_is_open(&window) && !window_wants_request(&window));
}

TEST(window_accepts_late_responses_but_no_unknown_ones)
{
    struct window window;

    window_start(&window, 1 << 20);
    for (int i = 0; i < 20; i++) {
        window_consume(&window, 100, i);
        window_asked(&window, i);
    }
    static const struct {
        uint64_t serial;
        uint64_t confirmed; /* records */
    } rows[] = {{0, 0},   {12, 0},  {21, 0},  {UINT32_MAX, 0}, {13, 13},
                {13, 13}, {12, 13}, {17, 17}, {15, 17},        {20, 20}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("serial %" PRIu64, rows[i].serial);
        CHECK(window.asking);
        window_confirmed(&window, rows[i].serial);
        CHECK_EQ(window.confirmed.records, rows[i].confirmed);
        CHECK_EQ(window_unconfirmed(&window).bytes, 100 * (20 - rows[i].confirmed));
    }
    CHECK(!window.asking);
}

TEST(window_is_stalled_after_a_second_without_a_response)
{
    struct window window;

    window_start(&window, 1024);
    CHECK(!window_is_stalled(&window, 10 * SECOND));
    window_consume(&window, 100, 0);
    window_asked(&window, 5);
    window_asked(&window, SECOND); /* repeated */
    CHECK(!window_is_stalled(&window, SECOND + 5));
    CHECK(window_is_stalled(&window, SECOND + 6));
    window_confirmed(&window, 2);
    CHECK(!window_is_stalled(&window, 10 * SECOND));
}

TEST(several_requests_may_be_outstanding)
{
    struct window window;

    window_start(&window, 10 * 1024);
    for (int i = 1; i <= 3; i++) {
        window_consume(&window, 1000, i);
        window_asked(&window, i * SECOND);
    }
    CHECK_EQ(window.asked_us, SECOND);
    window_confirmed(&window, 1);
    CHECK(window.asking);
    CHECK_EQ(window.asked_us, 2 * SECOND);
    CHECK_EQ(window_unconfirmed(&window).records, 2);
    window_confirmed(&window, 3);
    CHECK(!window.asking);
}

TEST(window_room_is_what_may_be_sent_in_full_datagrams)
{
    static const struct {
        unsigned records;
        size_t each, datagram;
        uint64_t room;
    } rows[] = {{0, 0, 1000, 10240},   {4, 1000, 1000, 6240}, {9, 100, 1000, 2000},
                {10, 100, 1000, 1000}, {11, 100, 1000, 0},    {1, 16000, 16000, 0},
                {0, 0, 16000, 10240},  {11, 100, 16000, 0}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct window window;

        NOTE("row %zu", i);
        window_start(&window, 10 * 1024);
        for (unsigned j = 0; j < rows[i].records; j++)
            window_consume(&window, rows[i].each, 0);
        CHECK_EQ(window_room(&window, rows[i].datagram), rows[i].room);
        CHECK_EQ(window_room(&window, rows[i].datagram) > 0, window_is_open(&window));
    }
}

/* ---- pace ---- */

/* Sends records of 1000 bytes as soon as that is allowed. Returns the bytes that were sent. */
static int64_t send_until(struct pace *pace, int64_t now, int64_t end)
{
    int64_t bytes = 0, wait;

    for (; now < end; now += wait) {
        wait = pace_wait(pace, now);
        if (wait == 0) {
            pace_consume(pace, RECORD, now);
            bytes += RECORD;
        }
    }
    return bytes;
}

TEST(pace_keeps_the_rate)
{
    static const int64_t rates[] = {1000, 100000, 12345678, 1000000000};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct pace pace;
        NOTE("%d B/s", (int)rates[i]);
        pace_init(&pace, rates[i], 0, 0);
        int64_t most = rates[i] * 2 + PACE_BURST + RECORD;
        int64_t bytes = send_until(&pace, 0, 2 * SECOND);
        CHECK(bytes <= most);
        CHECK(bytes >= most / 10 * 8 - 2 * PACE_BURST);
    }
}

TEST(pace_changes_in_between)
{
    struct pace pace;

    pace_init(&pace, 0, 0, 0);
    pace_consume(&pace, 1 << 30, 0);
    CHECK_EQ(pace_wait(&pace, 0), 0); /* no limit */
    pace_change(&pace, 1000000, 2000, 0);
    CHECK(send_until(&pace, 0, SECOND) <= 1003000);
    pace_change(&pace, 100000, 2000, SECOND);
    int64_t bytes = send_until(&pace, SECOND, 2 * SECOND);
    CHECK(bytes >= 90000 && bytes <= 103000);
    pace_change(&pace, 0, 0, 2 * SECOND);
    CHECK_EQ(pace_wait(&pace, 2 * SECOND), 0);
}

TEST(pace_pauses_between_messages)
{
    struct pace pace;

    pace_init(&pace, 0, 5000, 0);
    CHECK_EQ(pace_wait(&pace, 0), 0);
    pace_consume(&pace, 1, 100);
    CHECK_EQ(pace_wait(&pace, 100), 5000);
    CHECK_EQ(pace_wait(&pace, 5099), 1);
    CHECK_EQ(pace_wait(&pace, 5100), 0);
}

TEST(pace_does_not_overflow)
{
    struct pace pace;

    pace_init(&pace, INT64_MAX / 1000000, 0, 0);
    pace_consume(&pace, 1 << 30, 0);
    CHECK(pace_wait(&pace, 1) >= 0);
    CHECK_EQ(pace_wait(&pace, INT64_C(1) << 50), 0);
    pace_change(&pace, INT64_C(1) << 40, INT64_C(1) << 30, INT64_C(1) << 50);
    CHECK_EQ(pace_wait(&pace, INT64_C(1) << 51), 0);
}
