/*
 * config.h - the configuration of a context: its defaults, its checks, its own copies of lists.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "conn/state.h"

bool config_makes_sense(const dtls_config_t *config);
/* False: a list names what is not known, or nothing of it is of the version. */
bool config_copy(dtls_context_t *ctx, const dtls_config_t *config);

#endif
