/*
 * parse.h - parses the command line, with the option table.
 */
#ifndef PARSE_H
#define PARSE_H

#include "options/options.h"

#define OPTIONS_RUN (-1) /* result of options_parse(): start the run */

/* Searches the command line for --json, before it is parsed: errors on it are events, too. Returns true if --json is
 * given. *file: its FILE, or NULL. */
bool options_find_json(const char **file, int argc, char **argv);

/* Parses the command line into options. Returns OPTIONS_RUN, or an exit code after printing the
 * help or reporting an error. */
int options_parse(struct options *options, int argc, char **argv);

#endif
