/*
 * loop.h - the event loop: datagrams, stdin, stdout, programs, timers, signals.
 */
#ifndef LOOP_H
#define LOOP_H

#include "app.h"

/* Runs until the state is OVER, stdout is flushed and all programs have ended. Returns false after reporting that
 * memory is short. */
bool loop_run(struct app *app);

#endif
