/*
 * loop.h - waiting for whatever comes next: datagrams, stdin, stdout, time, signals.
 */
#ifndef LOOP_H
#define LOOP_H

#include "app.h"

/* Runs until it is over, stdout has everything and programs have ended. False: no memory. */
bool loop_run(struct app *app);

#endif
