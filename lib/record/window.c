#include "record/window.h"

#include <stddef.h>

#define WORDS (sizeof((window_t *)0)->bits / sizeof(uint64_t))

static size_t word_of(uint64_t number)
{
    return number / 64 % WORDS;
}

static uint64_t bit_of(uint64_t number)
{
    return (uint64_t)1 << (number % 64);
}

bool window_fresh(const window_t *window, uint64_t number)
{
    if (number >= window->next)
        return true;
    if (window->next - number > WINDOW_SIZE)
        return false;
    return !(window->bits[word_of(number)] & bit_of(number));
}

void window_mark(window_t *window, uint64_t number)
{
    if (number >= window->next) {
        /* Clear the words that the window moves into. A jump by more than the length of the ring
         * clears all words. */
        uint64_t from = window->next == 0 ? 0 : (window->next - 1) / 64 + 1;
        uint64_t to = number / 64;
        if (to >= WORDS && from < to - WORDS + 1)
            from = to - WORDS + 1;
        for (uint64_t word = from; word <= to; word++)
            window->bits[word % WORDS] = 0;
        window->next = number + 1;
    }
    window->bits[word_of(number)] |= bit_of(number);
}
