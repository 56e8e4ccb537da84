/*
 * events.h - the library's context, and its callbacks.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "app.h"

/* Makes app->dtls. Returns 0, or an exit code after reporting why. */
int events_start(struct app *app);

#endif
