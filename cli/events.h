/*
 * events.h - creates the context of the library, with its callbacks.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "app.h"

/* Creates app->dtls. Returns EXIT_DONE, or an exit code after reporting the error. */
int events_start(struct app *app);

#endif
