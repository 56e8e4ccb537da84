#include "common/nowait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* A terminal is writable as soon as one byte fits, and a longer write blocks for as long as its
 * reader is stopped. So a terminal is opened a second time, with O_NONBLOCK. */
int nowait_descriptor(int fd)
{
    char path[32];

    if (!isatty(fd))
        return fd;
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own >= 0 ? own : fd;
}

/* Writes with RWF_NOWAIT of Linux. Returns false if the system, or this type of file, does not
 * support that flag. */
static bool write_at_once(int fd, const uint8_t *data, size_t length, ssize_t *written)
{
#ifdef RWF_NOWAIT
    struct iovec part = {(void *)(uintptr_t)data, length};

    *written = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
    return *written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL);
#else
    (void)fd, (void)data, (void)length, (void)written;
    return false;
#endif
}

/* Returns false if fd is not a socket. */
static bool send_at_once(int fd, const uint8_t *data, size_t length, ssize_t *written)
{
    *written = send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    return *written >= 0 || errno != ENOTSOCK;
}

/* If poll(2) reports that a pipe is writable, a write of at most PIPE_BUF bytes does not block. */
static ssize_t write_when_ready(int fd, const uint8_t *data, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (poll(&ready, 1, 0) == 1)
        return write(fd, data, length < PIPE_BUF ? length : PIPE_BUF);
    errno = EAGAIN;
    return -1;
}

ssize_t nowait_write(int fd, const uint8_t *data, size_t length)
{
    ssize_t written;

    if (write_at_once(fd, data, length, &written) || send_at_once(fd, data, length, &written))
        return written;
    return write_when_ready(fd, data, length);
}
