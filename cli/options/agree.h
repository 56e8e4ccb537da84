/*
 * agree.h - what is right for itself on a command line, but not together.
 */
#ifndef AGREE_H
#define AGREE_H

#include "options/optiontable.h"

/* given: which rows the command line has. False: an option lacks what it needs, or excludes another one, which is
 * reported. */
bool options_agree(const struct options *options, const bool given[OPTION_ROWS]);

#endif
