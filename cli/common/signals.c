#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "common/eventlog.h"
#include "common/exit.h"

static int ends[2] = {-1, -1};
static volatile sig_atomic_t ending;

static void forward_to_pipe(int number)
{
    int error = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(ends[1], &byte, 1);

    (void)ignored; /* if the pipe is full, earlier signals in it wake the event loop */
    errno = error;
}

static void end_run(int number)
{
    if (ending) {
        eventlog_abort(EXIT_SIGNAL + number, "a second signal ended the program at once");
        _exit(EXIT_SIGNAL + number);
    }
    ending = 1;
    forward_to_pipe(number);
}

bool signals_catch(bool hangup_ends)
{
    const struct {
        int number;
        void (*handler)(int number);
    } wanted[] = {{SIGINT, end_run},
                  {SIGTERM, end_run},
                  {SIGHUP, hangup_ends ? end_run : forward_to_pipe},
                  {SIGUSR1, forward_to_pipe},
                  {SIGCHLD, forward_to_pipe}};
    sigset_t set;
    bool good = pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;

    sigemptyset(&set);
    for (size_t i = 0; good && i < sizeof wanted / sizeof wanted[0]; i++) {
        /* Don't set SA_RESTART: a signal has to interrupt system calls that wait. */
        struct sigaction action = {.sa_handler = wanted[i].handler}, before;
        sigemptyset(&action.sa_mask);
        sigaddset(&set, wanted[i].number);
        good = sigaction(wanted[i].number, NULL, &before) == 0;
        if (wanted[i].number == SIGHUP && hangup_ends && before.sa_handler == SIG_IGN)
            continue; /* under nohup(1), SIGHUP must not end the run */
        good = good && sigaction(wanted[i].number, &action, NULL) == 0;
    }
    return good && sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
}

int signals_fd(void)
{
    return ends[0];
}

int signals_next(void)
{
    unsigned char number;

    return read(ends[0], &number, 1) == 1 ? number : 0;
}
