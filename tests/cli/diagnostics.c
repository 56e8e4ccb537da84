/*
 * diagnostics.c - a stderr that does not accept all lines: a pipe, a terminal and a socket without a
 * reader, and a disk that is full. Each line arrives whole or is counted as dropped.
 */
#include "common/lines.h"

#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES 20000

static int saved = -1;

/* Makes fd our stderr, and closes fd. */
static void use(int fd)
{
    CHECK(fd >= 0);
    saved = dup(STDERR_FILENO);
    CHECK_EQ(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    close(fd);
    lines_open();
    alarm(60); /* what blocks for ever ends the program */
}

static void restore(void)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    lines_forget();
    alarm(0);
}

static void put(enum lines_kind kind, unsigned number)
{
    char line[64];
    int length = snprintf(line, sizeof line, "line %u\n", number);

    lines_put(line, (size_t)length, kind);
}

/* Counts the lines that `text` has, in order, and those that it says were dropped. */
static unsigned count(char *text)
{
    unsigned next = 0, number;

    for (char *line = strtok(text, "\r\n"); line != NULL; line = strtok(NULL, "\r\n")) {
        if (sscanf(line, "line %u", &number) == 1) {
            CHECK_EQ(number, next);
            next++;
        } else {
            CHECK_EQ(sscanf(line, "dtlscat: %u line", &number), 1);
            next += number;
        }
    }
    return next;
}

/* Puts more lines than fit, then reads all at `reader`. Every line must be there or be counted. */
static void overflow(int reader, enum lines_kind kind)
{
    static char text[1 << 20];
    size_t used = 0;
    ssize_t got;

    for (unsigned i = 0; i < LINES; i++)
        put(kind, i);
    CHECK(lines_fd() >= 0);
    for (int i = 0; i < 100; i++) {
        fcntl(reader, F_SETFL, O_NONBLOCK);
        while ((got = read(reader, text + used, sizeof text - 1 - used)) > 0)
            used += (size_t)got;
        lines_flush();
    }
    CHECK_EQ(lines_fd(), -1);
    restore();
    text[used] = '\0';
    CHECK(strstr(text, "dropped") != NULL);
    CHECK_EQ(count(text), LINES);
}

static void full_pipe(enum lines_kind kind)
{
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    use(ends[1]);
    overflow(ends[0], kind);
    close(ends[0]);
}

TEST(pipe_without_a_reader)
{
    full_pipe(LINES_ERROR);
    full_pipe(LINES_TRACE);
}

TEST(socket_without_a_reader)
{
    int ends[2], bytes = 4096;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    use(ends[1]);
    overflow(ends[0], LINES_ERROR);
    close(ends[0]);
}

/* Its reader has stopped, as a terminal emulator that is suspended. */
TEST(terminal_without_a_reader)
{
    int reader = posix_openpt(O_RDWR | O_NOCTTY);

    if (reader < 0 || grantpt(reader) != 0 || unlockpt(reader) != 0)
        SKIP("no pseudo-terminals");
    use(open(ptsname(reader), O_RDWR | O_NOCTTY));
    overflow(reader, LINES_ERROR);
    close(reader);
}

/* After a trace was dropped, an error still has room. */
TEST(errors_have_room_after_traces)
{
    static char text[1 << 20];
    size_t used = 0;
    ssize_t got;
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    use(ends[1]);
    for (unsigned i = 0; i < LINES; i++)
        put(LINES_TRACE, i);
    put(LINES_ERROR, 99999);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 100; i++) {
        while ((got = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
            used += (size_t)got;
        lines_flush();
    }
    restore();
    text[used] = '\0';
    CHECK(strstr(text, "dropped") != NULL);
    CHECK(strstr(text, "line 99999\n") != NULL);
    close(ends[0]);
}

/* The end waits for a reader, but not for ever. */
TEST(end_without_a_reader)
{
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    use(ends[1]);
    for (unsigned i = 0; i < LINES; i++)
        put(LINES_ERROR, i);
    lines_finish();
    CHECK(lines_fd() >= 0);
    restore();
    close(ends[0]);
}

/* Lines that a full disk has not accepted are counted, and nothing waits for it. */
TEST(full_disk)
{
    use(open("/dev/full", O_WRONLY));
    for (unsigned i = 0; i < LINES; i++)
        put(LINES_ERROR, i);
    CHECK_EQ(lines_fd(), -1);
    int ends[2];
    char text[256] = "";
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    put(LINES_ERROR, LINES);
    CHECK(read(ends[0], text, sizeof text - 1) > 0);
    restore();
    CHECK_EQ(count(text), LINES + 1);
    close(ends[0]);
    close(ends[1]);
}
