/*
 * sim.h - a simulated network between a socket and its user: counts the datagrams of each direction,
 * applies the decisions of impair.h, and delays datagrams (delayline.h). The caller has the clock
 * and the socket.
 */
#ifndef SIM_H
#define SIM_H

#include "net/delayline.h"
#include "net/impair.h"

/* `length` bytes: datagrams of `segment` bytes each, of which the last may be shorter. */
struct sim_batch {
    const session_t *peer;
    int mark; /* for the caller; sim_take() returns it with each datagram */
    const uint8_t *data;
    size_t length, segment;
};

struct sim_counts {
    uint64_t datagrams; /* all, also those that were dropped */
    uint64_t dropped[IMPAIR_DROP_COUNT];
    uint64_t duplicated, reordered, corrupted; /* of those that were not dropped */
};

struct sim_way {
    uint64_t stream; /* result of impair_stream() */
    struct delayline line;
    struct sim_counts counts;
};

struct sim {
    struct impair_config config;
    struct sim_way ways[IMPAIR_DIRECTIONS];
    /* Called for each decision. May be NULL. */
    void (*note)(void *hook, enum impair_direction direction, uint64_t number, size_t length,
                 const struct impair_decision *decision);
    void *hook; /* the first argument of note() */
};

/* Starts with the rules and the seed of config. */
void sim_start(struct sim *sim, const struct impair_config *config);
/* Passes datagrams to the simulated network. Each is decided singly. Afterwards sim_take() may return
 * them at once. */
void sim_put(struct sim *sim, enum impair_direction direction, const struct sim_batch *batch,
             int64_t now_us);
/* Returns the next datagram that is due, or NULL. The caller frees it. */
struct delayed *sim_take(struct sim *sim, enum impair_direction direction, int64_t now_us);
/* Returns the time at which the next datagram is due, or CLOCK_NEVER. */
int64_t sim_next_us(const struct sim *sim, enum impair_direction direction);
/* Discards all delayed datagrams, and counts them as dropped from the queue. */
void sim_discard(struct sim *sim);
/* Returns the number of datagrams that were dropped for any reason. */
uint64_t sim_dropped(const struct sim *sim, enum impair_direction direction);

#endif
