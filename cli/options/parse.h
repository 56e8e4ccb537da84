/*
 * parse.h - parses the command line, with the option table.
 */
#ifndef PARSE_H
#define PARSE_H

#include "options/options.h"

#define OPTIONS_RUN (-1) /* result of options_parse(): start the run */

/* Parses the command line into options. Returns OPTIONS_RUN, or an exit code after printing the
 * help or reporting an error. */
int options_parse(struct options *options, int argc, char **argv);

#endif
