/*
 * peek.h - copies the data in a pipe without removing it, so that the next program that reads the
 * pipe still gets it.
 */
#ifndef PEEK_H
#define PEEK_H

#include <stdbool.h>

/* Returns a descriptor from which a copy of the data can be read; the caller closes it. Returns -1
 * if fd is not a pipe, if the pipe is empty, or if the system cannot copy pipes. */
int peek_pipe(int fd);

/* Enlarges a full pipe to 1 MiB, so that its writer can continue. unread is the number of
 * bytes in the pipe. Returns false if the pipe is not full, if fd is not a pipe, or if the
 * system refuses. */
bool peek_widen(int fd, int unread);

#endif
