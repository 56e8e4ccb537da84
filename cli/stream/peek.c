#include "stream/peek.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define ROOM (1 << 20) /* size of a pipe in bytes: the default limit of Linux for a user */

bool peek_widen(int fd, int unread)
{
#ifdef F_SETPIPE_SZ
    int size = fcntl(fd, F_GETPIPE_SZ);

    /* A pipe is full when all its pages are in use, even if each page is filled only in part. So
     * enlarge a pipe whose unread bytes are more than half of its size. */
    return size >= 0 && unread > size / 2 && fcntl(fd, F_SETPIPE_SZ, ROOM) >= 0;
#else
    (void)fd, (void)unread;
    return false;
#endif
}

int peek_pipe(int fd)
{
#ifdef F_GETPIPE_SZ
    int copy[2], size = fcntl(fd, F_GETPIPE_SZ);

    if (size < 0 || pipe2(copy, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    fcntl(copy[1], F_SETPIPE_SZ, size);
    ssize_t copied = tee(fd, copy[1], INT_MAX, SPLICE_F_NONBLOCK);
    close(copy[1]);
    if (copied > 0)
        return copy[0];
    close(copy[0]);
#else
    (void)fd;
#endif
    return -1;
}
