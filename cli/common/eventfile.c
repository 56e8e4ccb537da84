#include "common/eventfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/nowait.h"
#include "common/numbers.h"
#include "common/report.h"

/* Returns the number of a descriptor from its path, or -1. */
static int number_of(const char *path)
{
    static const struct {
        const char *prefix;
        int number; /* -1: the rest of the path is the number */
    } forms[] = {{"/dev/stdout", STDOUT_FILENO},
                 {"/dev/stderr", STDERR_FILENO},
                 {"/dev/fd/", -1},
                 {"/proc/self/fd/", -1}};
    unsigned long number;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t length = strlen(forms[i].prefix);
        if (strncmp(path, forms[i].prefix, length) != 0)
            continue;
        if (forms[i].number >= 0 && path[length] == '\0')
            return forms[i].number;
        if (forms[i].number < 0 && parse_number(path + length, 0, INT_MAX, &number))
            return (int)number;
    }
    return -1;
}

/* Events between the data of the peer would damage it. */
static bool is_stdout(int fd)
{
    struct stat file, out;

    return fstat(fd, &file) == 0 && fstat(STDOUT_FILENO, &out) == 0 && file.st_dev == out.st_dev &&
           file.st_ino == out.st_ino && !S_ISCHR(file.st_mode);
}

/* An open descriptor may be a socket, which cannot be opened by its path. */
static int open_path(const char *path)
{
    int number = number_of(path);

    if (number >= 0)
        return fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    /* The events have the addresses and identities of peers, so only the owner may read the file. */
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
}

static int open_file(struct event_file *file, const char *path)
{
    if (number_of(path) == STDOUT_FILENO) {
        report("--json cannot use stdout, which is for the data of the peer: use --json for "
               "stderr, or "
               "--json=FILE");
        return EXIT_USAGE;
    }
    file->fd = open_path(path);
    if (file->fd < 0) {
        report("cannot write the file of --json, %.200s: %s", path, strerror(errno));
        return EXIT_IO;
    }
    if (!is_stdout(file->fd))
        return EXIT_DONE;
    report("the file of --json is that of stdout, which is for the data of the peer: use another "
           "file");
    close(file->fd);
    file->fd = -1;
    return EXIT_USAGE;
}

int eventfile_open(struct event_file *file, const char *path)
{
    struct stat status;
    int code = EXIT_DONE;

    file->is_stderr = path == NULL || number_of(path) == STDERR_FILENO;
    if (file->is_stderr)
        file->fd = nowait_descriptor(STDERR_FILENO);
    else
        code = open_file(file, path);
    if (code != EXIT_DONE)
        return code;
    file->never_full =
        fstat(file->fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode) ||
                                          (S_ISCHR(status.st_mode) && !isatty(file->fd)));
    return EXIT_DONE;
}

ssize_t eventfile_write(const struct event_file *file, const char *text, size_t length)
{
    return file->never_full ? write(file->fd, text, length)
                            : nowait_write(file->fd, (const uint8_t *)text, length);
}
