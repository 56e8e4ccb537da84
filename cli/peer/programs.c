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
#include "peer/watch.h"

#define EVENTS 64 /* most events that one turn handles; the next turn handles the others */

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

static void handle(struct child *child, uint32_t events)
{
    child->ready |= (events & ~(uint32_t)EPOLLOUT) != 0;
    if (child->peer != NULL) {
        due_touch(child->peer);
        return;
    }
    child_flush(child);
    watch_program(child, false);
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
        watch_program(child, false);
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
