/*
 * help.h - -h and --help.
 */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>

/* The options that are used most, on one screen; or all of them under headings. Returns the exit code. */
int help_show(bool all);

#endif
