#include "stream/nowait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/uio.h>
#include <unistd.h>

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

/* Writes without RWF_NOWAIT. If poll(2) reports that a pipe is writable, a write of at most
 * PIPE_BUF bytes does not block. */
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

    return write_at_once(fd, data, length, &written) ? written : write_when_ready(fd, data, length);
}
