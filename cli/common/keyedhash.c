#include "common/keyedhash.h"

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t state[4], unsigned rounds)
{
    for (; rounds > 0; rounds--) {
        state[0] += state[1];
        state[2] += state[3];
        state[1] = rotate(state[1], 13) ^ state[0];
        state[3] = rotate(state[3], 16) ^ state[2];
        state[0] = rotate(state[0], 32);
        state[2] += state[1];
        state[0] += state[3];
        state[1] = rotate(state[1], 17) ^ state[2];
        state[3] = rotate(state[3], 21) ^ state[0];
        state[2] = rotate(state[2], 32);
    }
}

static void absorb(uint64_t state[4], uint64_t word)
{
    state[3] ^= word;
    mix(state, 2);
    state[0] ^= word;
}

uint64_t keyed_hash(const struct hash_key *key, const uint8_t *bytes, size_t length)
{
    uint64_t state[4] = {key->words[0] ^ 0x736f6d6570736575, key->words[1] ^ 0x646f72616e646f6d,
                         key->words[0] ^ 0x6c7967656e657261, key->words[1] ^ 0x7465646279746573};
    uint64_t word = 0;

    for (size_t i = 0; i < length; i++) {
        word |= (uint64_t)bytes[i] << 8 * (i % 8);
        if (i % 8 == 7) {
            absorb(state, word);
            word = 0;
        }
    }
    absorb(state, word | (uint64_t)length << 56);
    state[2] ^= 0xff;
    mix(state, 4);
    return state[0] ^ state[1] ^ state[2] ^ state[3];
}
