#include "stream/pace.h"

#define MILLION 1000000
#define FULL ((int64_t)PACE_BURST * MILLION)

void pace_init(struct pace *pace, int64_t rate, int64_t pause_us, int64_t now_us)
{
    *pace = (struct pace){.rate = rate, .pause_us = pause_us, .credit = FULL, .filled = now_us};
}

void pace_consume(struct pace *pace, int64_t bytes, int64_t now_us)
{
    pace->next_us = now_us + pace->pause_us;
    if (pace->rate == 0)
        return;
    pace->credit -= bytes * MILLION;
    pace->waiting = pace->credit <= 0;
}

static void refill(struct pace *pace, int64_t now_us)
{
    int64_t elapsed = now_us - pace->filled, missing = FULL - pace->credit;

    pace->filled = now_us;
    /* Compare by division, since elapsed * rate can overflow. */
    pace->credit = elapsed >= missing / pace->rate + 1 ? FULL : pace->credit + elapsed * pace->rate;
    if (pace->credit >= FULL) {
        pace->credit = FULL;
        pace->waiting = false;
    }
}

int64_t pace_wait(struct pace *pace, int64_t now_us)
{
    int64_t wait = pace->next_us > now_us ? pace->next_us - now_us : 0;

    if (pace->rate == 0)
        return wait;
    refill(pace, now_us);
    int64_t refill = pace->waiting ? (FULL - pace->credit) / pace->rate + 1 : 0;
    return refill > wait ? refill : wait;
}
