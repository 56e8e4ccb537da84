/*
 * nowait.h - writing without waiting to a descriptor that was not made non-blocking, since it may be shared
 * with other programs.
 */
#ifndef NOWAIT_H
#define NOWAIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As write(2): -1 with EAGAIN if it would wait. */
ssize_t nowait_write(int fd, const uint8_t *data, size_t length);

#endif
