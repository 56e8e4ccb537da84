/*
 * conflicts.h - checks that the options on the command line can be combined.
 */
#ifndef CONFLICTS_H
#define CONFLICTS_H

#include "options/optiontable.h"

/* Checks all options that are given. given[i] is true if the command line has option i of the
 * table. If an option conflicts with another one, or needs one that is missing, reports that and
 * returns false. */
bool conflicts_check(const struct options *options, const bool given[OPTION_ROWS]);

#endif
