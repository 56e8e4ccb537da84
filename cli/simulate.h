/*
 * simulate.h - starts the simulated network of --sim, and reports what it did.
 */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "app.h"

/* Starts the simulated network if --sim is given. Prints its seed if --sim has none. Returns 0, or
 * an exit code after reporting an error. */
int simulate_start(struct app *app);

/* With --stats, prints the counters of the simulated network. */
void simulate_report(const struct app *app);

#endif
