/*
 * deadlines.h - checks all time limits: -w, -q, --idle, --keepalive, --lost-after, and the time for
 * stdout after a signal.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "app.h"

/* Handles the deadlines that have passed. Returns the next deadline in microseconds of clock_us(),
 * or CLOCK_NEVER if there is none. */
int64_t deadlines_check(struct app *app);

/* Starts the limit for stdout after a signal: the run ends if stdout accepts nothing for two
 * seconds. */
void deadlines_drain(struct app *app);

#endif
