/*
 * roundtrip.h - measures the round trip of a path, and the part of it that is spent in a queue.
 *
 * The lowest round trip of the last seconds is taken for that of the path without a queue. Times
 * are microseconds.
 */
#ifndef ROUNDTRIP_H
#define ROUNDTRIP_H

#include <stdint.h>

struct roundtrip {
    int64_t smooth_us;    /* SRTT of RFC 6298; 0 before the first measurement */
    int64_t deviation_us; /* RTTVAR of RFC 6298 */
    int64_t least_us;     /* lowest round trip of the last seconds; INT64_MAX: none yet */
    int64_t least_at_us;  /* time at which least_us was measured */
    int64_t next_us;      /* lowest round trip since least_us became old; INT64_MAX: none */
    int64_t queue_us;     /* time in the queue: the last round trip minus least_us */
    int64_t highest_us;   /* highest queue_us; decays with each measurement */
};

/* Begins without a measurement. */
void roundtrip_start(struct roundtrip *trip, int64_t now_us);
/* Call this when the peer has answered a request (peer/feedback.h) after trip_us. */
void roundtrip_measured(struct roundtrip *trip, int64_t trip_us, int64_t now_us);
/* Returns the time after which a request counts as lost: the time-out of RFC 6298 with a short
 * minimum. lost is the number of requests in a row that were lost. The time-out is doubled for each
 * of them, up to one second. */
int64_t roundtrip_timeout_us(const struct roundtrip *trip, unsigned lost);

#endif
