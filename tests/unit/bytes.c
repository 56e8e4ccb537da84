#include "base/bytes.h"
#include "common.h"

#include <string.h>

/* ---- readers ---- */

TEST(numbers_are_big_endian)
{
    static const uint8_t bytes[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    static const uint64_t expected[] = {
        0x01,         0x0123,         0x012345,         0x01234567,
        0x0123456789, 0x0123456789ab, 0x0123456789abcd, 0x0123456789abcdef};
    for (size_t width = 1; width <= 8; width++) {
        reader_t r = reader(bytes, sizeof bytes);
        NOTE("width %zu", width);
        CHECK_EQ(take_uint(&r, width), expected[width - 1]);
        CHECK_EQ(reader_left(&r), 8 - width);
        CHECK(!r.failed);
    }
    reader_t r = reader(bytes, sizeof bytes);
    CHECK_EQ(take_u8(&r), 0x01);
    CHECK_EQ(take_u16(&r), 0x2345);
    CHECK_EQ(take_u24(&r), 0x6789ab);
    CHECK_EQ(reader_left(&r), 2);
    CHECK(!reader_done(&r));
    CHECK_EQ(take_u16(&r), 0xcdef);
    CHECK(reader_done(&r));
}

static void overrun_number(reader_t *r)
{
    CHECK_EQ(take_uint(r, 4), 0);
}

static void overrun_bytes(reader_t *r)
{
    CHECK(take_bytes(r, 4) == NULL);
}

static void overrun_far(reader_t *r)
{
    CHECK(take_bytes(r, SIZE_MAX) == NULL);
}

static void overrun_block(reader_t *r)
{
    reader_t block = take_block(r, 1); /* announces ff bytes */
    CHECK(block.failed);
    CHECK_EQ(reader_left(&block), 0);
    CHECK(!reader_done(&block));
}

static void overrun_length(reader_t *r)
{
    reader_t block = take_block(r, 4);
    CHECK(block.failed);
}

TEST(an_overrun_yields_nothing_and_sticks)
{
    static const uint8_t bytes[3] = {0xff, 0xff, 0xff};
    static void (*const overruns[])(reader_t *) = {overrun_number, overrun_bytes, overrun_far,
                                                   overrun_block, overrun_length};
    for (size_t i = 0; i < COUNT(overruns); i++) {
        reader_t r = reader(bytes, sizeof bytes);
        NOTE("row %zu", i);
        overruns[i](&r);
        CHECK(r.failed);
        CHECK_EQ(reader_left(&r), 0);
        CHECK_EQ(take_u8(&r), 0);
        CHECK(take_bytes(&r, 0) == NULL);
        CHECK(take_block(&r, 1).failed);
        CHECK(take_rest(&r).failed);
        CHECK(!reader_done(&r));
    }
}

TEST(the_last_byte_can_be_read_and_nothing_after_it)
{
    uint8_t bytes[40] = {0};
    for (size_t length = 0; length <= sizeof bytes; length++) {
        reader_t r = reader(bytes, length);
        NOTE("length %zu", length);
        CHECK(take_bytes(&r, length) == bytes);
        CHECK(reader_done(&r));
        CHECK(take_bytes(&r, 0) == bytes + length);
        r = reader(bytes, length);
        CHECK(take_bytes(&r, length + 1) == NULL);
    }
}

/* The undefined behaviour sanitizer of clang reports arithmetic on NULL. */
TEST(nothing_is_NULL_and_can_be_read_and_written)
{
    reader_t r = reader(NULL, 0);
    CHECK(reader_done(&r));
    CHECK(take_bytes(&r, 0) != NULL);
    CHECK(reader_done(&r));
    CHECK(take_bytes(&r, 1) == NULL);
    CHECK(r.failed);
    writer_t w = writer(NULL, 0);
    put_bytes(&w, NULL, 0);
    CHECK(!w.failed);
    CHECK_EQ(writer_length(&w), 0);
    put_u8(&w, 1);
    CHECK(w.failed);
}

TEST(blocks)
{
    static const struct {
        const char *hex;
        size_t width, length, left; /* length: bytes in the block; left: bytes after it */
        bool fits;
    } rows[] = {
        {"00", 1, 0, 0, true},
        {"02 a1 a2", 1, 2, 0, true},
        {"02 a1 a2 a3", 1, 2, 1, true},
        {"02 a1", 1, 0, 0, false},
        {"", 1, 0, 0, false},
        {"00", 2, 0, 0, false},
        {"0000", 2, 0, 0, true},
        {"0001 a1 a2", 2, 1, 1, true},
        {"ffff a1", 2, 0, 0, false},
        {"000002 a1 a2", 3, 2, 0, true},
        {"ffffff a1 a2", 3, 0, 0, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[16];
        size_t length = UNHEX(rows[i].hex, bytes);
        reader_t r = reader(bytes, length);
        NOTE("row %zu", i);
        reader_t block = take_block(&r, rows[i].width);
        CHECK_EQ(block.failed, !rows[i].fits);
        CHECK_EQ(r.failed, !rows[i].fits);
        CHECK_EQ(reader_left(&block), rows[i].length);
        CHECK_EQ(reader_left(&r), rows[i].left);
        if (rows[i].length > 0)
            CHECK_EQ(take_u8(&block), 0xa1);
    }
}

TEST(the_rest)
{
    static const uint8_t bytes[] = {1, 2, 3};
    reader_t r = reader(bytes, sizeof bytes);
    take_u8(&r);
    reader_t rest = take_rest(&r);
    CHECK(reader_done(&r));
    CHECK_EQ(reader_left(&rest), 2);
    CHECK_EQ(take_u16(&rest), 0x0203);
    CHECK(reader_done(&rest));
}

/* ---- writers ---- */

TEST(numbers_are_written_as_they_are_read)
{
    uint64_t state = unit_seed();
    for (int run = 0; run < 1000; run++) {
        uint8_t bytes[8];
        size_t width = 1 + unit_below(&state, 8);
        uint64_t value = unit_random(&state) >> (64 - 8 * width);
        writer_t w = writer(bytes, sizeof bytes);
        put_uint(&w, value, width);
        CHECK_EQ(writer_length(&w), width);
        reader_t r = reader(bytes, width);
        CHECK_EQ(take_uint(&r, width), value);
    }
}

TEST(a_full_writer_writes_nothing_and_sticks)
{
    uint8_t bytes[8];
    for (size_t capacity = 0; capacity < 6; capacity++) {
        memset(bytes, 0xee, sizeof bytes);
        writer_t w = writer(bytes, capacity);
        NOTE("capacity %zu", capacity);
        put_uint(&w, 0, capacity);
        CHECK(!w.failed);
        put_bytes(&w, NULL, 0);
        CHECK(!w.failed);
        put_u16(&w, 0x1234);
        CHECK(w.failed);
        CHECK_EQ(writer_length(&w), capacity);
        CHECK_EQ(bytes[capacity], 0xee);
        CHECK(put_space(&w, 0) == NULL);
    }
    writer_t w = writer(bytes, 3);
    put_u16(&w, 1);
    put_u16(&w, 2);
    memset(bytes, 0xee, sizeof bytes);
    put_u8(&w, 3); /* this byte would fit, but the write before it failed */
    put_bytes(&w, bytes, 1);
    CHECK_EQ(bytes[2], 0xee);
    w = writer(bytes, 3);
    CHECK(put_space(&w, SIZE_MAX) == NULL);
}

TEST(blocks_nest)
{
    static const uint8_t expected[] = {0x00, 0x07, 0xaa, 0x02, 0x12, 0x34, 0x00, 0x00, 0x00};
    uint8_t bytes[16];
    writer_t w = writer(bytes, sizeof bytes);
    block_t outer = open_block(&w, 2);
    put_u8(&w, 0xaa);
    block_t inner = open_block(&w, 1);
    put_u16(&w, 0x1234);
    close_block(&w, inner);
    block_t empty = open_block(&w, 3);
    close_block(&w, empty);
    close_block(&w, outer);
    CHECK(!w.failed);
    CHECK_EQ(writer_length(&w), sizeof expected);
    CHECK_MEM(bytes, expected, sizeof expected);
}

TEST(a_block_too_long_for_its_length_field_fails)
{
    static const struct {
        size_t width, length;
        bool fits;
    } rows[] = {{1, 0, true},     {1, 255, true},    {1, 256, false}, {2, 256, true},
                {2, 65535, true}, {2, 65536, false}, {3, 65536, true}};
    static uint8_t bytes[70000];
    for (size_t i = 0; i < COUNT(rows); i++) {
        writer_t w = writer(bytes, sizeof bytes);
        NOTE("row %zu", i);
        block_t block = open_block(&w, rows[i].width);
        CHECK(put_space(&w, rows[i].length) != NULL);
        close_block(&w, block);
        CHECK_EQ(w.failed, !rows[i].fits);
        if (!rows[i].fits)
            continue;
        reader_t r = reader(bytes, writer_length(&w)), inside = take_block(&r, rows[i].width);
        CHECK_EQ(reader_left(&inside), rows[i].length);
        CHECK(reader_done(&r));
    }
}

TEST(a_block_in_a_full_writer_is_harmless)
{
    uint8_t bytes[4];
    for (size_t capacity = 0; capacity < 4; capacity++) {
        memset(bytes, 0xee, sizeof bytes);
        writer_t w = writer(bytes, capacity);
        NOTE("capacity %zu", capacity);
        block_t block = open_block(&w, 2);
        put_u16(&w, 0);
        close_block(&w, block);
        close_block_if_filled(&w, block);
        CHECK(w.failed);
        CHECK_EQ(bytes[capacity], 0xee);
    }
}

TEST(an_empty_block_can_be_undone)
{
    static const uint8_t expected[] = {0xaa, 0x00, 0x01, 0xbb, 0xcc};
    uint8_t bytes[8];
    writer_t w = writer(bytes, sizeof bytes);
    put_u8(&w, 0xaa);
    close_block_if_filled(&w, open_block(&w, 2));
    CHECK_EQ(writer_length(&w), 1);
    block_t block = open_block(&w, 2);
    put_u8(&w, 0xbb);
    close_block_if_filled(&w, block);
    put_u8(&w, 0xcc);
    CHECK(!w.failed);
    CHECK_EQ(writer_length(&w), sizeof expected);
    CHECK_MEM(bytes, expected, sizeof expected);
}
