#include "workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/eventlog.h"
#include "common/lines.h"
#include "common/report.h"
#include "net/steer.h"
#include "reload.h"

/* A worker that dies is started again. If DEATHS workers die within DEATHS_US, the next ones would
 * probably die too: the run ends. */
#define DEATHS 5
#define DEATHS_US 60000000
#define FLUSH_NS 100000000 /* the supervisor writes queued lines at this interval */

struct supervisor {
    struct workers *workers;
    struct app *app;
    int ending; /* exit code of the run if it is ending; 0: it is not ending */
    unsigned deaths;
    int64_t first_death_us;
};

/* Returns true if the process ignores the signal. After nohup(1) this is SIGHUP, which must not end
 * the run. */
static bool is_ignored(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t wanted_signals(const struct app *app)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (reload_is_possible(app) || !is_ignored(SIGHUP))
        sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    return set;
}

/* Blocks the signals. A signal that arrives stays pending until the supervisor accepts it, or until
 * a worker has installed its handlers. */
static void block_signals(const struct app *app)
{
    sigset_t set = wanted_signals(app);

    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* ---- sockets -------------------------------------------------------------------------------- */

int workers_open(struct workers *workers, struct app *app)
{
    const struct options *options = app->options;
    int code = net_listen(&app->net, &options->net);

    if (code != EXIT_DONE)
        return code;
    workers->fd[0] = app->net.fd;
    for (workers->count = 1; workers->count < options->workers; workers->count++) {
        int fd = net_listen_again(&app->net);
        if (fd < 0) {
            report("cannot open a socket for worker %zu: %s", workers->count + 1, strerror(errno));
            return EXIT_IO;
        }
        workers->fd[workers->count] = fd;
    }
    if (options->use_cid && !steer_by_cid(workers->fd[0], workers->count)) {
        report("the kernel cannot select a worker by connection ID (--cid): %s; remove --cid or "
               "--workers",
               strerror(errno));
        return EXIT_IO;
    }
    block_signals(app);
    return EXIT_DONE;
}

/* ---- workers -------------------------------------------------------------------------------- */

/* A worker has a process group of its own, so that a signal from the terminal reaches it only
 * through the supervisor, once. The kernel sends it SIGTERM when the supervisor dies. */
static void become_worker(struct supervisor *s, size_t number, pid_t parent)
{
    setpgid(0, 0);
    lines_forget();
    eventlog_worker((unsigned)number + 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        eventlog_abort(EXIT_IO, "the supervisor has died");
        _exit(EXIT_IO);
    }
    for (size_t i = 0; i < s->workers->count; i++)
        if (i != number)
            close(s->workers->fd[i]);
    s->app->net.fd = s->workers->fd[number];
    s->app->worker = (uint8_t)number;
}

/* Starts a worker. Returns true in the worker. In the supervisor, stores the process ID of the
 * worker. On failure reports the error, and stores 0. */
static bool start(struct supervisor *s, size_t number)
{
    pid_t parent = getpid(), pid = fork();

    if (pid == 0) {
        become_worker(s, number, parent);
        return true;
    }
    if (pid < 0)
        report("cannot start worker %zu: %s", number + 1, strerror(errno));
    s->workers->pid[number] = pid > 0 ? pid : 0;
    return false;
}

static void forward(const struct supervisor *s, int signal)
{
    for (size_t i = 0; i < s->workers->count; i++)
        if (s->workers->pid[i] != 0)
            kill(s->workers->pid[i], signal);
}

static void end(struct supervisor *s, int code)
{
    s->ending = code;
    forward(s, SIGTERM);
}

/* ---- the end of a worker -------------------------------------------------------------------- */

static void report_death(size_t number, pid_t pid, int status, const char *next)
{
    char how[64];

    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "ended with exit code %d", WEXITSTATUS(status));
    report("worker %zu (process %ld) %s: its sessions are lost; %s", number + 1, (long)pid, how,
           next);
}

static bool too_many_deaths(struct supervisor *s)
{
    int64_t now = clock_us();

    if (s->deaths == 0 || now - s->first_death_us > DEATHS_US) {
        s->deaths = 0;
        s->first_death_us = now;
    }
    return ++s->deaths >= DEATHS;
}

/* Starts the worker again, or ends the run. Returns true in a worker that was started again. */
static bool worker_died(struct supervisor *s, size_t number, int status)
{
    pid_t pid = s->workers->pid[number];
    int code = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);

    s->workers->pid[number] = 0;
    if (s->ending != 0)
        return false;
    if (too_many_deaths(s)) {
        report_death(number, pid, status,
                     "five workers have died within a minute, so the run ends");
        end(s, code != EXIT_DONE ? code : EXIT_IO);
        return false;
    }
    report_death(number, pid, status, "starting it again");
    if (start(s, number))
        return true;
    if (s->workers->pid[number] == 0)
        end(s, EXIT_IO);
    return false;
}

static bool reap(struct supervisor *s)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < s->workers->count; i++)
            if (s->workers->pid[i] == pid && worker_died(s, i, status))
                return true;
    return false;
}

/* ---- signals -------------------------------------------------------------------------------- */

/* Handles a signal of the supervisor. Returns true in a worker that was started again. */
static bool on_signal(struct supervisor *s, int number)
{
    if (number == SIGCHLD)
        return reap(s);
    if (number == SIGHUP && reload_is_possible(s->app)) {
        /* Load the files here too, for workers that are started again later. */
        if (reload(s->app))
            forward(s, number);
        return false;
    }
    if (number != SIGUSR1)
        s->ending = EXIT_SIGNAL + number;
    forward(s, number);
    return false;
}

static size_t running(const struct supervisor *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->workers->count; i++)
        count += s->workers->pid[i] != 0;
    return count;
}

/* Waits for a signal, or if stderr has not accepted all lines yet, for a short time. Returns the
 * number of the signal. */
static int next_signal(const sigset_t *set)
{
    static const struct timespec soon = {.tv_nsec = FLUSH_NS};

    lines_flush();
    eventlog_flush();
    return lines_fd() >= 0 || eventlog_fd() >= 0 ? sigtimedwait(set, NULL, &soon)
                                                 : sigwaitinfo(set, NULL);
}

bool workers_run(struct workers *workers, struct app *app, int *code)
{
    struct supervisor s = {.workers = workers, .app = app};
    sigset_t set = wanted_signals(app);

    for (size_t i = 0; i < workers->count && s.ending == 0; i++) {
        if (start(&s, i))
            return true;
        if (workers->pid[i] == 0)
            end(&s, EXIT_IO);
    }
    while (running(&s) > 0) {
        int number = next_signal(&set);
        if (number > 0 && on_signal(&s, number))
            return true;
    }
    for (size_t i = 1; i < workers->count; i++)
        close(workers->fd[i]); /* app->net has fd[0], and closes it */
    *code = s.ending;
    return false;
}
