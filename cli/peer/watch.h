/*
 * watch.h - the descriptors of programs in the epoll(7) set of programs.h.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

struct child;

/* Makes epoll(7) report when the program can read its queued input, and when it has output.
 * sending is true if the peer accepts data. If it is false, output is not reported until the
 * session has ended. */
void watch_program(struct child *child, bool sending);
/* Stops waiting for a descriptor of the program that is going to be closed. */
void watch_forget(struct child *child, int fd);

#endif
