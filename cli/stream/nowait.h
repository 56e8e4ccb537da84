/*
 * nowait.h - non-blocking writes to a descriptor without O_NONBLOCK. The descriptor may be shared
 * with other programs, and the flag would change their behaviour too.
 */
#ifndef NOWAIT_H
#define NOWAIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Like write(2), but returns -1 with EAGAIN instead of blocking. */
ssize_t nowait_write(int fd, const uint8_t *data, size_t length);

#endif
