#include "window.h"

#include <stddef.h>

#define WORDS (sizeof((window_t *)0)->bits / sizeof(uint64_t))

static uint64_t *word_of(window_t *window, uint64_t number)
{
    return &window->bits[number / 64 % WORDS];
}

bool window_fresh(const window_t *window, uint64_t number)
{
    if (number >= window->next)
        return true;
    if (window->next - number > WINDOW_SIZE)
        return false;
    return !(window->bits[number / 64 % WORDS] >> (number % 64) & 1);
}

void window_mark(window_t *window, uint64_t number)
{
    if (number >= window->next) {
        /* Empty the words that the window enters; after a jump of a whole ring, all of them. */
        uint64_t from = window->next == 0 ? 0 : (window->next - 1) / 64 + 1;
        uint64_t to = number / 64;
        if (to >= WORDS && from < to - WORDS + 1)
            from = to - WORDS + 1;
        for (uint64_t word = from; word <= to; word++)
            window->bits[word % WORDS] = 0;
        window->next = number + 1;
    }
    *word_of(window, number) |= (uint64_t)1 << (number % 64);
}
