/*
 * peek.h - what waits in a pipe, without taking it from the next reader.
 */
#ifndef PEEK_H
#define PEEK_H

#include <stdbool.h>

/* A descriptor with a copy of it; -1: the descriptor is no pipe, nothing waits there, or the system has no such
 * call. */
int peek_pipe(int fd);

/* Gives a pipe as much room as the system allows, so that its writer can go on. False: as for peek_pipe(). */
bool peek_widen(int fd);

#endif
