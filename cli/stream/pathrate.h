/*
 * pathrate.h - measures the rate at which a path delivers data: the highest of the last rounds.
 *
 * A round is at least 5 ms and a round trip long. Times are microseconds.
 */
#ifndef PATHRATE_H
#define PATHRATE_H

#include <stdbool.h>
#include <stdint.h>

#define PATHRATE_ROUNDS 10 /* number of rounds whose rates are remembered */

struct pathrate {
    uint64_t rates[PATHRATE_ROUNDS]; /* rates of the last rounds in bytes per second */
    unsigned rounds;                 /* number of rates that were stored so far */
    uint64_t delivered;              /* bytes that have arrived in the current round */
    int64_t answered_us;             /* time of the answer that began the current round */
    int64_t asked_us;                /* time of the request that got the answer at answered_us */
    bool limited; /* in the current round the sender had more data than it was allowed to send */
};

/* Begins without a measurement. */
void pathrate_start(struct pathrate *rate, int64_t now_us);
/* Forgets the measurements. */
void pathrate_forget(struct pathrate *rate);
/* Call this when the sender has more data than it may send: only such a round can lower the
 * rate. */
void pathrate_limited(struct pathrate *rate);
/* Call this for each answer of the peer to a request (peer/feedback.h). delivered is the number of
 * bytes that have arrived since the previous answer, and asked_us is the time of the request.
 * Returns true if the answer ends a round. */
bool pathrate_measured(struct pathrate *rate, uint64_t delivered, int64_t asked_us, int64_t now_us);
/* Returns the rate in bytes per second; 0 before the first round has ended. */
uint64_t pathrate_of(const struct pathrate *rate);

#endif
