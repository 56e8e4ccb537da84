/*
 * deadlines.h - checks the time limits of a peer: -w, --idle, --keepalive and --lost-after, and the
 * time for stdout after a signal.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "app.h"

struct peer;

/* Handle the deadlines that have passed. Return the next deadline in microseconds of clock_us(), or
 * CLOCK_NEVER if there is none. */
int64_t deadlines_check_peer(struct peer *peer, int64_t now);
/* Call this after all calls of deadlines_check_peer(): one may have ended the last session. */
int64_t deadlines_check_reader(struct app *app, int64_t now);

/* Starts the limit for stdout after a signal: the run ends if stdout accepts nothing for two
 * seconds. */
void deadlines_drain(struct app *app);

#endif
