/*
 * pathrate.h - measures the rate at which a path delivers data: the highest of the last rounds.
 *
 * A round is at least 5 ms and a round trip long. Times are microseconds.
 */
#ifndef PATHRATE_H
#define PATHRATE_H

#include <stdbool.h>
#include <stdint.h>

#define PATHRATE_ROUNDS 10

struct pathrate {
    uint64_t rates[PATHRATE_ROUNDS]; /* bytes per second, of the last rounds */
    unsigned rounds;
    uint64_t delivered;            /* bytes in this round, so far */
    int64_t answered_us, asked_us; /* of the answer that began the round, and of its request */
    bool limited;                  /* in this round there was more to send than allowed */
};

/* Begins without a measurement. */
void pathrate_start(struct pathrate *rate, int64_t now_us);
/* Forgets the measurements. */
void pathrate_forget(struct pathrate *rate);
/* Call it when the sender has more data than it may send: only such a round can lower the rate. */
void pathrate_limited(struct pathrate *rate);
/* Call it for each answer. It shows that `delivered` more bytes have arrived; its request was sent
 * at asked_us. Returns true if the answer ends a round. */
bool pathrate_measured(struct pathrate *rate, uint64_t delivered, int64_t asked_us, int64_t now_us);
/* Returns the rate in bytes per second; 0 before the first round has ended. */
uint64_t pathrate_of(const struct pathrate *rate);

#endif
