/*
 * signals.h - SIGINT and SIGTERM as something that poll(2) sees.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* From now on the first of them only makes signals_fd() readable; the second one exits. */
bool signals_catch(void);
int signals_fd(void);

/* The number of the signal that made it readable. */
int signals_take(void);

#endif
