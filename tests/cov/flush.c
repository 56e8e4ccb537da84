/*
 * flush.c - linked into each program of `make cov`. gcov writes its counters at exit(3), to files that it opens then.
 * Here they are also written before _exit(2) and execve(2). In the sandbox no file can be opened: before a process
 * enters it, it forks a writer, which gets the counters at the end over a socket.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 };

void __gcov_dump(void);
void __gcov_reset(void);

extern char __bss_start[], _end[]; /* all counters are between them */

static int writer = -1; /* the socket to the writer of this process; -1: it has none */

static _Noreturn void leave(int status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

/* ---- the writer ---- */

/* The writer is a fork of the process, so it has the counters at the same addresses. */
static bool receive_counters(int from)
{
    size_t size = (size_t)(_end - __bss_start);

    return recv(from, __bss_start, size, MSG_WAITALL) == (ssize_t)size;
}

static _Noreturn void write_for(int from)
{
    setsid(); /* signals from the terminal are not for the writer */
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        if (fd != from)
            close(fd);
    while (receive_counters(from)) {
        environ = NULL; /* it points to memory of the other process */
        __gcov_dump();
        __gcov_reset();
        send(from, "", 1, MSG_NOSIGNAL);
    }
    leave(0);
}

/* ---- the process ---- */

static bool send_counters(void)
{
    size_t size = (size_t)(_end - __bss_start), sent = 0;
    char done;

    while (sent < size) {
        ssize_t length = send(writer, __bss_start + sent, size - sent, MSG_NOSIGNAL);
        if (length < 0)
            return false;
        sent += (size_t)length;
    }
    return recv(writer, &done, 1, 0) == 1;
}

static void write_counters(void)
{
    sigset_t all, before;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    if (writer < 0)
        __gcov_dump();
    else
        send_counters();
    __gcov_reset();
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Otherwise gcov would try to open its files next. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    fflush(NULL);
    write_counters();
    leave(status);
}

/* The writer is no child of this process, which may wait for any child. */
static void start_writer(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    pid_t child = fork();
    if (child == 0 && fork() == 0)
        write_for(ends[1]);
    if (child == 0)
        leave(0);
    close(ends[1]);
    waitpid(child, NULL, 0);
    writer = ends[0];
    on_exit(at_exit, NULL);
}

/* ---- functions of the C library ---- */

void _exit(int status)
{
    write_counters();
    leave(status);
}

int execve(const char *path, char *const arguments[], char *const environment[])
{
    write_counters();
    return (int)syscall(SYS_execve, path, arguments, environment);
}

/* The first step into the sandbox is PR_SET_NO_NEW_PRIVS. */
int prctl(int option, ...)
{
    unsigned long values[4];
    va_list arguments;

    va_start(arguments, option);
    for (int i = 0; i < 4; i++)
        values[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    if (option == PR_SET_NO_NEW_PRIVS && writer < 0)
        start_writer();
    return (int)syscall(SYS_prctl, option, values[0], values[1], values[2], values[3]);
}
