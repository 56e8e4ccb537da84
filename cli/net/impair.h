/*
 * impair.h - decides what a simulated network does to a datagram: loss, duplication, reordering,
 * corruption and delay. The decision depends only on the rules, the seed, the direction, the number
 * of the datagram in its direction, and its length. The functions keep no state, and use no clock
 * and no socket: delayline.h delays the datagrams, and sim.h applies the decisions.
 */
#ifndef IMPAIR_H
#define IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum impair_direction { IMPAIR_OUT, IMPAIR_IN, IMPAIR_DIRECTIONS };

/* What can happen to a datagram at random, or to a datagram with a certain number. */
enum impair_effect {
    IMPAIR_DROP,
    IMPAIR_DUPLICATE,
    IMPAIR_REORDER,
    IMPAIR_CORRUPT,
    IMPAIR_EFFECTS
};

#define IMPAIR_ALWAYS 1000000 /* the probability of 100 % */
#define IMPAIR_EVENTS 32      /* most events of one direction */

/* The datagrams from first to last. The first datagram of a direction has number 1. */
struct impair_event {
    enum impair_effect effect;
    uint64_t first, last;
    bool has_offset; /* IMPAIR_CORRUPT: `offset` selects the byte */
    size_t offset;
};

/* The rules for one direction. */
struct impair_rules {
    uint32_t chance[IMPAIR_EFFECTS]; /* probabilities in millionths */
    struct impair_event events[IMPAIR_EVENTS];
    size_t event_count;
    int64_t delay_us, jitter_us;
    uint64_t rate; /* bytes per second; 0: no limit */
    size_t mtu;    /* longer datagrams are dropped, in bytes of UDP payload; 0: no limit */
};

struct impair_config {
    bool given;  /* there is at least one rule or a seed */
    bool seeded; /* seed is valid */
    uint64_t seed;
    struct impair_rules rules[IMPAIR_DIRECTIONS];
};

/* Why a datagram is dropped. */
enum impair_drop {
    IMPAIR_DROP_NONE,
    IMPAIR_DROP_EVENT,
    IMPAIR_DROP_LOSS,
    IMPAIR_DROP_MTU,
    IMPAIR_DROP_QUEUE, /* too many datagrams wait; sim.c decides this */
    IMPAIR_DROP_COUNT
};

struct impair_decision {
    enum impair_drop drop;
    bool duplicate, reorder, corrupt;
    size_t offset; /* corrupt: the byte to change */
    uint8_t mask;  /* corrupt: its bits to invert */
    int64_t delay_us;
};

/* Returns the key of the random numbers of one direction. */
uint64_t impair_stream(uint64_t seed, enum impair_direction direction);

/* Decides about a datagram of `length` bytes. stream is the result of impair_stream(). */
struct impair_decision impair_decide(const struct impair_rules *rules, uint64_t stream,
                                     uint64_t number, size_t length);

/* Adds an event. Returns false if the rules have IMPAIR_EVENTS events already. */
bool impair_add_event(struct impair_rules *rules, struct impair_event event);

#endif
