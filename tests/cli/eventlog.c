/*
 * eventlog.c - the stream of --json: a pipe without a reader, a disk that is full, a signal handler. Each line arrives
 * whole, or is counted as omitted, and the last line arrives. The stream is one per process, so each case has its own.
 */
#include "common/eventlog.h"

#include "common/exit.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS 20000

static char text[1 << 24];

static void put(unsigned number, size_t length)
{
    static const uint8_t zeros[100000];
    struct json_writer *writer = eventlog_begin("number");

    json_number(writer, "number", number);
    json_hex(writer, "bytes", zeros, length);
    eventlog_end();
}

/* Runs in a child process, with the descriptor that the events are written to. */
typedef void body_t(int fd);

static void open_at(int fd)
{
    char path[32];

    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    if (eventlog_open(path, "0") != EXIT_DONE)
        _exit(99);
}

static pid_t start(body_t *body, int fd)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid > 0)
        return pid;
    alarm(60); /* what blocks for ever ends the process */
    body(fd);
    _exit(0);
}

static void end(pid_t pid, int expected)
{
    int status;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), expected);
}

static void read_all(int fd)
{
    size_t used = 0;
    ssize_t got;

    while ((got = read(fd, text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
}

/* Counts the events "number", which are in order, and those that "omitted" counts. Every line is whole, and the time does
 * not decrease. Returns the last line. */
static const char *count(unsigned *numbers, unsigned *omitted)
{
    unsigned number, next = 0;
    const char *last = NULL, *at;
    double time = 0;

    *numbers = *omitted = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        CHECK(strncmp(line, "{\"v\":1,\"t\":", 11) == 0);
        CHECK(line[strlen(line) - 1] == '}' && strstr(line + 1, "{\"v\"") == NULL);
        CHECK(strtod(line + 11, NULL) >= time);
        time = strtod(line + 11, NULL);
        if ((at = strstr(line, "\"number\":")) != NULL &&
            sscanf(at, "\"number\":%u", &number) == 1) {
            CHECK(number >= next);
            next = number + 1;
            ++*numbers;
        }
        if (strstr(line, "\"omitted\"") != NULL) {
            CHECK_EQ(sscanf(strstr(line, "\"lines\""), "\"lines\":%u", &number), 1);
            *omitted += number;
        }
        last = line;
    }
    return last;
}

static int go[2]; /* the child process writes a byte when its queue is full */

static void overflow(int fd)
{
    open_at(fd);
    for (unsigned i = 0; i < EVENTS; i++)
        put(i, 64U << i % 5); /* a short one may fit where a long one did not */
    if (eventlog_fd() < 0)
        _exit(98); /* the queue is full: the loop has to wait */
    if (write(go[1], "x", 1) != 1)
        _exit(97);
    static const uint8_t zeros[1000]; /* more than the room that is left */
    json_hex(eventlog_begin("last"), "bytes", zeros, sizeof zeros);
    eventlog_close();
}

TEST(pipe_without_a_reader)
{
    unsigned numbers, omitted;
    int ends[2];
    char byte;

    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(pipe(go), 0);
    pid_t pid = start(overflow, ends[1]);
    close(ends[1]);
    CHECK_EQ(read(go[0], &byte, 1), 1);
    read_all(ends[0]);
    end(pid, 0);
    const char *last = count(&numbers, &omitted);
    CHECK(last != NULL && strstr(last, "\"last\"") != NULL);
    CHECK(omitted > 0);
    CHECK_EQ(numbers + omitted, EVENTS);
    close(ends[0]);
}

static void long_lines(int fd)
{
    open_at(fd);
    for (unsigned i = 0; i < 30; i++)
        put(i, i * 3000);
    eventlog_begin("last");
    eventlog_close();
}

/* A line that is longer than the pipe is written in several parts. */
TEST(long_lines_are_whole)
{
    unsigned numbers, omitted;
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    pid_t pid = start(long_lines, ends[1]);
    close(ends[1]);
    read_all(ends[0]);
    end(pid, 0);
    const char *last = count(&numbers, &omitted);
    CHECK(last != NULL && strstr(last, "\"last\"") != NULL);
    CHECK_EQ(numbers + omitted, 30);
    close(ends[0]);
}

static void full(int fd)
{
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* the error is reported there */
    open_at(fd);
    for (unsigned i = 0; i < 100; i++)
        put(i, 10);
    if (eventlog_fd() >= 0)
        _exit(98); /* nothing waits for a disk */
    eventlog_begin("last");
    eventlog_close();
}

TEST(full_disk)
{
    int fd = open("/dev/full", O_WRONLY);

    end(start(full, fd), 0);
    close(fd);
}

static void aborted(int fd)
{
    open_at(fd);
    put(0, 10);
    eventlog_begin("message"); /* the signal arrives before the event is complete */
    raise(SIGTERM);
}

/* The default action of the signal follows. */
TEST(signal_writes_the_last_event)
{
    unsigned numbers, omitted;
    int ends[2], status;

    CHECK_EQ(pipe(ends), 0);
    pid_t pid = start(aborted, ends[1]);
    close(ends[1]);
    read_all(ends[0]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGTERM);
    const char *last = count(&numbers, &omitted);
    CHECK(last != NULL && strstr(last, "\"event\":\"exit\",\"code\":143,") != NULL);
    CHECK_EQ(numbers, 1);
    close(ends[0]);
}

static void disk_with_little_room(int fd)
{
    struct rlimit limit = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};

    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* the error is reported there */
    signal(SIGXFSZ, SIG_IGN);
    open_at(fd);
    setrlimit(RLIMIT_FSIZE, &limit);
    for (unsigned i = 0; i < 100; i++)
        put(i, 10);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    for (unsigned i = 100; i < 200; i++)
        put(i, 10);
    eventlog_begin("last");
    eventlog_close();
}

/* A line whose beginning was written is completed when the disk has room again. */
TEST(disk_that_was_full)
{
    unsigned numbers, omitted;
    FILE *file = tmpfile();

    CHECK(file != NULL);
    end(start(disk_with_little_room, fileno(file)), 0);
    CHECK_EQ(lseek(fileno(file), 0, SEEK_SET), 0);
    read_all(fileno(file));
    const char *last = count(&numbers, &omitted);
    CHECK(last != NULL && strstr(last, "\"last\"") != NULL);
    CHECK(omitted > 50 && numbers > 100);
    CHECK_EQ(numbers + omitted, 200);
    fclose(file);
}

static unsigned worker_number;

static void one_of_several(int fd)
{
    open_at(fd);
    eventlog_worker(worker_number);
    for (unsigned i = 0; i < 3000; i++)
        put(i, 64 + i % 100);
    eventlog_begin("last");
    eventlog_close();
}

/* The queues of several workers are longer than what a pipe accepts at once. */
TEST(workers_share_a_pipe)
{
    int ends[2];
    pid_t pids[3];

    CHECK_EQ(pipe(ends), 0);
    for (worker_number = 1; worker_number <= 3; worker_number++)
        pids[worker_number - 1] = start(one_of_several, ends[1]);
    close(ends[1]);
    read_all(ends[0]);
    for (size_t i = 0; i < 3; i++)
        end(pids[i], 0);
    for (const char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        CHECK(strncmp(line, "{\"v\":1,\"t\":", 11) == 0 && line[strlen(line) - 1] == '}' &&
              strstr(line + 1, "{\"v\"") == NULL);
    close(ends[0]);
}

static void worker(int fd)
{
    open_at(fd);
    eventlog_worker(2);
    put(0, 10);
    put(1, 3000); /* more than PIPE_BUF: other workers could write in between */
    put(2, 10);
    eventlog_begin("last");
    eventlog_close();
}

TEST(a_worker_writes_only_lines_that_a_pipe_keeps_whole)
{
    unsigned numbers, omitted;
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    pid_t pid = start(worker, ends[1]);
    close(ends[1]);
    read_all(ends[0]);
    end(pid, 0);
    CHECK(strstr(text, "\"number\",\"worker\":2,") != NULL);
    CHECK(count(&numbers, &omitted) != NULL);
    CHECK_EQ(numbers, 2);
    CHECK_EQ(omitted, 1);
    close(ends[0]);
}
