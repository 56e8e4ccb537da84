/*
 * grease.c - GREASE values: those of RFC 8701 section 2, and no others.
 */
#include "message/grease.h"
#include "test.h"

#include <string.h>

static bool is_listed(grease_t use, uint16_t value)
{
    static const uint8_t modes[] = {0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4};
    if (use == GREASE_MODE)
        return value <= UINT8_MAX && memchr(modes, value, sizeof modes);
    return value >> 8 == (value & 0xff) && (value & 0x0f) == 0x0a;
}

TEST(each_value_is_reserved)
{
    uint8_t seeds[GREASE_SEEDS] = {0};
    for (grease_t use = 0; use < GREASE_COUNT; use++) {
        bool found[1 << 16] = {false};
        unsigned different = 0;
        for (unsigned seed = 0; seed <= UINT8_MAX; seed++) {
            seeds[use] = (uint8_t)seed;
            uint16_t value = grease_value(seeds, use);
            NOTE("use %d, seed %u, value %04x", use, seed, value);
            CHECK(is_listed(use, value));
            different += !found[value];
            found[value] = true;
        }
        /* the last extension differs from the first, whose seed was 255 */
        CHECK_EQ(different, use == GREASE_MODE ? 8 : use == GREASE_LAST_EXTENSION ? 15 : 16);
    }
}

TEST(the_two_extensions_differ)
{
    uint8_t seeds[GREASE_SEEDS] = {0};
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        for (unsigned last = 0; last <= UINT8_MAX; last++) {
            seeds[GREASE_FIRST_EXTENSION] = (uint8_t)first;
            seeds[GREASE_LAST_EXTENSION] = (uint8_t)last;
            CHECK(grease_value(seeds, GREASE_FIRST_EXTENSION) !=
                  grease_value(seeds, GREASE_LAST_EXTENSION));
        }
    }
}

TEST(contents_have_every_length)
{
    uint8_t seeds[GREASE_SEEDS], bytes[4 + GREASE_CONTENT_MAX];
    for (size_t i = 0; i < sizeof seeds; i++)
        seeds[i] = (uint8_t)(i + 100);
    for (unsigned length = 0; length <= GREASE_CONTENT_MAX; length++) {
        seeds[GREASE_FIRST_EXTENSION] = (uint8_t)length;
        writer_t w = writer(bytes, sizeof bytes);
        put_ext_grease(&w, seeds, GREASE_FIRST_EXTENSION);
        reader_t r = reader(bytes, writer_length(&w));
        CHECK_EQ(take_u16(&r), 0x0a0a);
        reader_t content = take_block(&r, 2);
        CHECK(reader_done(&r));
        CHECK_EQ(reader_left(&content), length);
        CHECK_MEM(content.at, seeds + GREASE_COUNT, length);
    }
}
