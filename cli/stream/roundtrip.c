#include "stream/roundtrip.h"

#define FIRST_TIMEOUT_US 400000 /* the time-out before the first measurement */
#define LEAST_TIMEOUT_US 2000   /* added to each time-out, since hosts do not answer at once */
#define LONGEST_TIMEOUT_US 1000000
#define OLD_US 5000000  /* age at which least_us is replaced by next_us */
#define NEXT_US 1500000 /* age of least_us from which on next_us is measured */
#define FORGET 64       /* each measurement lowers highest_us by 1 / FORGET of its value */

void roundtrip_start(struct roundtrip *trip, int64_t now_us)
{
    *trip = (struct roundtrip){.least_us = INT64_MAX, .least_at_us = now_us, .next_us = INT64_MAX};
}

/* The path may have become longer, so an old lowest round trip is replaced by a later one. */
static void update_least(struct roundtrip *trip, int64_t trip_us, int64_t now_us)
{
    int64_t age_us = now_us - trip->least_at_us;

    if (age_us > NEXT_US && trip_us < trip->next_us)
        trip->next_us = trip_us;
    if (trip_us <= trip->least_us) {
        trip->least_us = trip_us;
        trip->least_at_us = now_us;
        trip->next_us = INT64_MAX;
    } else if (age_us > OLD_US) {
        trip->least_us = trip->next_us;
        trip->least_at_us = now_us - NEXT_US;
        trip->next_us = INT64_MAX;
    }
}

static void update_average(struct roundtrip *trip, int64_t trip_us)
{
    int64_t error_us =
        trip_us > trip->smooth_us ? trip_us - trip->smooth_us : trip->smooth_us - trip_us;

    if (trip->smooth_us == 0) {
        trip->smooth_us = trip_us;
        trip->deviation_us = trip_us / 2;
        return;
    }
    trip->deviation_us += (error_us - trip->deviation_us) / 4;
    trip->smooth_us += (trip_us - trip->smooth_us) / 8;
}

void roundtrip_measured(struct roundtrip *trip, int64_t trip_us, int64_t now_us)
{
    if (trip_us < 1)
        trip_us = 1;
    update_average(trip, trip_us);
    update_least(trip, trip_us, now_us);
    trip->queue_us = trip_us - trip->least_us;
    trip->highest_us -= trip->highest_us / FORGET;
    if (trip->queue_us > trip->highest_us)
        trip->highest_us = trip->queue_us;
}

int64_t roundtrip_timeout_us(const struct roundtrip *trip, unsigned lost)
{
    int64_t time_us = trip->smooth_us + 4 * trip->deviation_us + LEAST_TIMEOUT_US;

    if (trip->smooth_us == 0)
        time_us = FIRST_TIMEOUT_US;
    while (lost-- > 0 && time_us < LONGEST_TIMEOUT_US)
        time_us = 2 * time_us < LONGEST_TIMEOUT_US ? 2 * time_us : LONGEST_TIMEOUT_US;
    return time_us;
}
