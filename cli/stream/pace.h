/*
 * pace.h - limits the sending rate by a token bucket, and by a pause between messages. The bucket
 * never delays a sender that sends less than a burst at once.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_BURST (16 * 1024) /* bytes that may be sent at once at a constant rate */

struct pace {
    int64_t rate;     /* bytes per second; 0: no limit */
    int64_t burst;    /* bytes that may be sent at once */
    int64_t pause_us; /* pause between messages in microseconds */
    int64_t credit;  /* millionths of a byte that may be sent now; negative after a large message */
    int64_t filled;  /* time at which credit was last refilled, in microseconds */
    int64_t next_us; /* earliest time of the next message */
    bool waiting;    /* the bucket was empty: wait until it is full, to keep wake-ups rare */
};

/* Begins with a full bucket of PACE_BURST. rate is in bytes per second; 0 means no limit. */
void pace_init(struct pace *pace, int64_t rate, int64_t pause_us, int64_t now_us);
/* Changes the rate, and the bytes that may be sent at once. */
void pace_change(struct pace *pace, int64_t rate, int64_t burst, int64_t now_us);
/* Accounts for a message that was sent. */
void pace_consume(struct pace *pace, int64_t bytes, int64_t now_us);

/* Returns the microseconds until the next message may be sent; 0 means now. */
int64_t pace_wait(struct pace *pace, int64_t now_us);
/* Returns how many bytes may be sent at once, as of the last pace_wait(). */
uint64_t pace_room(const struct pace *pace);

#endif
