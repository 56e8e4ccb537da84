/* --frame=packet: the packets that a program writes before it ends are messages, and some of them
 * are empty. */
#include "peer/child.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

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
