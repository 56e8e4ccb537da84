#include "message/reassembly.h"
#include "common.h"

#include <string.h>

enum { BODY = 12, MESSAGE = MESSAGE_HEADER + BODY };

static const uint8_t body[BODY] = "abcdefghijk";

typedef struct {
    memory_t memory;
    alloc_t alloc;
    reassembly_t r;
    uint16_t next;
} box_t;

static void box_start(box_t *box, uint16_t next)
{
    memset(box, 0, sizeof *box);
    box->alloc = memory_alloc(&box->memory);
    box->next = next;
}

static void box_end(box_t *box)
{
    reassembly_end(&box->r, &box->alloc);
    CHECK_EQ(box->r.held, 0);
    memory_check(&box->memory);
}

/* Blocks of memory in use: one for each message, and one for the slots while there is a message. */
static size_t held_with_list(const box_t *box)
{
    return box->r.held + (box->r.slots ? REASSEMBLY_AHEAD * sizeof(partial_t) : 0);
}

static fragment_t part(uint16_t seq, uint32_t offset, uint32_t length)
{
    return (fragment_t){.type = 16,
                        .length = BODY,
                        .seq = seq,
                        .offset = offset,
                        .frag_length = length,
                        .body = body + offset,
                        .sequence = offset};
}

static dtls_drop_t add(box_t *box, const fragment_t *fragment)
{
    return reassembly_add(&box->r, &box->alloc, box->next, fragment);
}

static void check_message(const box_t *box, uint16_t seq)
{
    uint8_t expected[MESSAGE];
    message_t message;
    writer_t w = writer(expected, sizeof expected);
    put_message_header(&w, 16, BODY, seq);
    put_bytes(&w, body, BODY);
    CHECK(reassembly_complete(&box->r, seq, &message));
    CHECK_EQ(message.length, MESSAGE);
    CHECK_MEM(message.bytes, expected, MESSAGE);
}

TEST(every_order_of_six_overlapping_fragments)
{
    static const struct {
        uint32_t offset, length;
    } parts[] = {{0, 3}, {2, 2}, {4, 1}, {5, 5}, {5, 2}, {9, 3}};
    for (unsigned order = 0; order < 720; order++) {
        size_t left[6] = {0, 1, 2, 3, 4, 5};
        unsigned rest = order;
        message_t message;
        box_t box;
        NOTE("order %u", order);
        box_start(&box, 3);
        for (unsigned count = 6; count > 0; rest /= count, count--) {
            unsigned pick = rest % count;
            const fragment_t fragment = part(3, parts[left[pick]].offset, parts[left[pick]].length);
            CHECK(count < 6 || !reassembly_complete(&box.r, 3, &message));
            CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
            memmove(left + pick, left + pick + 1, (5 - pick) * sizeof *left);
        }
        check_message(&box, 3);
        reassembly_release(&box.r, &box.alloc, 3);
        CHECK(!reassembly_complete(&box.r, 3, &message));
        CHECK_EQ(box.r.held, 0);
        box_end(&box);
    }
}

TEST(eight_messages_byte_by_byte_in_any_order)
{
    uint64_t state = unit_seed();
    for (int run = 0; run < 200; run++) {
        size_t order[REASSEMBLY_AHEAD * BODY];
        uint16_t next = (uint16_t)unit_below(&state, 65536);
        message_t message;
        box_t box;
        for (size_t i = 0; i < COUNT(order); i++)
            order[i] = i;
        unit_shuffle(&state, order, COUNT(order));
        box_start(&box, next);
        for (size_t i = 0; i < COUNT(order); i++) {
            uint16_t seq = (uint16_t)(next + order[i] / BODY);
            const fragment_t fragment = part(seq, (uint32_t)order[i] % BODY, 1);
            CHECK(!reassembly_complete(&box.r, seq, &message));
            CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
            if (unit_below(&state, 2))
                CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
        }
        CHECK_EQ(box.memory.live, 1 + REASSEMBLY_AHEAD); /* the slots, and one message each */
        for (uint16_t i = 0; i < REASSEMBLY_AHEAD; i++) {
            check_message(&box, (uint16_t)(next + i));
            reassembly_release(&box.r, &box.alloc, (uint16_t)(next + i));
        }
        CHECK_EQ(box.r.held, 0);
        box_end(&box);
    }
}

TEST(a_message_has_the_number_of_the_record_that_completed_it)
{
    fragment_t first = part(0, 0, 6), second = part(0, 6, 6);
    message_t message;
    box_t box;
    box_start(&box, 0);
    first.sequence = 9;
    second.sequence = 4;
    first.epoch = second.epoch = 1;
    add(&box, &first);
    add(&box, &second);
    first.sequence = 12; /* no new bytes */
    add(&box, &first);
    CHECK(reassembly_complete(&box.r, 0, &message));
    CHECK_EQ(message.sequence, 4);
    CHECK_EQ(message.epoch, 1);
    box_end(&box);
}

TEST(empty_messages_and_empty_fragments)
{
    fragment_t fragment = {.type = 14, .seq = 2};
    message_t message;
    box_t box;
    box_start(&box, 2);
    CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
    CHECK(reassembly_complete(&box.r, 2, &message));
    CHECK_EQ(message.length, MESSAGE_HEADER);
    for (uint32_t offset = 0; offset <= BODY; offset++) {
        fragment = part(3, offset, 0);
        CHECK_EQ(add(&box, &fragment), DTLS_DROP_BAD_FRAGMENT);
    }
    CHECK_EQ(box.memory.live, 2);
    box_end(&box);
}

/* ---- fragments that contradict each other ---- */

typedef void (*change_t)(fragment_t *fragment);

static void other_type(fragment_t *fragment)
{
    fragment->type = 11;
}

static void longer(fragment_t *fragment)
{
    fragment->length = BODY + 1;
}

static void shorter(fragment_t *fragment)
{
    fragment->length = 7;
}

static void other_epoch(fragment_t *fragment)
{
    fragment->epoch = 1;
}

static void same_slot(fragment_t *fragment)
{
    fragment->seq = (uint16_t)(fragment->seq + REASSEMBLY_AHEAD);
}

static const change_t changes[] = {other_type, longer, shorter, other_epoch, same_slot};

TEST(the_first_of_two_that_disagree_stays)
{
    for (size_t i = 0; i < COUNT(changes); i++) {
        fragment_t first = part(1, 0, 6), wrong = part(1, 3, 4), second = part(1, 6, 6);
        box_t box;
        NOTE("row %zu", i);
        box_start(&box, 1);
        changes[i](&wrong);
        CHECK_EQ(add(&box, &first), DTLS_DROP_COUNT);
        size_t held = box.r.held;
        CHECK_EQ(add(&box, &wrong), DTLS_DROP_BAD_FRAGMENT);
        CHECK_EQ(box.r.held, held);
        CHECK_EQ(add(&box, &second), DTLS_DROP_COUNT);
        check_message(&box, 1);
        box_end(&box);
    }
}

TEST(what_makes_no_progress_gives_way_to_what_disagrees)
{
    for (size_t i = 0; i < COUNT(changes); i++) {
        fragment_t wrong = part(1, 0, 6), first = part(1, 0, 6), second = part(1, 6, 6);
        box_t box;
        NOTE("row %zu", i);
        box_start(&box, 1);
        changes[i](&wrong);
        CHECK_EQ(add(&box, &wrong), DTLS_DROP_COUNT);
        CHECK_EQ(add(&box, &first), DTLS_DROP_BAD_FRAGMENT);
        reassembly_age(&box.r);
        CHECK_EQ(add(&box, &first), DTLS_DROP_COUNT);
        CHECK_EQ(add(&box, &second), DTLS_DROP_COUNT);
        check_message(&box, 1);
        CHECK_EQ(box.memory.live, 2);
        box_end(&box);
    }
}

TEST(progress_after_the_timer_keeps_a_message)
{
    fragment_t first = part(1, 0, 6), wrong = part(1, 0, 6), more = part(1, 6, 3);
    box_t box;
    box_start(&box, 1);
    other_type(&wrong);
    add(&box, &first);
    reassembly_age(&box.r);
    CHECK_EQ(add(&box, &first), DTLS_DROP_COUNT); /* a duplicate is no progress */
    CHECK_EQ(add(&box, &more), DTLS_DROP_COUNT);
    CHECK_EQ(add(&box, &wrong), DTLS_DROP_BAD_FRAGMENT);
    reassembly_age(&box.r);
    CHECK_EQ(add(&box, &first), DTLS_DROP_COUNT);
    CHECK_EQ(add(&box, &wrong), DTLS_DROP_COUNT);
    box_end(&box);
}

TEST(the_first_copy_of_a_byte_wins)
{
    static const uint8_t forged[BODY] = "XXXXXXXXXXX";
    fragment_t good = part(1, 0, 8), bad = part(1, 0, BODY), rest = part(1, 8, 4);
    message_t message;
    box_t box;
    box_start(&box, 1);
    bad.body = forged;
    add(&box, &good);
    add(&box, &bad);
    CHECK(reassembly_complete(&box.r, 1, &message));
    CHECK_MEM(message.bytes + MESSAGE_HEADER, body, 8);
    CHECK_MEM(message.bytes + MESSAGE_HEADER + 8, forged + 8, 4);
    CHECK_EQ(add(&box, &rest), DTLS_DROP_COUNT);
    CHECK_MEM(message.bytes + MESSAGE_HEADER + 8, forged + 8, 4);
    box_end(&box);
}

/* ---- memory ---- */

static fragment_t large(uint16_t seq, uint32_t length)
{
    return (fragment_t){.type = 16, .seq = seq, .length = length, .frag_length = 1, .body = body};
}

TEST(no_more_than_DTLS_MAX_REASSEMBLY_is_held)
{
    static const struct {
        uint32_t first, second;
        uint16_t second_seq;
        bool age;
        dtls_drop_t drop; /* the result for the second message */
        size_t live;
    } rows[] = {
        {65537, 100, 6, false, DTLS_DROP_COUNT, 2},
        {65537, 65537, 6, false, DTLS_DROP_FAR_MESSAGE, 1},
        {65537, 65537, 6, true, DTLS_DROP_COUNT, 1}, /* the first message is stale */
        /* The next message in sequence may evict others. */
        {65537, 65537, 5, false, DTLS_DROP_COUNT, 1},
        {65537, 0xffffff, 6, false, DTLS_DROP_FAR_MESSAGE, 1},
        {100, 0xffffff, 6, false, DTLS_DROP_FAR_MESSAGE, 1},
        {72807, 0, 6, false, DTLS_DROP_COUNT, 1}, /* 12 + 72807 + 9101 = 81920 */
        {72808, 0, 6, false, DTLS_DROP_FAR_MESSAGE, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        fragment_t first = large(7, rows[i].first);
        fragment_t second = large(rows[i].second_seq, rows[i].second);
        box_t box;
        NOTE("row %zu", i);
        box_start(&box, 5);
        dtls_drop_t drop = add(&box, &first);
        if (rows[i].age)
            reassembly_age(&box.r);
        if (rows[i].second > 0)
            drop = add(&box, &second);
        CHECK_EQ(drop, rows[i].drop);
        CHECK_EQ(box.memory.live, 1 + rows[i].live);
        CHECK_EQ(box.memory.live_bytes, held_with_list(&box));
        CHECK(box.memory.peak_bytes <= DTLS_MAX_REASSEMBLY + REASSEMBLY_AHEAD * sizeof(partial_t));
        box_end(&box);
    }
}

TEST(what_can_never_fit_pushes_nothing_out)
{
    for (uint16_t seq = 5; seq < 7; seq++) {
        fragment_t valid = part(7, 0, 6), rest = part(7, 6, 6), huge = large(seq, 0xffffff);
        box_t box;
        NOTE("message %u", seq);
        box_start(&box, 5);
        add(&box, &valid);
        reassembly_age(&box.r);
        CHECK_EQ(add(&box, &huge), DTLS_DROP_FAR_MESSAGE);
        CHECK_EQ(add(&box, &rest), DTLS_DROP_COUNT);
        check_message(&box, 7);
        box_end(&box);
    }
}

TEST(without_memory_a_fragment_is_dropped)
{
    fragment_t fragment = part(1, 0, 6);
    box_t box;
    box_start(&box, 1);
    box.memory.fail_at = 1;
    CHECK_EQ(add(&box, &fragment), DTLS_DROP_LIMIT);
    CHECK_EQ(box.r.held, 0);
    CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
    box_end(&box);
}

TEST(releasing_another_message_or_none)
{
    fragment_t fragment = part(1, 0, BODY);
    message_t message;
    box_t box;
    box_start(&box, 1);
    reassembly_release(&box.r, &box.alloc, 1);
    CHECK_EQ(add(&box, &fragment), DTLS_DROP_COUNT);
    CHECK(!reassembly_complete(&box.r, 1 + REASSEMBLY_AHEAD, &message));
    reassembly_release(&box.r, &box.alloc, 1 + REASSEMBLY_AHEAD);
    check_message(&box, 1);
    box_end(&box);
}

TEST(thousands_of_fragments_at_random)
{
    uint64_t state = unit_seed();
    box_t box;
    box_start(&box, 0);
    for (int step = 0; step < 20000; step++) {
        fragment_t fragment = part((uint16_t)(box.next + unit_below(&state, 8)), 0, 0);
        message_t message;
        fragment.length = (uint32_t)(1 + unit_below(&state, unit_below(&state, 4) ? BODY : 70000));
        fragment.offset = (uint32_t)unit_below(&state, fragment.length);
        fragment.frag_length = 1;
        fragment.epoch = (uint16_t)unit_below(&state, 2);
        add(&box, &fragment);
        CHECK_EQ(box.memory.live_bytes, held_with_list(&box));
        CHECK(box.r.held <= DTLS_MAX_REASSEMBLY);
        if (unit_below(&state, 5) == 0)
            reassembly_age(&box.r);
        if (reassembly_complete(&box.r, box.next, &message) || unit_below(&state, 50) == 0)
            reassembly_release(&box.r, &box.alloc, box.next++);
    }
    box_end(&box);
}
