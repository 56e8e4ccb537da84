/*
 * nowait.h - writes without blocking to a descriptor that has no O_NONBLOCK. Other programs may
 * share the descriptor, and O_NONBLOCK would apply to them too.
 */
#ifndef NOWAIT_H
#define NOWAIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes like write(2), but returns -1 with EAGAIN if that would block. */
ssize_t nowait_write(int fd, const uint8_t *data, size_t length);

#endif
