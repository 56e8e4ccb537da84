/*
 * signals.h - makes signals visible to poll(2): SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGCHLD.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* Installs the handlers: from now on a signal makes signals_fd() readable. SIGINT and SIGTERM end
 * the run, and SIGHUP too if hangup_ends is set. The second signal of these exits at once. Returns
 * false with errno on failure. */
bool signals_catch(bool hangup_ends);
int signals_fd(void);

/* Returns the number of the next pending signal, or 0. */
int signals_next(void);

#endif
