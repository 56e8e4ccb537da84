/*
 * sandbox.c - what the sandbox refuses, tried from inside: files, sockets, programs and memory that
 * is executable. What the tool needs still works, through the helper where it needs a file.
 */
#include "sandbox/sandbox.h"
#include "sandbox/helper.h"
#include "sandbox/landlock.h"

#include "net/address.h"
#include "net/route.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const named = "named", *const other = "other";
static struct options options;
static bool forgotten;

static void forget(void *hook)
{
    (void)hook;
    forgotten = true;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

/* Runs `inside` in a process of its own, which fails with the line of its first failed check. */
static void in_sandbox(const struct sandbox_needs *needs, void (*inside)(void))
{
    struct helper_config config = {.options = &options, .paths = {named}, .forget = forget};
    int status;

    if (!sandbox_is_on(&options))
        SKIP("no sandbox in this build or kernel");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        write_file(named, "named");
        write_file(other, "other");
        sandbox_hide_memory(&options);
        if (helper_start(&config) != 0 || sandbox_enter(&options, needs) != 0)
            _exit(1);
        inside();
        helper_stop();
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    unlink(named);
    unlink(other);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        FAIL("line %d failed inside", WEXITSTATUS(status));
    CHECK_EQ(status, 0);
}

/* The exit status has 8 bits: the lines of the checks inside are below 256. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__);                                                                       \
    } while (0)
#define REFUSED(call) MUST((call) < 0 && (errno == EPERM || errno == EACCES))

static void refuses(void)
{
    char *const arguments[] = {NULL};

    REFUSED(open(named, O_RDONLY));
    REFUSED(open(other, O_RDONLY));
    REFUSED(open("/etc/passwd", O_RDONLY));
    REFUSED(open("new", O_WRONLY | O_CREAT, 0600));
    REFUSED(unlink(other));
    REFUSED(rename(other, named));
    REFUSED(link(other, "new"));
    REFUSED(mkdir("new", 0700));
    REFUSED(access(other, F_OK));
    REFUSED(chdir("/"));
    REFUSED(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REFUSED(socket(AF_INET, SOCK_STREAM, 0));
    REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
    int ends[2];
    REFUSED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
    REFUSED(execve("/bin/true", arguments, arguments));
    REFUSED(fork());
    REFUSED(kill(getppid(), 0));
    REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    REFUSED(setuid(0));
    REFUSED(setpgid(0, 0));
    MUST(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(page != MAP_FAILED);
    REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

TEST(listener_is_refused_what_it_does_not_need)
{
    in_sandbox(&(struct sandbox_needs){0}, refuses);
}

static void uses_sockets(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    MUST(fd >= 0);
    REFUSED(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REFUSED(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 0));
    REFUSED(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sandbox_connected();
    REFUSED(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REFUSED(bind(fd, NULL, 0));
    MUST(close(fd) == 0);
}

TEST(client_makes_udp_sockets_until_it_is_connected)
{
    in_sandbox(&(struct sandbox_needs){.sockets = true}, uses_sockets);
}

static void uses_files(void)
{
    char text[8] = "";
    int fd = helper_open(named, 0);

    MUST(fd >= 0 && read(fd, text, 7) == 5 && strcmp(text, "named") == 0 && close(fd) == 0);
    REFUSED(helper_open(other, 0));
    REFUSED(helper_open("./named", 0));
    REFUSED(helper_create(other));
    REFUSED(helper_remove(other));
    MUST(helper_open(named, O_WRONLY | O_TRUNC) >= 0);
    fd = helper_open(named, 0);
    MUST(fd >= 0 && read(fd, text, 7) == 5); /* it was opened for reading, and not truncated */
    fd = helper_create(named);
    MUST(fd >= 0 && write(fd, "fresh", 5) == 5 && close(fd) == 0);
    MUST(helper_replace(named) == 0);
    fd = helper_open(named, 0);
    MUST(fd >= 0 && read(fd, text, 7) == 5 && strcmp(text, "fresh") == 0);
    MUST(helper_create(named) >= 0);
    MUST(helper_discard(named) == 0);
    MUST(helper_remove(named) == 0);
    MUST(helper_open(named, 0) < 0 && errno == ENOENT);
}

TEST(helper_opens_named_files_only)
{
    in_sandbox(&(struct sandbox_needs){0}, uses_files);
}

static void starts_programs(void)
{
    const struct launch launch = {.values = {"peer", "LD_PRELOAD=x", "suite", "1.3"},
                                  .in = STDIN_FILENO,
                                  .out = STDOUT_FILENO};
    pid_t pid;
    int status;

    options.program = NULL; /* a change here does not change what the helper starts */
    MUST(helper_launch(&pid, &options, &launch) == 0);
    MUST(waitpid(pid, &status, 0) == pid);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

TEST(helper_starts_the_program_of_the_options)
{
    char command[] = "test \"$DTLSCAT_IDENTITY\" = LD_PRELOAD=x && test \"$LD_PRELOAD\" = \"\" && "
                     "! grep -q 'NoNewPrivs:.*1' /proc/self/status && exit 7";

    options = (struct options){.program = command, .by_shell = true};
    in_sandbox(&(struct sandbox_needs){.programs = true}, starts_programs);
    options = (struct options){.program = NULL};
}

static void has_no_program(void)
{
    const struct launch launch = {
        .values = {"", "", "", ""}, .in = STDIN_FILENO, .out = STDOUT_FILENO};
    char command[] = "exit 0";
    struct options more = {.program = command, .by_shell = true};
    pid_t pid;

    MUST(helper_launch(&pid, &more, &launch) == EINVAL);
}

TEST(helper_without_a_program_starts_none)
{
    in_sandbox(&(struct sandbox_needs){0}, has_no_program);
}

/* What the loop asks the kernel about addresses needs no new socket. */
static void knows_routes(void)
{
    session_t to;
    char name[NET_NAME_MAX], interface[ROUTE_INTERFACE_MAX];

    dtls_session_init(&to);
    to.size = sizeof to.addr.sin;
    to.addr.sin = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = 9, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    MUST(route_to(&to) >= 0);
    MUST(!route_is_lost(&to));
    MUST(strncmp(net_name(name, &to), "127.0.0.1:", 10) == 0);
    MUST(!route_interface_name(interface, 1) || route_interface_index(interface) == 1);
    to.addr.sin.sin_addr.s_addr = htonl(0xc0000263); /* 192.0.2.99, for documentation */
    MUST(route_is_lost(&to));
}

TEST(routes_are_known_inside)
{
    route_open();
    in_sandbox(&(struct sandbox_needs){0}, knows_routes);
}

static void needs(void)
{
    uint8_t terminal[64];
    struct stat status;
    struct timespec now;
    void *memory = malloc(1 << 20);

    MUST(memory != NULL);
    free(memory);
    MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    MUST(fstat(STDOUT_FILENO, &status) == 0);
    isatty(STDOUT_FILENO);
    MUST(errno != EPERM);
    /* isatty() of glibc 2.42, also with an older glibc */
    MUST(ioctl(STDOUT_FILENO, 0x802c542a, terminal) == 0 || errno != EPERM);
}

TEST(what_every_run_needs_works)
{
    in_sandbox(&(struct sandbox_needs){0}, needs);
}

/* Each layer refuses files without the other. */
TEST(landlock_alone_refuses_files)
{
    int status;

    if (!sandbox_is_on(&options))
        SKIP("no sandbox in this build or kernel");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open("/dev/null", O_RDONLY);
        _exit(!landlock_restrict(false)          ? 1
              : fd < 0                           ? 2
              : open("/dev/null", O_RDONLY) >= 0 ? 3
                                                 : 0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) == 3)
        SKIP("no Landlock in this kernel");
    CHECK_EQ(status, 0);
}

TEST(sandbox_can_be_left_out)
{
    CHECK(!sandbox_is_on(&(struct options){.no_sandbox = true}));
}
