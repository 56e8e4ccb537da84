#include "message/flight.h"
#include "common.h"

#include <string.h>

static bool put(flight_t *flight, const char *bytes, uint8_t type, uint16_t epoch)
{
    writer_t w = flight_open(flight);
    put_bytes(&w, bytes, strlen(bytes));
    return flight_close(flight, &w, type, epoch);
}

TEST(items_come_back_as_they_were_put)
{
    static const struct {
        const char *bytes;
        uint8_t type;
        uint16_t epoch;
    } items[FLIGHT_ITEMS] = {{"hello", 22, 0}, {"", 22, 0}, {"x", 20, 0}, {"finished", 22, 1}};
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    CHECK(flight_start(&flight, &alloc, 14, false));
    for (size_t i = 0; i < FLIGHT_ITEMS; i++)
        CHECK(put(&flight, items[i].bytes, items[i].type, items[i].epoch));
    CHECK_EQ(flight.count, FLIGHT_ITEMS);
    for (size_t i = 0; i < FLIGHT_ITEMS; i++) {
        size_t length;
        const uint8_t *bytes = flight_bytes(&flight, i, &length);
        NOTE("item %zu", i);
        CHECK_EQ(length, strlen(items[i].bytes));
        CHECK_MEM(bytes, items[i].bytes, length);
        CHECK_EQ(flight.items[i].content_type, items[i].type);
        CHECK_EQ(flight.items[i].epoch, items[i].epoch);
    }
    CHECK(!put(&flight, "", 22, 0)); /* one message more than a flight holds */
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

TEST(what_does_not_fit_is_refused_and_changes_nothing)
{
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    CHECK(flight_start(&flight, &alloc, 6, false));
    CHECK(put(&flight, "abcd", 22, 0));
    CHECK(!put(&flight, "efg", 22, 0));
    CHECK_EQ(flight.count, 1);
    CHECK_EQ(flight.length, 4);
    CHECK(put(&flight, "ef", 22, 0));
    CHECK(!put(&flight, "g", 22, 0));
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

TEST(a_new_flight_forgets_the_last)
{
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    CHECK(flight_start(&flight, &alloc, 8, false));
    CHECK(put(&flight, "abcd", 22, 0));
    flight.sends = 3;
    flight.datagrams = 2;
    CHECK(flight_start(&flight, &alloc, 4, false));
    CHECK_EQ(memory.live_bytes, FLIGHT_ITEMS * sizeof(flight_item_t) + 4);
    CHECK_EQ(memory.unwiped, 0);
    CHECK(flight.count == 0 && flight.length == 0 && flight.sends == 0 && flight.datagrams == 0);
    CHECK(!put(&flight, "abcde", 22, 0));
    flight_end(&flight, &alloc);
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

TEST(without_memory_there_is_no_flight)
{
    memory_t memory = {.fail_at = 2};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    CHECK(flight_start(&flight, &alloc, 8, false));
    CHECK(put(&flight, "abcd", 22, 0));
    CHECK(!flight_start(&flight, &alloc, 8, false));
    CHECK_EQ(flight.count, 0);
    CHECK_EQ(memory.live, 0);
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

/* ---- acknowledged messages ---- */

#define HEADER "header of 12"

/* Starts a flight of two messages with bodies of 10 and 6 bytes. The second is split into fragments
 * of 4 and 2 bytes. */
static void start_tracked(flight_t *flight, const alloc_t *alloc)
{
    static const record_number_t first = {0, 5}, second = {2, 0}, third = {2, 1};
    CHECK(flight_start(flight, alloc, 64, true));
    CHECK(put(flight, HEADER "0123456789", 22, 0));
    CHECK(put(flight, HEADER "abcdef", 22, 2));
    flight_sent(flight, 0, 0, 10, first, 100);
    flight_sent(flight, 1, 0, 4, second, 100);
    flight_sent(flight, 1, 4, 2, third, 101);
}

static void check_run(const flight_t *flight, size_t item, uint32_t from, uint32_t offset,
                      uint32_t length)
{
    uint32_t found = from, run;
    CHECK_EQ(flight_unacked(flight, item, &found, &run), length > 0);
    CHECK_EQ(run, length);
    if (length > 0)
        CHECK_EQ(found, offset);
}

TEST(only_what_is_not_acknowledged_is_left)
{
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    start_tracked(&flight, &alloc);
    check_run(&flight, 1, 0, 0, 6);
    CHECK(flight_ack(&flight, (record_number_t){2, 0}));
    check_run(&flight, 0, 0, 0, 10);
    check_run(&flight, 1, 0, 4, 2);
    CHECK(!flight_ack(&flight, (record_number_t){2, 7}));
    CHECK(!flight_ack(&flight, (record_number_t){0, 0}));
    CHECK(!flight_ack(&flight, (record_number_t){1, 5}));
    CHECK(flight_ack(&flight, (record_number_t){0, 5}));
    check_run(&flight, 0, 0, 0, 0);
    CHECK(!flight_all_acked(&flight));
    CHECK(flight_ack(&flight, (record_number_t){2, 1}));
    CHECK(flight_all_acked(&flight));
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

/* RFC 9147 section 7.2: an ACK for any transmission counts, not only for the last one. */
TEST(a_record_of_any_transmission_is_acknowledged)
{
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    start_tracked(&flight, &alloc);
    flight_sent(&flight, 1, 0, 3, (record_number_t){2, 2}, 500);
    flight_sent(&flight, 1, 3, 3, (record_number_t){2, 3}, 500);
    CHECK_EQ(flight_sent_at(&flight, (record_number_t){2, 1}), 101);
    CHECK_EQ(flight_sent_at(&flight, (record_number_t){2, 3}), 500);
    CHECK_EQ(flight_sent_at(&flight, (record_number_t){2, 4}), 0);
    CHECK(flight_ack(&flight, (record_number_t){2, 2}));
    check_run(&flight, 1, 0, 3, 3);
    CHECK(flight_ack(&flight, (record_number_t){2, 1}));
    check_run(&flight, 1, 0, 3, 1);
    CHECK(flight_ack(&flight, (record_number_t){2, 0}));
    check_run(&flight, 1, 0, 0, 0);
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

TEST(the_oldest_records_are_forgotten)
{
    memory_t memory = {0};
    const alloc_t alloc = memory_alloc(&memory);
    flight_t flight = {0};
    start_tracked(&flight, &alloc);
    for (uint64_t i = 0; i < FLIGHT_RECORDS; i++)
        flight_sent(&flight, 0, i % 2 ? 0 : 5, 5, (record_number_t){2, 100 + i}, 7);
    CHECK(!flight_ack(&flight, (record_number_t){2, 1}));
    CHECK(flight_ack(&flight, (record_number_t){2, 100}));
    CHECK(!flight_ack(&flight, (record_number_t){2, 102})); /* acknowledges nothing new */
    CHECK(flight_ack(&flight, (record_number_t){2, 99 + FLIGHT_RECORDS}));
    flight_end(&flight, &alloc);
    memory_check(&memory);
}

TEST(without_memory_nothing_is_tracked)
{
    for (size_t fail = 1; fail <= 3; fail++) {
        memory_t memory = {.fail_at = fail};
        const alloc_t alloc = memory_alloc(&memory);
        flight_t flight = {0};
        NOTE("allocation %zu", fail);
        CHECK(!flight_start(&flight, &alloc, 8, true));
        CHECK_EQ(memory.live, 0);
        memory_check(&memory);
    }
}
