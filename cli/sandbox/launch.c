#include "sandbox/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/identity.h"
#include "sandbox/sandbox.h"

/* Sets the environment that the next program will inherit. putenv(3) stores pointers to this static
 * array. setenv(3) would copy the strings, and leak the copies of earlier programs. */
static void set_environment(const struct launch *launch)
{
    static char strings[LAUNCH_VARIABLES][IDENTITY_TEXT_MAX + 32];
    static const char *const names[LAUNCH_VARIABLES] = {
        [LAUNCH_PEER] = "DTLSCAT_PEER",
        [LAUNCH_IDENTITY] = "DTLSCAT_IDENTITY",
        [LAUNCH_SUITE] = "DTLSCAT_SUITE",
        [LAUNCH_VERSION] = "DTLSCAT_VERSION",
    };

    for (size_t i = 0; i < LAUNCH_VARIABLES; i++) {
        snprintf(strings[i], sizeof strings[i], "%s=%s", names[i], launch->values[i]);
        putenv(strings[i]);
    }
}

int launch_here(pid_t *pid, const struct options *options, const struct launch *launch)
{
    char shell[] = "sh", command[] = "-c";
    char *whole[] = {options->program, NULL},
         *by_shell[] = {shell, command, options->program, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;

    set_environment(launch);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, launch->in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, launch->out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* this process ignores SIGPIPE, but the program must not */
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error = options->by_shell
                    ? posix_spawn(pid, "/bin/sh", &actions, &attributes, by_shell, environ)
                    : posix_spawnp(pid, options->program, &actions, &attributes, whole, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* ---- by the helper -------------------------------------------------------------------------- */

/* Undoes what this process has changed for itself: programs inherit it. */
static void restore_defaults(void)
{
    sigset_t none;

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    sandbox_restore_limits();
}

/* Executes the program, which is searched in PATH as posix_spawnp(3) does. Returns an error
 * number. */
static int execute(const struct options *options)
{
    char shell[] = "sh", command[] = "-c", file[PATH_MAX];
    char *whole[] = {options->program, NULL},
         *by_shell[] = {shell, command, options->program, NULL};
    const char *path = getenv("PATH");
    int error = ENOENT;

    if (options->by_shell)
        execve("/bin/sh", by_shell, environ);
    else if (strchr(options->program, '/') != NULL)
        execve(options->program, whole, environ);
    if (options->by_shell || strchr(options->program, '/') != NULL)
        return errno;
    if (path == NULL)
        path = "/bin:/usr/bin";
    for (size_t length;; path += length + 1) {
        length = strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s/%s", (int)(length > 0 ? length : 1),
                 length > 0 ? path : ".", options->program);
        execve(file, whole, environ);
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
        if (path[length] == '\0')
            return error;
    }
}

static void run(const struct options *options, const struct launch *launch, int failed)
{
    int error = 0;

    restore_defaults();
    if (dup2(launch->in, STDIN_FILENO) < 0 || dup2(launch->out, STDOUT_FILENO) < 0)
        error = errno;
    if (error == 0)
        error = execute(options);
    ssize_t ignored = write(failed, &error, sizeof error);
    (void)ignored;
    _exit(127);
}

int launch_for_parent(pid_t *pid, const struct options *options, const struct launch *launch)
{
    int failed[2], error = 0; /* the program's process writes an error number to this pipe */

    if (pipe2(failed, O_CLOEXEC) != 0)
        return errno;
    set_environment(launch);
    long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0);
    if (child == 0)
        run(options, launch, failed[1]);
    close(failed[1]);
    if (child < 0)
        error = errno;
    else if (read(failed[0], &error, sizeof error) != (ssize_t)sizeof error)
        error = 0; /* the pipe was closed by execve(2) */
    close(failed[0]);
    *pid = (pid_t)child;
    return error;
}
