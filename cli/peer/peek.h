/*
 * peek.h - what waits in a pipe, without taking it from the next reader.
 */
#ifndef PEEK_H
#define PEEK_H

/* A descriptor with a copy of it; -1: the descriptor is no pipe, nothing waits there, or the system has no such
 * call. */
int peek_pipe(int fd);

#endif
