/*
 * conflicts.h - checks that the options of a command line can be combined.
 */
#ifndef CONFLICTS_H
#define CONFLICTS_H

#include "options/optiontable.h"

/* Checks the options against each other. given[i]: the command line has option i of the table. Returns false, after
 * reporting it, if an option lacks what it needs or cannot be combined with another one. */
bool conflicts_check(const struct options *options, const bool given[OPTION_ROWS]);

#endif
