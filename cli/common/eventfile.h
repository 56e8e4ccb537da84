/*
 * eventfile.h - the file of --json: a path, an open descriptor, or stderr.
 */
#ifndef EVENTFILE_H
#define EVENTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct event_file {
    int fd; /* -1: none */
    bool is_stderr;
    bool
        never_full; /* a regular file, or a device such as /dev/null: writing does not block for long */
};

/* Opens the file. path NULL is stderr, and /dev/fd/N the descriptor N. Refuses stdout, which has the data of the peer.
 * Returns 0, or an exit code after reporting the error. */
int eventfile_open(struct event_file *file, const char *path);

/* Writes like write(2), but returns -1 with EAGAIN if that would block. */
ssize_t eventfile_write(const struct event_file *file, const char *text, size_t length);

#endif
