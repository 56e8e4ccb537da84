/*
 * stdineof.h - what happens at the end of stdin: a client closes after -q of silence, and with -N
 * all sessions are closed at once. Otherwise a listener continues to receive.
 */
#ifndef STDINEOF_H
#define STDINEOF_H

#include "app.h"

/* Reports what the end of stdin (Ctrl-D) means for the run, if stdin is a terminal. */
void stdineof_report(const struct app *app);

/* Closes the sessions if stdin has ended and all its data is sent. Returns the time of the next
 * call in microseconds of clock_us(), or CLOCK_NEVER. */
int64_t stdineof_check(struct app *app, int64_t now);

#endif
