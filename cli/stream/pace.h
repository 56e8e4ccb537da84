/*
 * pace.h - how fast messages go: a token bucket, and a pause between them. Nothing tells a UDP sender that
 * the receiver is full, so what is sent faster than it is read is lost; the default rate is read by
 * anything. Whoever sends less than a burst at a time is never delayed by the bucket.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_RATE 20000000     /* bytes per second */
#define PACE_BURST (16 * 1024) /* bytes */

struct pace {
    int64_t rate;     /* bytes per second; 0: no limit */
    int64_t pause_us; /* between messages */
    int64_t
        credit; /* bytes that may go now, in millionths; below 0 after a message larger than what was left */
    int64_t filled;  /* when credit was right, in microseconds */
    int64_t next_us; /* no message before */
    bool waiting;    /* empty: let it fill before the next burst, so that wake-ups stay few */
};

void pace_init(struct pace *pace, int64_t rate, int64_t pause_us, int64_t now_us);
void pace_consume(struct pace *pace, int64_t bytes, int64_t now_us);

/* Microseconds until sending may go on; 0: now. */
int64_t pace_wait(struct pace *pace, int64_t now_us);

#endif
