/*
 * peek.h - copies the data in a pipe and leaves it there for the next reader.
 */
#ifndef PEEK_H
#define PEEK_H

#include <stdbool.h>

/* Returns a descriptor from which a copy of the data can be read, for the caller to close. Returns
 * -1 if fd is not a pipe, if the pipe is empty, or if the system cannot copy pipes. */
int peek_pipe(int fd);

/* Enlarges a pipe to 1 MiB if it is full, given its unread bytes, so that its writer can continue.
 * Returns false if it is not full, if fd is not a pipe, or if the system refuses. */
bool peek_widen(int fd, int unread);

#endif
