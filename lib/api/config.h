/*
 * config.h - the configuration of a context: its defaults and checks, and the lists made from it.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "conn/state.h"

/* True if all values are in range. */
bool config_makes_sense(const dtls_config_t *config);
/* Copies the configuration and makes the lists of suites and groups. Returns false if a list has an unknown
 * number, or no suite is left. */
bool config_copy(dtls_context_t *ctx, const dtls_config_t *config);

#endif
