/*
 * configure.h - translates the options into the configuration of the library.
 */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "options/options.h"

/* Changes config as options require. Pointers in config refer to options afterwards. */
void configure(dtls_config_t *config, const struct options *options);

#endif
