/*
 * sandbox.h - gives up what a run no longer needs once it has started: after that, a fault in the
 * handling of datagrams cannot open files, make sockets or execute programs. The helper process
 * (helper.h) opens the files that options name, and starts programs.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

#include "options/options.h"

/* Returns true if the run gets a sandbox: not with --no-sandbox, not in a build with a sanitizer, and
 * not where the kernel has no seccomp filters, as under qemu-user. */
bool sandbox_is_on(const struct options *options);

/* With a sandbox: keeps keys out of core dumps, and other processes of the same user away from the memory of this
 * one. Call this before keys are loaded. */
void sandbox_hide_memory(const struct options *options);

/* For the process of a program: restores the limits that sandbox_hide_memory() has changed. */
void sandbox_restore_limits(void);

/* What the run still has to do inside. */
struct sandbox_needs {
    bool sockets;  /* a client tries several addresses, so it opens more UDP sockets */
    bool programs; /* programs are started by the helper, and signalled by this process */
    bool packets;  /* their input and output is a socket (--frame=packet) */
};

/* Enters the sandbox. Returns 0, or an exit code after reporting the error. */
int sandbox_enter(const struct options *options, const struct sandbox_needs *needs);
/* Gives up making sockets too, if sandbox_enter() has permitted it. */
void sandbox_connected(void);

#endif
