#include "stream/pathrate.h"

#include <string.h>

#define MILLION UINT64_C(1000000)
#define ROUND_US 5000 /* shortest time of a round */

void pathrate_start(struct pathrate *rate, int64_t now_us)
{
    *rate = (struct pathrate){.answered_us = now_us, .asked_us = now_us};
}

void pathrate_forget(struct pathrate *rate)
{
    memset(rate->rates, 0, sizeof rate->rates);
}

void pathrate_limited(struct pathrate *rate)
{
    rate->limited = true;
}

uint64_t pathrate_of(const struct pathrate *rate)
{
    uint64_t highest = 0;

    for (unsigned i = 0; i < PATHRATE_ROUNDS; i++)
        if (rate->rates[i] > highest)
            highest = rate->rates[i];
    return highest;
}

/* Divides by the time between two answers or the time between their requests, whichever is longer.
 * The shorter time would show too high a rate if answers arrive together, or if requests were sent
 * together. A round in which the sender had too little data shows too low a rate. */
bool pathrate_measured(struct pathrate *rate, uint64_t delivered, int64_t asked_us, int64_t now_us)
{
    int64_t answers_us = now_us - rate->answered_us, requests_us = asked_us - rate->asked_us;
    int64_t time_us = answers_us > requests_us ? answers_us : requests_us;

    rate->delivered += delivered;
    if (time_us < ROUND_US)
        return false;
    uint64_t measured = rate->delivered * MILLION / (uint64_t)time_us;
    if (rate->limited || measured > pathrate_of(rate))
        rate->rates[++rate->rounds % PATHRATE_ROUNDS] = measured;
    rate->delivered = 0;
    rate->limited = false;
    rate->answered_us = now_us;
    rate->asked_us = asked_us;
    return true;
}
