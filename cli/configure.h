/*
 * configure.h - translates the command-line options into the configuration of the library.
 */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "options/options.h"

/* Sets the fields of config. Some of them point into options, which must therefore stay valid. */
void configure(dtls_config_t *config, const struct options *options);

#endif
