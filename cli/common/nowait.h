/*
 * nowait.h - writes without blocking to a descriptor that has no O_NONBLOCK. Other programs may
 * share the descriptor, and O_NONBLOCK would apply to them too.
 */
#ifndef NOWAIT_H
#define NOWAIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Returns the descriptor to write with nowait_write(). For a terminal this is a new descriptor,
 * which no other program shares. Otherwise it is fd. */
int nowait_descriptor(int fd);

/* Writes like write(2), but returns -1 with EAGAIN if that would block. */
ssize_t nowait_write(int fd, const uint8_t *data, size_t length);

#endif
