/*
 * loop.h - the event loop. It waits for datagrams, stdin, stdout, programs, timers and signals, and
 * handles them.
 */
#ifndef LOOP_H
#define LOOP_H

#include "app.h"

/* Runs until all sessions and programs have ended, and all output is written. */
void loop_run(struct app *app);

#endif
