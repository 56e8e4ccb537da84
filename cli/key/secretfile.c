#include "key/secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/report.h"
#include "sandbox/helper.h"

static uid_t later_user; /* the user of --user; 0: not given */

static bool names_descriptor(const char *path)
{
    static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/", "/dev/stdin"};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

int secretfile_open(const char *path, int flags)
{
    return helper_open(path, flags | (names_descriptor(path) ? 0 : O_NOFOLLOW));
}

const char *secretfile_error(int error)
{
    return error == ELOOP ? "it is a symbolic link, which could be changed to name another file: "
                            "give the path of the file itself (see realpath)"
                          : strerror(error);
}

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

const char *secretfile_quoted(char text[QUOTED_MAX], const char *path)
{
    const char *quote = strpbrk(path, " \t\"$&();<>*?|`\\") != NULL ? "'" : "";

    snprintf(text, QUOTED_MAX, "%s%.200s%s", quote, path, quote);
    return text;
}

/* Root has to check the owner as well: a file of another user can be changed by that user. */
static bool has_safe_owner(const char *path, const struct stat *status, const char *otherwise)
{
    char quoted[QUOTED_MAX], expected[64];
    uid_t own = geteuid();

    if (status->st_uid == 0 || status->st_uid == own || status->st_uid == later_user)
        return true;
    if (names_descriptor(path) && !S_ISREG(status->st_mode))
        return true; /* a pipe that this process has been given, as by --psk=file:<(command) */
    snprintf(expected, sizeof expected, own == 0 ? "UID 0 (root)" : "UID %u or 0 (root)",
             (unsigned)own);
    report("%.200s belongs to UID %u, so its contents are not safe: expected %s: use chown %u "
           "%s%s%s",
           path, (unsigned)status->st_uid, expected, (unsigned)own, secretfile_quoted(quoted, path),
           otherwise != NULL ? "; " : "", otherwise != NULL ? otherwise : "");
    return false;
}

void secretfile_trust(uid_t user)
{
    later_user = user;
}

bool secretfile_is_safe(const char *path, int fd, const char *otherwise)
{
    char advice[768], quoted[QUOTED_MAX];
    struct stat status;

    if (fstat(fd, &status) != 0) {
        report("cannot read %.200s: %s", path, strerror(errno));
        return false;
    }
    snprintf(advice, sizeof advice, "use chmod 600 %s%s%s", secretfile_quoted(quoted, path),
             otherwise != NULL ? "; " : "", otherwise != NULL ? otherwise : "");
    return has_safe_owner(path, &status, otherwise) && secretfile_is_private_or(path, fd, advice);
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
