/*
 * launch.h - executes the program of -e or -c.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <sys/types.h>

#include "options/options.h"

/* The values of the environment variables that describe the client. */
enum launch_variable {
    LAUNCH_PEER,
    LAUNCH_IDENTITY,
    LAUNCH_SUITE,
    LAUNCH_VERSION,
    LAUNCH_VARIABLES
};

struct launch {
    const char *values[LAUNCH_VARIABLES];
    int in, out; /* descriptors for its standard input and output */
};

/* Starts the program as a child of this process. Returns 0, or an error number. */
int launch_here(pid_t *pid, const struct options *options, const struct launch *launch);

/* For the helper: starts the program as a child of the parent of this process, so that the parent
 * gets its exit status. */
int launch_for_parent(pid_t *pid, const struct options *options, const struct launch *launch);

#endif
