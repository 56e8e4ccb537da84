#include "message/grease.h"

/* The values of one byte are 0x0b, 0x2a and so on to 0xe4, those of two bytes 0x0a0a, 0x1a1a and so
 * on to 0xfafa (RFC 8701 section 2). */
uint16_t grease_value(const uint8_t seeds[GREASE_SEEDS], grease_t use)
{
    unsigned number = seeds[use] >> 4;
    if (use == GREASE_MODE)
        return (uint16_t)(0x0b + 0x1f * (number % 8));
    if (use == GREASE_LAST_EXTENSION && number == seeds[GREASE_FIRST_EXTENSION] >> 4)
        number ^= 1;
    return (uint16_t)(0x0a0a + 0x1010 * number);
}

void put_ext_grease(writer_t *w, const uint8_t seeds[GREASE_SEEDS], grease_t use)
{
    unsigned length = seeds[use] % (GREASE_CONTENT_MAX + 1);
    put_u16(w, grease_value(seeds, use));
    put_u16(w, length);
    put_bytes(w, seeds + GREASE_COUNT, length);
}
