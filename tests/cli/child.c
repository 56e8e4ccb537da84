/* The search for the program of -e. Then --frame=packet: the packets that a program writes before it
 * ends are messages, and some of them are empty. */
#include "peer/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* ---- the search ----------------------------------------------------------------------------- */

static bool can_start(const char *name)
{
    char program[64];

    snprintf(program, sizeof program, "%s", name);
    const struct options options = {.program = program};
    return child_can_start(&options);
}

static void put_file(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT, mode);

    CHECK(fd >= 0);
    close(fd);
}

/* Makes TESTDIR the current directory, and puts programs and others into its directories. */
static void fill_directories(void)
{
    static const char *const directories[] = {"a", "bb", "ccc", "bb/directory"};
    const char *directory = getenv("TESTDIR");

    CHECK(directory == NULL || chdir(directory) == 0);
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
        CHECK_EQ(mkdir(directories[i], 0700), 0);
    put_file("a/first", 0755);
    put_file("bb/second", 0755);
    put_file("ccc/third", 0755);
    put_file("a/text", 0644);
    put_file("here", 0755);
}

TEST(directories_of_path)
{
    static const struct {
        const char *path;
        const char *program;
        bool found;
    } rows[] = {
        {"a:bb:ccc", "first", true},
        {"a:bb:ccc", "second", true},
        {"a:bb:ccc", "third", true},
        {"a:bb:ccc", "fourth", false},
        {"a:bb:ccc", "here", false},
        {"ccc:bb:a", "first", true},
        {"a", "second", false},
        {"bb", "second", true},
        {"none:bb:none", "second", true},
        {"a:bb", "directory", false},
        {"bb:a", "text", false},
        {"", "here", true},
        {":a", "here", true},
        {"a:", "here", true},
        {"a::bb", "here", true},
        {"a::bb", "second", true},
        {"a:bb:", "third", false},
        {"a:bb", "ccc/third", true},
        {"a:bb", "second/", false},
        {"ccc", "./here", true},
        {"ccc", "bb/directory", false},
    };

    fill_directories();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NOTE("PATH=%s, %s", rows[i].path, rows[i].program);
        setenv("PATH", rows[i].path, 1);
        CHECK_EQ(can_start(rows[i].program), rows[i].found);
    }
    unsetenv("PATH");
    CHECK(can_start("third"));
    CHECK(child_can_start(&(struct options){.program = NULL}));
}

/* ---- packets -------------------------------------------------------------------------------- */

static struct child child;
static int program;

static void start(void)
{
    int ends[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    child = (struct child){.pid = 1, .packets = true, .fd = ends[0]};
    child.out.in.fd = ends[0];
    program = ends[1];
}

static void writes(const char *text)
{
    CHECK_EQ(send(program, text, strlen(text), 0), strlen(text));
}

static void brings(const char *text)
{
    struct message message;

    CHECK_EQ(child_next(&child, FRAME_MAX_MESSAGE, &message), PIPE_DATA);
    CHECK_EQ(message.length, strlen(text));
    CHECK_MEM(message.data, text, message.length);
}

static void brings_no_more(enum pipe_result result)
{
    struct message message;

    CHECK_EQ(child_next(&child, FRAME_MAX_MESSAGE, &message), result);
    close(child.fd);
    close(program);
}

TEST(a_write_is_a_message)
{
    start();
    writes("one");
    writes("");
    writes("two");
    brings("one");
    brings("");
    brings("two");
    brings_no_more(PIPE_AGAIN);
}

/* The last packet is empty, and looks like the end of the output. */
TEST(a_program_ends)
{
    start();
    writes("");
    writes("last");
    close(program);
    brings("");
    brings("last");
    brings_no_more(PIPE_END);
}

TEST(a_program_ends_its_output_alone)
{
    start();
    writes("");
    writes("last");
    CHECK_EQ(shutdown(program, SHUT_WR), 0);
    brings("");
    brings("last");
    brings_no_more(PIPE_END);
}

TEST(a_program_ends_without_having_read_all)
{
    start();
    CHECK(child_put(&child, (const uint8_t *)"question", 8));
    writes("answer");
    close(program);
    brings("answer");
    brings_no_more(PIPE_END);
}

/* One socket serves both directions. At the end of the output, the input must stay open. */
TEST(a_program_reads_on_after_its_output)
{
    struct message message;
    char got[8];

    start();
    CHECK_EQ(shutdown(program, SHUT_WR), 0);
    CHECK_EQ(child_next(&child, FRAME_MAX_MESSAGE, &message), PIPE_END);
    CHECK(child_put(&child, (const uint8_t *)"more", 4));
    CHECK_EQ(recv(program, got, sizeof got, MSG_DONTWAIT), 4);
    child_close(&child);
    CHECK_EQ(recv(program, got, sizeof got, MSG_DONTWAIT), 0);
    close(program);
}

/* The session has ended, and the program writes before it reads on. Its output is discarded, up to a limit
 * without input, and an empty packet counts as one byte. */
TEST(output_is_discarded_while_input_waits)
{
    static const uint8_t block[50000];
    struct message message;
    int count = 0;

    start();
    child.peer = NULL;
    child.watched_in = child.watched_out = 0;
    queue_init(&child.in, 1 << 20);
    while (queue_is_empty(&child.in))
        CHECK(child_put(&child, block, sizeof block));
    for (; count < 3; count++) {
        writes("");
        writes("answer");
        child_flush(&child);
        CHECK(child.out.in.fd >= 0);
        CHECK_EQ(child.discarded, 8 * (count + 1));
    }
    CHECK_EQ(child_next(&child, FRAME_MAX_MESSAGE, &message), PIPE_AGAIN);
    brings_no_more(PIPE_AGAIN);
    queue_clear(&child.in);
}
