/*
 * parse.h - the command line, by the table of options: what it means, and the help.
 */
#ifndef PARSE_H
#define PARSE_H

#include "options/options.h"

#define OPTIONS_RUN (-1) /* options_parse(): go on */

/* OPTIONS_RUN, or the exit code with which all is done: help shown, or a mistake said. */
int options_parse(struct options *options, int argc, char **argv);

#endif
