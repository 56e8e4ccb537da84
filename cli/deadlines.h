/*
 * deadlines.h - the time limits of sessions: idle limit, linger after the end of stdin, liveness, drain of stdout.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "app.h"

/* Handles the deadlines that have passed. Returns when to call it again at the latest, in microseconds of clock_us();
 * CLOCK_NEVER: none is set. */
int64_t deadlines_check(struct app *app);

/* Called after a signal: from now on stdout has to accept data at least every two seconds. */
void deadlines_drain(struct app *app);

#endif
