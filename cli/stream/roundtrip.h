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
    int64_t smooth_us, deviation_us; /* RFC 6298; smooth_us is 0 before the first measurement */
    int64_t least_us;                /* lowest of the last seconds; INT64_MAX: none yet */
    int64_t least_at_us;             /* when least_us was measured */
    int64_t next_us;                 /* lowest since least_us became old; INT64_MAX: none */
    int64_t queue_us;                /* last measurement, above least_us */
    int64_t highest_us;              /* highest queue_us, slowly forgotten */
};

/* Begins without a measurement. */
void roundtrip_start(struct roundtrip *trip, int64_t now_us);
/* A request was answered after trip_us. */
void roundtrip_measured(struct roundtrip *trip, int64_t trip_us, int64_t now_us);
/* Returns the time after which a request counts as lost: that of RFC 6298 with a short minimum,
 * doubled for each of the requests that were lost in a row, up to a second. */
int64_t roundtrip_timeout_us(const struct roundtrip *trip, unsigned lost);

#endif
