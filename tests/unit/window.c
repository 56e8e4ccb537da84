#include "record/window.h"
#include "common.h"

#include <stdio.h>

enum { RUNS = 400, STEPS = 300 };

/* A model of the window without the ring: a list of all numbers that were marked. */
typedef struct {
    uint64_t marked[STEPS], highest;
    size_t count;
} model_t;

static bool model_fresh(const model_t *model, uint64_t number)
{
    if (model->count == 0 || number > model->highest)
        return true;
    if (model->highest - number >= 256)
        return false;
    for (size_t i = 0; i < model->count; i++)
        if (model->marked[i] == number)
            return false;
    return true;
}

static void model_mark(model_t *model, uint64_t number)
{
    if (model->count == 0 || number > model->highest)
        model->highest = number;
    model->marked[model->count++] = number;
}

TEST(edges)
{
    /* Returns whether `number` is new after these numbers were marked. */
    static const struct {
        uint64_t marks[4];
        size_t count;
        uint64_t asked;
        bool fresh;
    } rows[] = {
        {{0}, 0, 0, true},
        {{0}, 0, UINT64_MAX >> 16, true},
        {{0}, 1, 0, false},
        {{0}, 1, 1, true},
        {{1}, 1, 0, true},
        {{255}, 1, 0, true},
        {{255, 0}, 2, 0, false},
        {{256}, 1, 0, false}, /* below the window */
        {{256}, 1, 1, true},
        {{257}, 1, 1, false},
        {{257}, 1, 2, true},
        {{0, 255}, 2, 0, false},
        {{0, 256}, 2, 1, true},
        {{63, 64}, 2, 63, false},
        {{63, 64}, 2, 62, true},
        {{63, 64}, 2, 65, true},
        {{64, 63}, 2, 64, false},
        {{127, 128, 129}, 3, 128, false},
        {{127, 129}, 2, 128, true},
        {{0, 511}, 2, 256, true}, /* bit 256 was never set */
        {{0, 512}, 2, 512, false},
        {{0, 512}, 2, 257, true}, /* 512 uses the word of 0 */
        {{0, 513}, 2, 512, true},
        {{300, 300 + 512}, 2, 300 + 256 + 1, true}, /* a whole ring further on */
        {{300, 300 + 512}, 2, 300 + 256, false},
        {{5, (uint64_t)1 << 32}, 2, 5, false},
        {{5, (uint64_t)1 << 32}, 2, ((uint64_t)1 << 32) - 1, true},
        {{5, (uint64_t)1 << 32}, 2, ((uint64_t)1 << 32) - 255, true},
        {{5, (uint64_t)1 << 32}, 2, ((uint64_t)1 << 32) - 256, false},
        {{((uint64_t)1 << 48) - 1}, 1, ((uint64_t)1 << 48) - 1, false},
        {{((uint64_t)1 << 48) - 1}, 1, ((uint64_t)1 << 48) - 2, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        window_t window = {0};
        NOTE("row %zu", i);
        for (size_t mark = 0; mark < rows[i].count; mark++)
            window_mark(&window, rows[i].marks[mark]);
        CHECK_EQ(window_fresh(&window, rows[i].asked), rows[i].fresh);
    }
}

TEST(every_distance_backwards_at_every_offset_of_a_word)
{
    for (uint64_t newest = 600; newest < 600 + 128; newest++) {
        for (uint64_t distance = 1; distance < 300; distance++) {
            window_t window = {0};
            NOTE("newest %u distance %u", (unsigned)newest, (unsigned)distance);
            window_mark(&window, newest);
            CHECK_EQ(window_fresh(&window, newest - distance), distance < WINDOW_SIZE);
            if (distance >= WINDOW_SIZE)
                continue;
            window_mark(&window, newest - distance);
            CHECK(!window_fresh(&window, newest - distance));
            CHECK(!window_fresh(&window, newest));
            CHECK_EQ(window.next, newest + 1);
        }
    }
}

TEST(no_old_bit_survives_any_jump)
{
    for (uint64_t jump = 1; jump < 1200; jump++) {
        window_t window = {0};
        NOTE("jump %u", (unsigned)jump);
        for (uint64_t number = 0; number < 512; number++)
            window_mark(&window, number);
        window_mark(&window, 511 + jump);
        for (uint64_t number = 512; number < 511 + jump; number++)
            CHECK_EQ(window_fresh(&window, number), 511 + jump - number < WINDOW_SIZE);
        CHECK(!window_fresh(&window, 511));
        CHECK(!window_fresh(&window, 511 + jump));
    }
}

TEST(asking_changes_nothing)
{
    window_t window = {0};
    window_mark(&window, 1000);
    const window_t before = window;
    for (uint64_t number = 0; number < 5000; number++)
        window_fresh(&window, number);
    CHECK_MEM(&window, &before, sizeof before);
}

static uint64_t next_number(uint64_t *state, const model_t *model)
{
    static const uint64_t jumps[] = {1,   63,  64,  65,  127, 128, 255,  256,
                                     257, 448, 511, 512, 513, 575, 1000, (uint64_t)1 << 32};
    uint64_t back = unit_below(state, 300), choice = unit_below(state, 10);
    if (choice < 6)
        return model->highest > back ? model->highest - back : back;
    if (choice < 9)
        return model->highest + 1 + unit_below(state, 4);
    return model->highest + jumps[unit_below(state, COUNT(jumps))];
}

TEST(like_a_list_of_all_numbers)
{
    uint64_t state = unit_seed();
    for (int run = 0; run < RUNS; run++) {
        window_t window = {0};
        model_t model = {.count = 0};
        for (int step = 0; step < STEPS; step++) {
            uint64_t number = next_number(&state, &model);
            bool fresh = model_fresh(&model, number);
            CHECK_EQ(window_fresh(&window, number), fresh);
            if (!fresh)
                continue;
            window_mark(&window, number);
            model_mark(&model, number);
            CHECK_EQ(window.next, model.highest + 1);
        }
    }
}
