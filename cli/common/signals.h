/*
 * signals.h - signals as something that poll(2) sees: SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* From now on they only make signals_fd() readable; but the second of those that end the run exits. */
bool signals_catch(bool hangup_ends);
int signals_fd(void);

/* The number of the next signal that has come, 0: none. */
int signals_next(void);

#endif
