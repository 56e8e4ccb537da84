#include "key/secretfile.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/report.h"

bool secretfile_is_private_or(const char *name, int fd, const char *advice)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 066) == 0)
        return true;
    report("%.200s is accessible to other users (mode %03o), so its keys are not secret: "
           "%s",
           name, (unsigned)status.st_mode & 0777, advice);
    return false;
}

bool secretfile_is_private(const char *path, int fd)
{
    char advice[256];

    snprintf(advice, sizeof advice, "use chmod 600 %.200s", path);
    return secretfile_is_private_or(path, fd, advice);
}

ssize_t secretfile_read(int fd, void *data, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, (char *)data + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)used;
        used += (size_t)got;
    }
    errno = EFBIG;
    return -1;
}
