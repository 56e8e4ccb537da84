/*
 * pace.h - a token bucket for bulk data. Nothing tells a UDP sender that the receiver is full, so
 * what is sent faster than it is read is lost; this rate is read by anything. Whoever sends less
 * than a burst at a time is never delayed.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_RATE 20           /* bytes per microsecond, that is MB/s */
#define PACE_BURST (16 * 1024) /* bytes */

struct pace {
    int64_t tokens; /* bytes that may go now; below 0 after a record larger than what was left */
    int64_t filled; /* when tokens was right, in microseconds */
    bool waiting;   /* empty: let it fill before the next burst, so that wake-ups stay few */
};

void pace_init(struct pace *pace, int64_t now_us);
void pace_spend(struct pace *pace, int64_t bytes);

/* Microseconds until sending may go on; 0: now. */
int64_t pace_wait(struct pace *pace, int64_t now_us);

#endif
