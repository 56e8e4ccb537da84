/*
 * watch.h - the descriptors of programs in the epoll(7) set of programs.h.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

struct child;

/* Waits for what the program can do now. sending: its peer accepts output. */
void watch_program(struct child *child, bool sending);
/* Stops waiting for a descriptor of the program that is going to be closed. */
void watch_forget(struct child *child, int fd);

#endif
