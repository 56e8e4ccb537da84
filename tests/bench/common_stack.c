#include "common_stack.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

const char *const stack_names[STACKS] = {"GnuTLS", "OpenSSL"};
static const char *const programs[STACKS] = {"gnutls", "openssl"};
static struct {
    FILE *in, *out;
} pipes[STACKS];

/* Starts the program of a stack. Returns false if the program does not exist: tests/bench/run builds it only if the
 * library of the stack is installed. */
static bool start(size_t stack)
{
    const char *build = getenv("BUILD");
    char path[512];
    int to[2], from[2];
    snprintf(path, sizeof path, "%s/bench/%s", build ? build : "build", programs[stack]);
    if (access(path, X_OK) != 0 || pipe(to) != 0 || pipe(from) != 0)
        return false;
    fflush(stdout);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        closefrom(STDERR_FILENO + 1);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    pipes[stack].out = fdopen(to[1], "w");
    pipes[stack].in = fdopen(from[0], "r");
    return pipes[stack].out && pipes[stack].in;
}

double stack_ns(size_t stack, const char *format, ...)
{
    char line[64] = "";
    va_list arguments;
    if (!pipes[stack].in && !start(stack))
        return 0;
    va_start(arguments, format);
    vfprintf(pipes[stack].out, format, arguments);
    va_end(arguments);
    fputc('\n', pipes[stack].out);
    fflush(pipes[stack].out);
    return fgets(line, sizeof line, pipes[stack].in) ? strtod(line, NULL) : 0;
}
