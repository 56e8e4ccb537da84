#include "stream/pace.h"

#define MILLION 1000000

static int64_t full(const struct pace *pace)
{
    return pace->burst * MILLION;
}

void pace_init(struct pace *pace, int64_t rate, int64_t pause_us, int64_t now_us)
{
    *pace =
        (struct pace){.rate = rate, .burst = PACE_BURST, .pause_us = pause_us, .filled = now_us};
    pace->credit = full(pace);
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
    int64_t elapsed = now_us - pace->filled, missing = full(pace) - pace->credit;

    pace->filled = now_us;
    /* Compare by division, since elapsed * rate can overflow. */
    pace->credit =
        elapsed >= missing / pace->rate + 1 ? full(pace) : pace->credit + elapsed * pace->rate;
    if (pace->credit >= full(pace)) {
        pace->credit = full(pace);
        pace->waiting = false;
    }
}

void pace_change(struct pace *pace, int64_t rate, int64_t burst, int64_t now_us)
{
    if (pace->rate > 0)
        refill(pace, now_us);
    pace->filled = now_us;
    pace->rate = rate;
    pace->burst = burst;
    if (pace->credit > full(pace))
        pace->credit = full(pace);
}

int64_t pace_wait(struct pace *pace, int64_t now_us)
{
    int64_t wait = pace->next_us > now_us ? pace->next_us - now_us : 0;

    if (pace->rate == 0)
        return wait;
    refill(pace, now_us);
    int64_t refill = pace->waiting ? (full(pace) - pace->credit) / pace->rate + 1 : 0;
    return refill > wait ? refill : wait;
}

uint64_t pace_room(const struct pace *pace)
{
    if (pace->rate == 0)
        return UINT64_MAX;
    return pace->credit > 0 ? (uint64_t)pace->credit / MILLION : 0;
}
