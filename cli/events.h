/*
 * events.h - creates the library context, and has the callbacks through which the library reports
 * events.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "app.h"

/* Creates app->dtls. Returns EXIT_DONE, or another exit code after reporting the error. */
int events_start(struct app *app);
/* Passes app->secrets to the library, if there are any and the library was started. Returns 0, or
 * an exit code after reporting the error. */
int events_set_secrets(struct app *app);

#endif
