/*
 * config.h - the configuration of a context: its default values, its checks, and the lists of
 * suites and groups that are derived from it.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "conn/state.h"

/* Returns true if all values are in the ranges that dtls.h states. */
bool config_makes_sense(const dtls_config_t *config);
/* Copies the configuration, and derives the lists of suites and groups. Returns false if a suite or
 * group is unknown, or if no suite is left. */
bool config_copy(dtls_context_t *ctx, const dtls_config_t *config);

#endif
