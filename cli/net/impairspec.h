/*
 * impairspec.h - parses the rules of a simulated network, as in "loss=5%,delay=out:20ms,drop=in:3".
 */
#ifndef IMPAIRSPEC_H
#define IMPAIRSPEC_H

#include "net/impair.h"

#define IMPAIRSPEC_ITEM 64

/* Parses rules and adds them to config. Of two items that set the same value, the later one applies.
 * Returns NULL, or what was expected instead of the first invalid item; then writes that item, or
 * its beginning, to item. */
const char *impairspec_parse(struct impair_config *config, const char *text,
                             char item[IMPAIRSPEC_ITEM]);

#endif
