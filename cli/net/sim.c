#include "net/sim.h"

void sim_start(struct sim *sim, const struct impair_config *config)
{
    *sim = (struct sim){.config = *config};
    for (unsigned i = 0; i < IMPAIR_DIRECTIONS; i++)
        sim->ways[i].stream = impair_stream(config->seed, (enum impair_direction)i);
}

static void count(struct sim_counts *counts, const struct impair_decision *decision)
{
    if (decision->drop != IMPAIR_DROP_NONE) {
        counts->dropped[decision->drop]++;
        return;
    }
    counts->duplicated += decision->duplicate;
    counts->reordered += decision->reorder;
    counts->corrupted += decision->corrupt;
}

/* Queues a datagram, changed as the decision demands. Returns false if the queue is full. */
static bool carry(struct delayline *line, const struct delayline_item *item,
                  const struct impair_decision *decision, int64_t now_us)
{
    struct delayed *delayed = delayline_add(line, item, now_us);

    if (delayed != NULL && decision->corrupt)
        delayed->data[decision->offset] ^= decision->mask;
    return delayed != NULL;
}

static void put(struct sim *sim, enum impair_direction direction, struct delayline_item item,
                int64_t now_us)
{
    const struct impair_rules *rules = &sim->config.rules[direction];
    struct sim_way *way = &sim->ways[direction];
    uint64_t number = ++way->counts.datagrams;
    struct impair_decision decision = impair_decide(rules, way->stream, number, item.length);

    item.rate = rules->rate;
    item.delay_us = decision.delay_us;
    item.reorder = decision.reorder;
    if (decision.drop == IMPAIR_DROP_NONE && !carry(&way->line, &item, &decision, now_us))
        decision.drop = IMPAIR_DROP_QUEUE;
    if (decision.drop == IMPAIR_DROP_NONE && decision.duplicate)
        decision.duplicate = carry(&way->line, &item, &decision, now_us);
    count(&way->counts, &decision);
    if (sim->note != NULL)
        sim->note(sim->hook, direction, number, item.length, &decision);
}

void sim_put(struct sim *sim, enum impair_direction direction, const struct sim_batch *batch,
             int64_t now_us)
{
    size_t at = 0, length;

    do { /* a datagram may be empty */
        length = batch->length - at < batch->segment ? batch->length - at : batch->segment;
        put(sim, direction,
            (struct delayline_item){.peer = batch->peer,
                                    .mark = batch->mark,
                                    .data = batch->data + at,
                                    .length = length},
            now_us);
        at += length;
    } while (at < batch->length);
}

struct delayed *sim_take(struct sim *sim, enum impair_direction direction, int64_t now_us)
{
    return delayline_take(&sim->ways[direction].line, now_us);
}

int64_t sim_next_us(const struct sim *sim, enum impair_direction direction)
{
    return delayline_next_us(&sim->ways[direction].line);
}

void sim_discard(struct sim *sim)
{
    for (struct sim_way *way = sim->ways; way < sim->ways + IMPAIR_DIRECTIONS; way++)
        way->counts.dropped[IMPAIR_DROP_QUEUE] += delayline_clear(&way->line);
}

uint64_t sim_dropped(const struct sim *sim, enum impair_direction direction)
{
    uint64_t sum = 0;

    for (unsigned drop = 0; drop < IMPAIR_DROP_COUNT; drop++)
        sum += sim->ways[direction].counts.dropped[drop];
    return sum;
}
