/*
 * helper.h - a process that stays outside the sandbox. It does a fixed list of things: it opens,
 * replaces and removes the files that options name, and starts the program that an option names. It
 * has no keys. The functions do the same in this process if no helper was started.
 *
 * The helper is a child of the process that it serves, and ends with it. They share one socket.
 */
#ifndef HELPER_H
#define HELPER_H

#include "options/options.h"
#include "sandbox/launch.h"

#define HELPER_PATHS 3

struct helper_config {
    const struct options *options;
    const char *paths[HELPER_PATHS]; /* the only paths that it accepts; NULL: none */
    void (*forget)(void *hook);      /* the helper calls this to wipe keys from its memory */
    void *hook;
};

/* Starts the helper. Returns 0, or an exit code after reporting the error. */
int helper_start(const struct helper_config *config);
/* Ends the helper. */
void helper_stop(void);

/* These functions are explained in fileops.h. */
int helper_open(const char *path, int flags);
int helper_create(const char *path);
int helper_replace(const char *path);
int helper_discard(const char *path);
int helper_remove(const char *path);

/* Starts the program of -e or -c as a child of this process. Returns 0, or an error number. */
int helper_launch(pid_t *pid, const struct options *options, const struct launch *launch);

#endif
