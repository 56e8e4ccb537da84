#include "common/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/nowait.h"

#define QUEUE_BYTES (64 * 1024)
#define TRACE_BYTES (48 * 1024) /* a trace is dropped if it does not fit this part of the queue */
#define FINISH_US 1000000       /* longest wait for stderr at the end */
#define NOTICE_MAX 128

static struct {
    int fd;
    bool file;        /* a regular file: writing does not block for long */
    bool blocked;     /* stderr did not accept the first byte of the queue */
    size_t used;      /* length of the queue in bytes */
    uint64_t dropped; /* lines that were dropped, and are not reported in the queue */
    uint64_t noticed; /* lines that were dropped, and are reported in the queue */
    uint64_t notices; /* number of these reports in the queue */
    char queue[QUEUE_BYTES];
} out = {.fd = STDERR_FILENO};

void lines_open(void)
{
    struct stat status;

    out.fd = nowait_descriptor(STDERR_FILENO);
    out.file = fstat(out.fd, &status) == 0 && S_ISREG(status.st_mode);
}

static void append(const char *line, size_t length)
{
    memcpy(out.queue + out.used, line, length);
    out.used += length;
}

static size_t put_notice(char notice[NOTICE_MAX])
{
    return (size_t)snprintf(notice, NOTICE_MAX,
                            "dtlscat: %" PRIu64 " line%s of diagnostics dropped, because stderr "
                            "did not accept more\n",
                            out.dropped, out.dropped == 1 ? "" : "s");
}

static void append_notice(const char *notice, size_t length)
{
    append(notice, length);
    out.notices++;
    out.noticed += out.dropped;
    out.dropped = 0;
}

/* Returns the length of the first queued lines that fit into one write(2). */
static size_t first_lines(void)
{
    size_t most = out.used < LINES_MAX ? out.used : LINES_MAX;
    const char *end = memrchr(out.queue, '\n', most);

    return end != NULL ? (size_t)(end - out.queue) + 1 : most;
}

/* Counts the queued lines as dropped: stderr has failed, for example because the disk is full. */
static void drop_queue(void)
{
    for (size_t i = 0; i < out.used; i++)
        out.dropped += out.queue[i] == '\n';
    out.dropped += out.noticed - out.notices;
    out.used = 0;
    out.noticed = out.notices = 0;
}

/* Writes once. Returns false if nothing was written. */
static bool write_some(void)
{
    size_t length = first_lines();
    ssize_t written = out.file ? write(out.fd, out.queue, length)
                               : nowait_write(out.fd, (const uint8_t *)out.queue, length);

    out.blocked = written < 0 && (errno == EAGAIN || errno == EINTR);
    if (written < 0 && !out.blocked)
        drop_queue();
    if (written <= 0)
        return false;
    out.used -= (size_t)written;
    memmove(out.queue, out.queue + written, out.used);
    return true;
}

void lines_flush(void)
{
    char notice[NOTICE_MAX];

    while (out.used > 0 && write_some()) {
        if (out.used > 0)
            continue;
        out.noticed = out.notices = 0;
        if (out.dropped > 0)
            append_notice(notice, put_notice(notice));
    }
}

/* Queues the line, and before it the number of lines that were dropped. Returns false if there is
 * no room. After a trace was dropped, traces are accepted again when the queue is empty. Otherwise
 * each trace that is dropped would be reported by a line of its own. */
static bool enqueue(const char *line, size_t length, enum lines_kind kind)
{
    char notice[NOTICE_MAX];
    size_t most = kind == LINES_ERROR ? QUEUE_BYTES : TRACE_BYTES;
    size_t noticed = out.dropped > 0 ? put_notice(notice) : 0;

    if (out.used + noticed + length > most ||
        (kind == LINES_TRACE && out.dropped > 0 && out.used > 0))
        return false;
    if (noticed > 0)
        append_notice(notice, noticed);
    append(line, length);
    return true;
}

void lines_put(const char *line, size_t length, enum lines_kind kind)
{
    lines_flush();
    if (kind == LINES_TRANSIENT && out.used > 0)
        return;
    if (enqueue(line, length, kind))
        lines_flush();
    else
        out.dropped++;
}

int lines_fd(void)
{
    return out.blocked && out.used > 0 ? out.fd : -1;
}

void lines_finish(void)
{
    int64_t until = clock_us() + FINISH_US, left;

    lines_flush();
    while (lines_fd() >= 0 && (left = until - clock_us()) > 0) {
        struct pollfd ready = {.fd = out.fd, .events = POLLOUT};
        poll(&ready, 1, (int)(left / 1000) + 1);
        lines_flush();
    }
}

void lines_forget(void)
{
    out.used = 0;
    out.dropped = out.noticed = out.notices = 0;
    out.blocked = false;
}
