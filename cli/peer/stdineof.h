/*
 * stdineof.h - what happens at the end of stdin: a client closes after -q of silence, and with -N
 * all sessions are closed at once. Otherwise a listener continues to receive.
 */
#ifndef STDINEOF_H
#define STDINEOF_H

#include "app.h"

/* Reports what happens now that stdin has ended, if stdin is a terminal (Ctrl-D). */
void stdineof_report(const struct app *app);

/* Closes sessions once stdin has ended and all its data is sent. Returns when to call it again, in
 * microseconds of clock_us(), or CLOCK_NEVER. */
int64_t stdineof_check(struct app *app, int64_t now);

#endif
