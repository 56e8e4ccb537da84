/*
 * agree.h - what is right for itself on a command line, but not together.
 */
#ifndef AGREE_H
#define AGREE_H

#include "options/options.h"

/* False: something has no use, or no sense, beside the rest; which is said. */
bool options_agree(const struct options *options);

#endif
