#include "key/ticketfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/identity.h"
#include "common/report.h"
#include "key/secretfile.h"
#include "sandbox/helper.h"

/* The first line of a ticket file is this text and the identity of the client. A file that begins
 * with other bytes is never replaced. */
static const char magic[] = "dtlscat ticket for ";

#define MAGIC_BYTES (sizeof magic - 1)

static int64_t to_ms(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void close_file(struct ticketfile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int refuse(const struct ticketfile *file, const char *wrong)
{
    report("cannot read a ticket from %.200s: %s", file->path, wrong);
    return EXIT_USAGE;
}

/* Checks the first line. If the line has another identity, the ticket is ignored. */
static int parse_state(struct ticketfile *file, size_t length)
{
    const uint8_t *end = memchr(file->state, '\n', length);
    size_t line = end != NULL ? (size_t)(end - file->state) : 0;

    if (length > 0 && (line < MAGIC_BYTES || memcmp(file->state, magic, MAGIC_BYTES) != 0))
        return refuse(file, "the file has no ticket and was not changed; give another file");
    bool same = line == MAGIC_BYTES + strlen(file->identity) &&
                memcmp(file->state + MAGIC_BYTES, file->identity, line - MAGIC_BYTES) == 0;
    file->length = same ? length - line - 1 : 0;
    memmove(file->state, file->state + line + 1, file->length);
    explicit_bzero(file->state + file->length, length - file->length);
    return EXIT_DONE;
}

/* A ticket must be used only once, so only the process that has locked the file may use it. If the
 * link count is 0, another process has used the ticket and removed the file. */
static int read_state(struct ticketfile *file)
{
    struct stat status;

    if (fstat(file->fd, &status) != 0)
        return refuse(file, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(file, "expected a regular file");
    if (!secretfile_is_safe(file->path, file->fd, NULL))
        return EXIT_USAGE;
    bool ours = flock(file->fd, LOCK_EX | LOCK_NB) == 0;
    if (!ours || fstat(file->fd, &status) != 0 || status.st_nlink == 0)
        return EXIT_DONE;
    ssize_t length = secretfile_read(file->fd, file->state, sizeof file->state);
    if (length < 0)
        return refuse(file, strerror(errno));
    file->written_ms = to_ms(status.st_mtim);
    return parse_state(file, (size_t)length);
}

/* Returns true if files can be created in the directory of the ticket file. ticketfile_store()
 * creates a new file there, and then renames it. */
static bool can_write_beside(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof copy, "%s", path);
    return access(dirname(copy), W_OK | X_OK) == 0;
}

int ticketfile_load(struct ticketfile *file, const char *path, const uint8_t *identity,
                    size_t length)
{
    file->path = path;
    identity_text(file->identity, identity, length);
    if (path == NULL)
        return EXIT_DONE;
    if (!can_write_beside(path)) {
        report("cannot store a ticket in %.200s: %s", path, strerror(errno));
        return EXIT_IO;
    }
    file->fd = secretfile_open(path, O_NONBLOCK);
    if (file->fd < 0)
        return errno == ENOENT ? EXIT_DONE : refuse(file, secretfile_error(errno));
    int code = read_state(file);
    if (file->length == 0)
        close_file(file);
    return code;
}

void ticketfile_consume(struct ticketfile *file)
{
    if (file->fd < 0)
        return;
    if (helper_remove(file->path) != 0 && errno != ENOENT) {
        report("cannot remove %.200s, so its ticket is not used: %s", file->path, strerror(errno));
        file->length = 0;
    }
    close_file(file);
}

uint64_t ticketfile_age_ms(const struct ticketfile *file)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = to_ms(now) - file->written_ms;
    return age > 0 ? (uint64_t)age : 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Writes a ticket to fd and closes it. Returns false with errno on failure. */
static bool write_new(const struct ticketfile *file, int fd, const uint8_t *state, size_t length)
{
    errno = ENOSPC; /* a write(2) that writes only a part does not set errno */
    bool good = dprintf(fd, "%s%s\n", magic, file->identity) > 0 &&
                write(fd, state, length) == (ssize_t)length;
    return close(fd) == 0 && good;
}

void ticketfile_store(const struct ticketfile *file, const uint8_t *state, size_t length)
{
    int fd = helper_create(file->path);

    if (fd >= 0 && write_new(file, fd, state, length) && helper_replace(file->path) == 0)
        return;
    report("cannot store the ticket in %.200s: %s", file->path, strerror(errno));
    helper_discard(file->path);
}

void ticketfile_forget(const struct ticketfile *file)
{
    if (file->path != NULL && helper_remove(file->path) != 0 && errno != ENOENT)
        report("cannot remove %.200s: %s", file->path, strerror(errno));
}

void ticketfile_clear(struct ticketfile *file)
{
    close_file(file);
    explicit_bzero(file->state, file->length);
    file->length = 0;
}
