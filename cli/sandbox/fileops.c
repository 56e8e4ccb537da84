#include "sandbox/fileops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char created[PATH_MAX]; /* path of the file of fileops_create(); empty if there is none */

int fileops_open(const char *path, int flags)
{
    return open(path, flags | O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

int fileops_create(const char *path)
{
    if ((size_t)snprintf(created, sizeof created, "%s.XXXXXX", path) >= sizeof created) {
        created[0] = '\0';
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(created, O_CLOEXEC); /* creates the file with mode 0600 */
    if (fd < 0)
        created[0] = '\0';
    return fd;
}

int fileops_replace(const char *path)
{
    int result = rename(created, path);

    if (result == 0)
        created[0] = '\0';
    return result;
}

int fileops_discard(const char *path)
{
    (void)path;
    int result = created[0] != '\0' ? unlink(created) : 0;

    created[0] = '\0';
    return result;
}

int fileops_remove(const char *path)
{
    return unlink(path);
}
