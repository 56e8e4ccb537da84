#include "net/impair.h"

#define GOLDEN 0x9e3779b97f4a7c15 /* 2^64 divided by the golden ratio */

/* Each datagram has the same random values, whatever the rules are: one for each effect, and these.
 * So a rule that is added or removed does not change what the others do. */
enum { DRAW_BIT = IMPAIR_EFFECTS, DRAW_JITTER, DRAWS };

/* The output function of SplitMix64. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t impair_stream(uint64_t seed, enum impair_direction direction)
{
    return mix((seed * IMPAIR_DIRECTIONS + direction + 1) * GOLDEN);
}

/* Returns a random value of a datagram. SplitMix64 can start at any place of its sequence. */
static uint64_t draw(uint64_t stream, uint64_t number, unsigned index)
{
    return mix(stream + (number * DRAWS + index) * GOLDEN);
}

static const struct impair_event *find_event(const struct impair_rules *rules,
                                             enum impair_effect effect, uint64_t number)
{
    for (size_t i = 0; i < rules->event_count; i++) {
        const struct impair_event *event = &rules->events[i];
        if (event->effect == effect && event->first <= number && number <= event->last)
            return event;
    }
    return NULL;
}

static void set_corruption(struct impair_decision *decision, const struct impair_event *event,
                           uint64_t value, size_t length)
{
    uint64_t bit = length > 0 ? value % (8 * (uint64_t)length) : 0;
    bool exact = event != NULL && event->has_offset;

    decision->offset = exact ? event->offset : (size_t)(bit / 8);
    decision->mask = (uint8_t)(exact ? 1U : 1U << bit % 8);
    decision->corrupt = decision->offset < length;
}

/* Returns the delay plus a random value from -jitter to +jitter, or 0 if that is negative. */
static int64_t delay_of(const struct impair_rules *rules, uint64_t value)
{
    uint64_t width = 2 * (uint64_t)rules->jitter_us + 1;
    int64_t delay = rules->delay_us - rules->jitter_us + (int64_t)(value % width);

    return delay > 0 ? delay : 0;
}

struct impair_decision impair_decide(const struct impair_rules *rules, uint64_t stream,
                                     uint64_t number, size_t length)
{
    struct impair_decision decision = {.drop = IMPAIR_DROP_NONE};
    const struct impair_event *events[IMPAIR_EFFECTS];
    bool happens[IMPAIR_EFFECTS];

    for (unsigned effect = 0; effect < IMPAIR_EFFECTS; effect++) {
        events[effect] = find_event(rules, (enum impair_effect)effect, number);
        happens[effect] = events[effect] != NULL ||
                          draw(stream, number, effect) % IMPAIR_ALWAYS < rules->chance[effect];
    }
    if (events[IMPAIR_DROP] != NULL)
        decision.drop = IMPAIR_DROP_EVENT;
    else if (rules->mtu > 0 && length > rules->mtu)
        decision.drop = IMPAIR_DROP_MTU;
    else if (happens[IMPAIR_DROP])
        decision.drop = IMPAIR_DROP_LOSS;
    decision.duplicate = happens[IMPAIR_DUPLICATE];
    decision.reorder = happens[IMPAIR_REORDER];
    if (happens[IMPAIR_CORRUPT])
        set_corruption(&decision, events[IMPAIR_CORRUPT], draw(stream, number, DRAW_BIT), length);
    decision.delay_us = delay_of(rules, draw(stream, number, DRAW_JITTER));
    return decision;
}

bool impair_add_event(struct impair_rules *rules, struct impair_event event)
{
    if (rules->event_count == IMPAIR_EVENTS)
        return false;
    rules->events[rules->event_count++] = event;
    return true;
}
