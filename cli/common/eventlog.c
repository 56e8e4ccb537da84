#include "common/eventlog.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/eventfile.h"
#include "common/exit.h"
#include "common/report.h"

#define QUEUE_MAX (1 << 20) /* bytes; a line that would make the queue longer is dropped */
#define FINISH_US 1000000   /* longest wait for the reader at the end */
#define ERROR_MAX 512

static struct {
    struct event_file file;
    struct json_writer line;  /* the event that eventlog_begin() has begun */
    struct json_writer queue; /* lines that the reader has not accepted yet */
    void (*before)(void);
    int64_t start_us;
    unsigned worker;            /* number of this worker; 0: none */
    uint64_t dropped;           /* lines that were dropped since the last event "omitted" */
    int64_t dropped_us;         /* the time "t" of the last of them */
    bool blocked;               /* the reader did not accept the first byte of the queue */
    bool ending;                /* eventlog_close() was called */
    bool failed;                /* an error of writing was reported */
    volatile sig_atomic_t busy; /* the queue is being changed */
    bool torn;                  /* what was written ends within a line */
    char error[ERROR_MAX];      /* the last error that was reported */
} stream = {.file = {.fd = -1}};

bool eventlog_is_open(void)
{
    return stream.file.fd >= 0;
}

bool eventlog_is_stderr(void)
{
    return eventlog_is_open() && stream.file.is_stderr;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Writes as much of text as is possible at once. Returns the number of bytes. failed: set after an error. */
static size_t write_some(const char *text, size_t length, bool *failed)
{
    ssize_t written = eventfile_write(&stream.file, text, length);

    stream.blocked = written < 0 && (errno == EAGAIN || errno == EINTR);
    *failed = written < 0 && !stream.blocked;
    if (written > 0)
        stream.torn = text[written - 1] != '\n';
    return written > 0 ? (size_t)written : 0;
}

static void report_failure(void)
{
    if (stream.failed)
        return;
    stream.failed = true;
    if (!stream.file.is_stderr)
        report("cannot write to the file of --json: %s; events are lost", strerror(errno));
}

#define LINE_START "{\"v\":1,\"t\":" /* what begin_at() writes before the time */

/* Notes the time of a line that is dropped, whose six decimals are microseconds. */
static void note_time(const char *line, size_t length)
{
    size_t at = sizeof LINE_START - 1;
    int64_t us = 0;

    if (length < at || memcmp(line, LINE_START, at) != 0)
        return; /* the beginning of the line was written */
    for (; at < length && line[at] != ','; at++)
        if (line[at] != '.')
            us = us * 10 + (line[at] - '0');
    stream.dropped_us = us;
}

static void drop(const char *text, size_t length)
{
    const char *end;

    for (; length > 0 && (end = memchr(text, '\n', length)) != NULL; text = end + 1) {
        size_t line = (size_t)(end - text) + 1;
        note_time(text, line);
        stream.dropped++;
        length -= line;
    }
}

/* Drops the queue after an error, but not the rest of a line whose beginning was written: the stream has to continue
 * with it. */
static void drop_queue(void)
{
    struct json_writer *lines = &stream.queue;
    const char *end = stream.torn ? memchr(lines->bytes, '\n', lines->used) : NULL;
    size_t kept = end != NULL ? (size_t)(end - lines->bytes) + 1 : 0;

    drop(lines->bytes + kept, lines->used - kept);
    lines->used = kept;
}

/* Returns how much of the queue to write at once: of a pipe the whole lines that fit PIPE_BUF, because a longer write may
 * be mixed with those of other workers. */
static size_t next_write(const char *text, size_t length)
{
    const char *end =
        stream.file.never_full || length <= PIPE_BUF ? NULL : memrchr(text, '\n', PIPE_BUF);

    return end != NULL ? (size_t)(end - text) + 1 : length;
}

static void flush(void)
{
    struct json_writer *lines = &stream.queue;
    size_t done = 0, count = 1;
    bool failed = false;

    while (done < lines->used && count > 0) {
        const char *text = lines->bytes + done;
        count = write_some(text, next_write(text, lines->used - done), &failed);
        done += count;
    }
    if (done > 0)
        memmove(lines->bytes, lines->bytes + done, lines->used - done);
    lines->used -= done;
    if (!failed)
        return;
    drop_queue();
    report_failure();
}

void eventlog_flush(void)
{
    if (!eventlog_is_open() || stream.queue.used == 0)
        return;
    stream.busy = true;
    flush();
    stream.busy = false;
}

static void queue(const char *text, size_t length)
{
    struct json_writer *to = &stream.queue;

    json_raw(to, text, length);
    if (!to->failed)
        return;
    to->failed = false;
    drop(text, length);
}

/* Writes a line, or queues what the reader does not accept. A line that is longer than PIPE_BUF could be mixed with those
 * of other workers. */
static void put_line(const char *text, size_t length)
{
    bool failed = false, mixes = stream.worker > 0 && !stream.file.never_full && length > PIPE_BUF;
    size_t done = 0;

    flush();
    /* After a dropped line no shorter one takes its place: "omitted" has to come first. */
    bool full = stream.dropped > 0 || stream.queue.used + length > QUEUE_MAX;
    if (mixes || (!stream.ending && full)) {
        drop(text, length);
        return;
    }
    if (stream.queue.used == 0)
        done = write_some(text, length, &failed);
    if (failed)
        drop(text + done, length - done);
    else if (done < length)
        queue(text + done, length - done);
    if (failed)
        report_failure();
}

static void begin_at(struct json_writer *writer, int64_t now_us, const char *event)
{
    json_begin_object(writer, NULL);
    json_number(writer, "v", EVENTLOG_VERSION);
    json_seconds(writer, "t", now_us - stream.start_us);
    json_string(writer, "event", event);
    if (stream.worker > 0)
        json_number(writer, "worker", stream.worker);
}

/* Reports dropped lines as soon as the queue has room for more. If the reader does not accept the rest of a torn line
 * because of an error, the next attempt would drop what is queued behind it. */
static void put_omitted(void)
{
    struct json_writer note = {.used = 0};
    uint64_t dropped;

    if (stream.dropped == 0)
        return;
    flush();
    if (!stream.ending && stream.queue.used > (stream.blocked ? QUEUE_MAX / 2 : 0))
        return;
    dropped = stream.dropped;
    begin_at(&note, stream.start_us + stream.dropped_us, "omitted");
    json_number(&note, "lines", dropped);
    eventlog_end_in(&note);
    stream.dropped = 0;
    put_line(note.bytes, note.used);
    if (stream.dropped > 0)
        stream.dropped = dropped;
    json_free(&note);
}

static void put_lines(const char *text, size_t length)
{
    for (const char *end; length > 0 && (end = memchr(text, '\n', length)) != NULL;
         text = end + 1) {
        size_t line = (size_t)(end - text) + 1;
        put_line(text, line);
        length -= line;
    }
}

void eventlog_put(struct json_writer *writer)
{
    if (eventlog_is_open() && writer->used > 0) {
        stream.busy = true;
        put_omitted();
        if (writer->failed)
            drop("\n", 1);
        else
            put_lines(writer->bytes, writer->used);
        stream.busy = false;
    }
    json_reset(writer);
}

/* ---- events --------------------------------------------------------------------------------- */

void eventlog_begin_in(struct json_writer *writer, const char *event)
{
    begin_at(writer, clock_us(), event);
}

void eventlog_end_in(struct json_writer *writer)
{
    json_end_object(writer);
    json_newline(writer);
}

struct json_writer *eventlog_begin(const char *event)
{
    if (stream.before != NULL)
        stream.before();
    eventlog_begin_in(&stream.line, event);
    return &stream.line;
}

void eventlog_end(void)
{
    eventlog_end_in(&stream.line);
    eventlog_put(&stream.line);
}

void eventlog_before(void (*hook)(void))
{
    stream.before = hook;
}

static void on_report(bool error, const char *line)
{
    if (error)
        snprintf(stream.error, sizeof stream.error, "%s", line);
    if (!eventlog_is_open() || stream.busy)
        return;
    struct json_writer *writer = eventlog_begin("message");
    json_string(writer, "level", error ? "error" : "note");
    json_string(writer, "text", line);
    eventlog_end();
}

const char *eventlog_last_error(void)
{
    return stream.error[0] != '\0' ? stream.error : NULL;
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* Until the run has handlers of its own, a signal ends the process at once. */
static void end_process(int number)
{
    eventlog_abort(EXIT_SIGNAL + number, "a signal ended the program at once");
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = end_process}, before;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static void put_start(const char *version)
{
    struct timespec now;
    struct tm day;
    char time[64], text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &day);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(time, sizeof time, "%s.%06ldZ", text, now.tv_nsec / 1000 % 1000000);
    struct json_writer *writer = eventlog_begin("start");
    json_string(writer, "time", time);
    json_string(writer, "version", version);
    json_number(writer, "pid", (uint64_t)getpid());
    eventlog_end();
}

int eventlog_open(const char *path, const char *version)
{
    int code = eventfile_open(&stream.file, path);

    if (code != EXIT_DONE)
        return code;
    stream.start_us = clock_us();
    report_divert(on_report, stream.file.is_stderr);
    catch_signals();
    put_start(version);
    return EXIT_DONE;
}

/* ---- other processes ------------------------------------------------------------------------ */

void eventlog_worker(unsigned number)
{
    stream.worker = number;
    stream.queue.used = 0;
    stream.dropped = 0;
    stream.error[0] = '\0';
}

void eventlog_forget(void)
{
    stream.file.fd = -1;
}

/* ---- the end -------------------------------------------------------------------------------- */

int eventlog_fd(void)
{
    return eventlog_is_open() && stream.blocked && stream.queue.used > 0 ? stream.file.fd : -1;
}

void eventlog_close(void)
{
    int64_t until = clock_us() + FINISH_US, left;

    stream.ending = true;
    eventlog_end();
    while (eventlog_fd() >= 0 && (left = until - clock_us()) > 0) {
        struct pollfd ready = {.fd = stream.file.fd, .events = POLLOUT};
        poll(&ready, 1, (int)(left / 1000) + 1);
        eventlog_flush();
    }
    stream.file.fd = -1;
}

/* Writes into a buffer of the stack, and calls only functions that a signal handler may call. */
void eventlog_abort(int code, const char *reason)
{
    char line[256];
    struct json_writer writer = {.bytes = line, .size = sizeof line};
    bool failed;

    if (!eventlog_is_open() || stream.busy)
        return;
    stream.failed = true; /* report nothing */
    flush();
    if (stream.torn)
        return;
    eventlog_begin_in(&writer, "exit");
    json_number(&writer, "code", (uint64_t)code);
    json_string(&writer, "reason", reason);
    eventlog_end_in(&writer);
    write_some(line, writer.used, &failed);
    stream.file.fd = -1;
}
