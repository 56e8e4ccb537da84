/*
 * seccomp.h - a filter of system calls: what is not in its list fails with EPERM.
 */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <stdbool.h>

enum seccomp_set {
    SECCOMP_BASE = 1 << 0,     /* reading, writing, waiting, memory, time */
    SECCOMP_SOCKETS = 1 << 1,  /* making UDP sockets, and replacing the filter by a stricter one */
    SECCOMP_PROGRAMS = 1 << 2, /* signals to programs */
    SECCOMP_PACKETS = 1 << 3   /* socketpair(2) */
};

/* Returns true if the kernel and this build support filters. */
bool seccomp_is_available(void);
/* Installs a filter that permits these sets, combined with |. Returns false with errno. */
bool seccomp_install(unsigned sets);

#endif
