/*
 * reload.h - SIGHUP makes a listener load its key file and its secrets again.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "app.h"

/* Returns true if there is something to load again. Otherwise SIGHUP ends the run. */
bool reload_is_possible(const struct app *app);
/* Loads the key file and the file of --secrets again. Reports what cannot be loaded: the
 * old keys or secrets then remain in use. Returns true if something was loaded. */
bool reload(struct app *app);

#endif
