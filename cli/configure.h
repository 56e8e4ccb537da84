/*
 * configure.h - what the options mean to the library.
 */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "options/options.h"

/* Changes what options ask for. Pointers of the result lead into options. */
void configure(dtls_config_t *config, const struct options *options);

#endif
