/*
 * help.h - prints the texts of -h and --help.
 */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>

/* Prints the common options on one screen. If all is true, prints every option, under headings.
 * Returns the exit code. */
int help_show(bool all);

#endif
