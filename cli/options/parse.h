/*
 * parse.h - parses the command line by the table of options.
 */
#ifndef PARSE_H
#define PARSE_H

#include "options/options.h"

#define OPTIONS_RUN (-1) /* options_parse(): the program continues */

/* Fills in options. Returns OPTIONS_RUN, or the exit code after printing help or reporting an error. */
int options_parse(struct options *options, int argc, char **argv);

#endif
