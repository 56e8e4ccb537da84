#include "pace.h"

void pace_init(struct pace *pace, int64_t now_us)
{
    *pace = (struct pace){.tokens = PACE_BURST, .filled = now_us};
}

void pace_spend(struct pace *pace, int64_t bytes)
{
    pace->tokens -= bytes;
    pace->waiting = pace->tokens <= 0;
}

int64_t pace_wait(struct pace *pace, int64_t now_us)
{
    pace->tokens += (now_us - pace->filled) * PACE_RATE;
    pace->filled = now_us;
    if (pace->tokens > PACE_BURST)
        pace->tokens = PACE_BURST;
    if (pace->tokens == PACE_BURST)
        pace->waiting = false;
    return pace->waiting ? (PACE_BURST - pace->tokens + PACE_RATE - 1) / PACE_RATE : 0;
}
