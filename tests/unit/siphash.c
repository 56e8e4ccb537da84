#include "base/siphash.h"
#include "common.h"

TEST(known_hashes)
{
    /* Key 00..0f, message 00 01 02 ... The value for 15 bytes is in appendix A of the paper, the
     * others are from the authors' reference program. */
    static const struct {
        size_t length;
        uint64_t hash;
    } rows[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    uint8_t key[16], message[64];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)i;
    for (size_t i = 0; i < COUNT(rows); i++) {
        NOTE("%zu bytes", rows[i].length);
        CHECK_EQ(siphash(key, message, rows[i].length), rows[i].hash);
    }
}

TEST(every_bit_of_the_key_counts)
{
    uint8_t key[16] = {0}, message[9] = {0};
    uint64_t hash = siphash(key, message, sizeof message);
    for (size_t bit = 0; bit < 128; bit++) {
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(siphash(key, message, sizeof message) != hash);
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
