#include "report/capturefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/nowait.h"
#include "common/numbers.h"
#include "common/report.h"
#include "key/secretfile.h"

#define SECRETS_BYTES (256 << 10) /* the part of the queue that is kept for secrets */
#define WRITE_BYTES (128 << 10)   /* write when the queue is this long */
#define FINISH_US 1000000         /* longest wait for the reader at the end */

/* ---- opening -------------------------------------------------------------------------------- */

/* Returns the descriptor that a path such as /dev/fd/3 names, or -1. */
static int descriptor_of(const char *path)
{
    static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    unsigned long number;

    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (strcmp(path, standard[fd]) == 0)
            return fd;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) == 0 &&
            parse_number(path + length, 0, INT_MAX, &number))
            return (int)number;
    }
    return -1;
}

/* Returns true if the file is that of stdout. A device such as /dev/null may be shared, but not a
 * terminal. */
static bool is_stdout(int fd)
{
    struct stat own, out;

    return fstat(fd, &own) == 0 && fstat(STDOUT_FILENO, &out) == 0 && own.st_dev == out.st_dev &&
           own.st_ino == out.st_ino && (!S_ISCHR(own.st_mode) || isatty(fd));
}

static int refuse_stdout(const char *path)
{
    report("--pcap cannot write to %.200s: stdout and stderr have other data; give a file, or "
           "another descriptor, as in --pcap=/dev/fd/3 3>FILE",
           path);
    return EXIT_USAGE;
}

/* Uses the descriptor itself, so that its offset and permissions apply, and so that programs do not
 * inherit it. */
static int open_descriptor(struct capturefile *file, int fd)
{
    int mode = fcntl(fd, F_GETFL);

    if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY) {
        report("--pcap: descriptor %d is not open for writing: open it, as in --pcap=/dev/fd/%d "
               "%d>FILE",
               fd, fd, fd);
        return EXIT_USAGE;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    file->fd = fd;
    return EXIT_DONE;
}

static int open_path(struct capturefile *file)
{
    int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;

    file->fd = open(file->path, flags, 0600);
    if (file->fd < 0) {
        report("cannot write the capture %.200s: %s", file->path, secretfile_error(errno));
        return EXIT_IO;
    }
    return secretfile_is_safe(file->path, file->fd, NULL) ? EXIT_DONE : EXIT_USAGE;
}

static int open_any(struct capturefile *file, const char *path)
{
    int number = descriptor_of(path), code;
    struct stat status;

    if (strcmp(path, "-") == 0 || (number >= 0 && number <= STDERR_FILENO))
        return refuse_stdout(path);
    code = number >= 0 ? open_descriptor(file, number) : open_path(file);
    if (code == EXIT_DONE && is_stdout(file->fd))
        code = refuse_stdout(path);
    if (code != EXIT_DONE)
        return code;
    file->is_file = fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode);
    if (!file->is_file || number >= 0 || ftruncate(file->fd, 0) == 0)
        return EXIT_DONE;
    report("cannot empty the capture %.200s: %s", path, strerror(errno));
    return EXIT_IO;
}

int capturefile_open(struct capturefile *file, const char *path)
{
    file->path = path;
    file->fd = -1;
    int code = open_any(file, path);
    if (code != EXIT_DONE) {
        if (file->fd >= 0)
            close(file->fd);
        return code;
    }
    report_note(
        "warning: the capture %.200s has the secrets of this run, so its readers can decrypt "
        "all data",
        path);
    return EXIT_DONE;
}

/* ---- writing -------------------------------------------------------------------------------- */

static size_t queued(const struct capturefile *file)
{
    return file->end - file->start;
}

/* Ends the capture after an error of writing. */
static void stop(struct capturefile *file)
{
    bool gone = errno == EPIPE || errno == ECONNRESET;

    report("cannot write the capture %.200s: %s; the capture is incomplete", file->path,
           gone ? "its reader has closed" : strerror(errno));
    file->failed = !gone;
    close(file->fd);
    file->fd = -1;
    file->start = file->end;
}

static void forget_written(struct capturefile *file)
{
    if (queued(file) > 0)
        return;
    if (file->has_secrets)
        explicit_bzero(file->bytes, file->end);
    file->has_secrets = false;
    file->start = file->end = 0;
}

void capturefile_write(struct capturefile *file)
{
    file->blocked = false;
    while (file->fd >= 0 && queued(file) > 0 && !file->blocked) {
        const uint8_t *next = file->bytes + file->start;
        ssize_t written = file->is_file ? write(file->fd, next, queued(file))
                                        : nowait_write(file->fd, next, queued(file));
        if (written >= 0)
            file->start += (size_t)written;
        else if (errno == EAGAIN)
            file->blocked = true;
        else if (errno != EINTR)
            stop(file);
    }
    forget_written(file);
}

void capturefile_close(struct capturefile *file)
{
    int64_t until = clock_us() + FINISH_US, left;

    capturefile_write(file);
    while (file->blocked && (left = until - clock_us()) > 0) {
        struct pollfd ready = {.fd = file->fd, .events = POLLOUT};
        poll(&ready, 1, (int)(left / 1000) + 1);
        capturefile_write(file);
    }
    if (queued(file) > 0 && !file->loss_reported)
        report("the reader of the capture %.200s has stopped; the capture is incomplete",
               file->path);
    if (file->fd >= 0)
        close(file->fd);
    explicit_bzero(file->bytes, file->end);
}

/* ---- the queue ------------------------------------------------------------------------------ */

/* Moves what is queued to the start, but only if at least as many bytes were written before it. Then
 * each byte is moved once at most, on average. */
static void compact(struct capturefile *file)
{
    size_t length = queued(file);

    if (file->start < length)
        return;
    memmove(file->bytes, file->bytes + file->start, length);
    explicit_bzero(file->bytes + length, file->end - length);
    file->start = 0;
    file->end = length;
}

uint8_t *capturefile_space(struct capturefile *file, size_t size, bool secret)
{
    size_t most = sizeof file->bytes - (secret ? 0 : SECRETS_BYTES);

    if (queued(file) >= WRITE_BYTES && !file->blocked)
        capturefile_write(file);
    if (file->end + size > most)
        capturefile_write(file);
    if (file->end + size > most)
        compact(file);
    if (file->fd >= 0 && file->end + size <= most)
        return file->bytes + file->end;
    if (file->fd >= 0 && !file->loss_reported) {
        report("the reader of the capture %.200s is too slow; the capture is incomplete",
               file->path);
        file->loss_reported = true;
    }
    return NULL;
}

void capturefile_add(struct capturefile *file, size_t length, bool secret)
{
    file->end += length;
    file->has_secrets |= secret;
}
