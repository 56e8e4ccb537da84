/*
 * deadlines.h - how long things may take, and what happens then: silence, the end of stdin, signs of life.
 */
#ifndef DEADLINES_H
#define DEADLINES_H

#include "app.h"

/* Does what is due. When to call it again, at the latest, in microseconds of clock_us(). */
int64_t deadlines_check(struct app *app);

/* A signal has come: from now on stdout has two seconds for each piece that it takes. */
void deadlines_drain(struct app *app);

#endif
