#include "report/keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/hex.h"
#include "common/nowait.h"
#include "common/report.h"
#include "key/secretfile.h"

#define RANDOM_BYTES 32

/* Writes a line with a single write(2), so that lines of several programs in the same file are not
 * mixed. If the key log is a pipe whose reader has stopped, the line is lost, since the loop must not
 * wait. Reports only the first error, because unauthenticated clients can cause these lines. */
void keylog_write(struct keylog *log, const char *line, size_t length)
{
    ssize_t written = log->is_file ? write(log->fd, line, length)
                                   : nowait_write(log->fd, (const uint8_t *)line, length);

    if (written == (ssize_t)length || log->failed)
        return;
    log->failed = true;
    report("cannot write to the key log: %s; the key log is incomplete",
           written >= 0      ? strerror(ENOSPC)
           : errno == EAGAIN ? "its reader has stopped"
                             : strerror(errno));
}

size_t keylog_line(char line[KEYLOG_LINE_MAX], const char *label, const uint8_t *client_random,
                   const uint8_t *secret, size_t secret_length)
{
    size_t used = (size_t)snprintf(line, 64, "%.40s ", label);

    if (used + 2 * (RANDOM_BYTES + secret_length) + 2 > KEYLOG_LINE_MAX)
        return 0;
    hex_encode(line + used, client_random, RANDOM_BYTES);
    used += 2 * RANDOM_BYTES;
    line[used++] = ' ';
    hex_encode(line + used, secret, secret_length);
    used += 2 * secret_length;
    line[used++] = '\n';
    return used;
}

int keylog_open(struct keylog *log, const struct options *options)
{
    const char *path = options->keylog;
    struct stat status;

    *log = (struct keylog){.fd = -1};
    if (path == NULL)
        path = secure_getenv("SSLKEYLOGFILE");
    if (path == NULL || *path == '\0')
        return EXIT_DONE;
    log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (log->fd >= 0) {
        log->is_file = fstat(log->fd, &status) == 0 && S_ISREG(status.st_mode);
        report_note("warning: a reader of the key log %.200s can decrypt all data of this run",
                    path);
        /* If the file existed before and other users have access to it, or if it belongs to another
         * user, report that and continue. */
        secretfile_is_safe(path, log->fd, NULL);
        return EXIT_DONE;
    }
    if (options->keylog != NULL) {
        report("cannot write the key log %.200s: %s", path, strerror(errno));
        return EXIT_IO;
    }
    report_note("warning: cannot write the key log %.200s ($SSLKEYLOGFILE): %s", path,
                strerror(errno));
    return EXIT_DONE;
}

void keylog_close(struct keylog *log)
{
    if (log->fd >= 0)
        close(log->fd);
}
