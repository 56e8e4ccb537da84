/*
 * signals.h - delivers SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGCHLD through a descriptor, so that
 * poll(2) can wait for them.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* Installs the signal handlers, and unblocks these signals. SIGINT and SIGTERM are requests to end
 * the run, and if hangup_ends is true, so is SIGHUP. A second such signal ends the process at once.
 * Returns false with errno on failure. */
bool signals_catch(bool hangup_ends);
/* Returns the descriptor, which is readable after a signal has arrived. */
int signals_fd(void);

/* Returns the number of the next signal that has arrived, or 0. */
int signals_next(void);

#endif
