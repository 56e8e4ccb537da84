#include "peer/programs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/report.h"
#include "peer/childio.h"
#include "peer/due.h"
#include "peer/peer.h"

#define EVENTS 64 /* limit of events in one turn; the others follow in the next one */

void programs_init(struct programs *programs)
{
    programs->set = -1;
}

bool programs_open(struct programs *programs)
{
    programs->set = epoll_create1(EPOLL_CLOEXEC);
    return programs->set >= 0;
}

/* ---- the list ------------------------------------------------------------------------------- */

static struct child **bucket(struct programs *programs, pid_t pid)
{
    return &programs->by_pid[(unsigned)pid % PROGRAMS_BUCKETS];
}

void programs_add(struct child *child)
{
    struct programs *programs = &child->app->programs;
    struct child **place = bucket(programs, child->pid);

    child->same_bucket = *place;
    *place = child;
    child->next = programs->first;
    child->place = &programs->first;
    if (child->next != NULL)
        child->next->place = &child->next;
    programs->first = child;
}

/* Removes the program with this process ID from the hash table. Returns NULL if there is none. */
static struct child *take_pid(struct programs *programs, pid_t pid)
{
    struct child **place = bucket(programs, pid), *child;

    while ((child = *place) != NULL && child->pid != pid)
        place = &child->same_bucket;
    if (child != NULL)
        *place = child->same_bucket;
    return child;
}

/* Frees a detached program that was reaped. */
static void remove_ended(struct child *child)
{
    *child->place = child->next;
    if (child->next != NULL)
        child->next->place = child->place;
    child->app->programs.detached--;
    child_close(child);
    free(child);
}

/* ---- descriptors ---------------------------------------------------------------------------- */

/* A descriptor without wanted events is removed from the set, which would otherwise report a
 * hang-up again and again. */
static void watch(struct child *child, int fd, uint32_t *watched, uint32_t wanted)
{
    struct epoll_event event = {.events = wanted, .data.ptr = child};
    int operation = *watched == 0 ? EPOLL_CTL_ADD : wanted == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    if (wanted == *watched)
        return;
    if (epoll_ctl(child->app->programs.set, operation, fd, &event) != 0)
        report("%s: cannot wait for its program: %s", child->name, strerror(errno));
    *watched = wanted;
}

void programs_watch(struct child *child, bool sending)
{
    uint32_t in = child->fd >= 0 && !queue_is_empty(&child->in) ? EPOLLOUT : 0;
    uint32_t out = child->out.in.fd >= 0 && (sending || child->peer == NULL) ? EPOLLIN : 0;

    if (child->packets && child->fd == child->out.in.fd) {
        watch(child, child->fd, &child->watched_out, in | out);
        return;
    }
    watch(child, child->fd, &child->watched_in, in);
    watch(child, child->out.in.fd, &child->watched_out, out);
}

void programs_forget(struct child *child, int fd)
{
    watch(child, fd, fd == child->out.in.fd ? &child->watched_out : &child->watched_in, 0);
}

static void handle(struct child *child, uint32_t events)
{
    child->ready |= (events & ~(uint32_t)EPOLLOUT) != 0;
    if (child->peer != NULL) {
        due_touch(child->peer);
        return;
    }
    child_flush(child);
    programs_watch(child, false);
}

void programs_pump(struct app *app)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(app->programs.set, events, EVENTS, 0);

    for (int i = 0; i < count; i++)
        handle(events[i].data.ptr, events[i].events);
}

/* ---- ending --------------------------------------------------------------------------------- */

void programs_detach(struct child **owner)
{
    struct child *child = *owner;

    if (child == NULL)
        return;
    *owner = NULL;
    child->peer = NULL;
    child->app->programs.detached++;
    child_end_input(child);
    if (child->pid == 0)
        remove_ended(child);
    else
        programs_watch(child, false);
}

/* Reports how a program has ended, unless it succeeded. SIGPIPE is not a failure: it ends a program
 * that writes after its session has ended. If a signal ends a shell command, the exit status of the
 * shell is 128 + n. */
static void report_status(const struct child *child, int status)
{
    struct app *app = child->app;
    bool killed = WIFSIGNALED(status);
    int number = killed ? WTERMSIG(status) : WEXITSTATUS(status);

    if (number == 0 || number == (killed ? SIGPIPE : EXIT_SIGNAL + SIGPIPE))
        return;
    if (app->options->reports || !app->options->keep)
        report("%s: the program ended %s %d", child->name, killed ? "by signal" : "with status",
               number);
    if (!app->options->keep)
        app_set_code(app, EXIT_PROGRAM);
}

static void has_ended(struct child *child, int status)
{
    child->pid = 0;
    child_has_ended(child);
    report_status(child, status);
    if (child->peer != NULL)
        due_touch(child->peer);
    else
        remove_ended(child);
}

void programs_reap(struct app *app)
{
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = take_pid(&app->programs, pid);
        if (child != NULL)
            has_ended(child, status);
    }
}

void programs_signal(const struct app *app, int number)
{
    for (const struct child *child = app->programs.first; child != NULL; child = child->next)
        if (child->pid != 0)
            kill(child->pid, number);
}
