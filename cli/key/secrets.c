#include "key/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/hex.h"
#include "common/report.h"
#include "key/secretfile.h"

#define DIGITS (2 * DTLS_SECRET)
#define FILE_MAX 4096

int secrets_make(struct secrets *secrets)
{
    if (getrandom(secrets->bytes, DTLS_SECRET, 0) != DTLS_SECRET) {
        report("cannot generate a secret: %s", strerror(errno));
        return EXIT_IO;
    }
    secrets->count = 1;
    return EXIT_DONE;
}

void secrets_clear(struct secrets *secrets)
{
    explicit_bzero(secrets, sizeof *secrets);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Adds the secret of a line of `length` characters. Skips empty lines and lines that begin with
 * #. */
static bool add_line(struct secrets *secrets, const char *path, size_t number, const char *line,
                     size_t length)
{
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0 || line[0] == '#')
        return true;
    if (secrets->count == DTLS_MAX_SECRETS) {
        report("%.200s has more than %d secrets: remove the oldest ones", path, DTLS_MAX_SECRETS);
        return false;
    }
    uint8_t *next = secrets->bytes + secrets->count * DTLS_SECRET;
    if (length == DIGITS && hex_decode(next, DTLS_SECRET, line, length) == DTLS_SECRET) {
        secrets->count++;
        return true;
    }
    report("%.200s, line %zu: invalid secret of %zu characters: expected %d hex digits", path,
           number, length, DIGITS);
    return false;
}

static bool parse(struct secrets *secrets, const char *path, const char *text, size_t length)
{
    const char *end = text + length;
    bool good = true;

    for (size_t number = 1; good && text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline != NULL ? newline : end;
        good = add_line(secrets, path, number, text, (size_t)(line_end - text));
        text = newline != NULL ? newline + 1 : end;
    }
    if (good && secrets->count == 0)
        report("%.200s has no secret: expected a line of %d hex digits; to start with a new "
               "secret, remove the file",
               path, DIGITS);
    return good && secrets->count > 0;
}

/* Returns true if no other user can know the secrets. */
static bool is_ours(const char *path, int fd)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return secretfile_is_safe(path, fd, NULL);
    report("cannot read secrets from %.200s: expected a regular file", path);
    return false;
}

static int read_open_file(struct secrets *secrets, const char *path, int fd)
{
    struct secrets fresh = {.count = 0};
    char text[FILE_MAX];

    if (!is_ours(path, fd))
        return EXIT_USAGE;
    ssize_t length = secretfile_read(fd, text, FILE_MAX);
    if (length < 0)
        report("cannot read secrets from %.200s: %s", path, strerror(errno));
    bool good = length >= 0 && parse(&fresh, path, text, (size_t)length);
    if (good)
        *secrets = fresh;
    explicit_bzero(text, sizeof text);
    explicit_bzero(&fresh, sizeof fresh);
    return good ? EXIT_DONE : EXIT_USAGE;
}

int secrets_load(struct secrets *secrets, const char *path)
{
    int fd = secretfile_open(path, O_NONBLOCK);

    if (fd < 0) {
        report("cannot open %.200s: %s", path, secretfile_error(errno));
        return EXIT_USAGE;
    }
    int code = read_open_file(secrets, path, fd);
    close(fd);
    return code;
}

void secrets_describe(const struct secrets *secrets, const char *path)
{
    report_note("secrets: %zu, file %.200s", secrets->count, path);
}

/* ---- creating ------------------------------------------------------------------------------- */

static bool write_secret(int fd)
{
    char line[DIGITS + 1];
    struct secrets fresh;
    bool good = secrets_make(&fresh) == EXIT_DONE;

    if (good)
        hex_encode(line, fresh.bytes, DTLS_SECRET);
    line[DIGITS] = '\n';
    errno = ENOSPC; /* the reason to report if write(2) writes only a part */
    good = good && write(fd, line, sizeof line) == (ssize_t)sizeof line;
    explicit_bzero(line, sizeof line);
    explicit_bzero(&fresh, sizeof fresh);
    return good && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
}

/* Writes a secret to a file with another name, then links that file to `path`. Several listeners
 * may start at the same time: each of them finds either no file or a complete one. Returns true if
 * the file now exists, even if another listener has created it. */
static bool create(const char *path)
{
    char fresh[PATH_MAX];
    bool fits = (size_t)snprintf(fresh, sizeof fresh, "%s.XXXXXX", path) < sizeof fresh;

    errno = ENAMETOOLONG;
    int fd = fits ? mkostemp(fresh, O_CLOEXEC) : -1;
    bool written = fd >= 0 && write_secret(fd);
    bool created = written && link(fresh, path) == 0;
    bool good = created || (written && errno == EEXIST);
    if (!good)
        report("cannot create %.200s: %s", path, strerror(errno));
    if (created)
        report("created %.200s with a new secret: copy this file to the other listeners", path);
    if (fd >= 0) {
        unlink(fresh);
        close(fd);
    }
    return good;
}

int secrets_create(struct secrets *secrets, const char *path)
{
    if (access(path, F_OK) != 0 && errno == ENOENT && !create(path))
        return EXIT_IO;
    return secrets_load(secrets, path);
}
