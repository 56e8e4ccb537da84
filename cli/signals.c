#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "exit.h"

static int ends[2] = {-1, -1};
static volatile sig_atomic_t seen;

static void on_signal(int number)
{
    int error = errno;
    unsigned char byte = (unsigned char)number;

    if (seen)
        _exit(EXIT_SIGNAL + number);
    seen = 1;
    ssize_t ignored = write(ends[1], &byte, 1); /* the pipe is empty: it fits */
    (void)ignored;
    errno = error;
}

bool signals_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: waiting calls return */

    sigemptyset(&action.sa_mask);
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 && sigaction(SIGINT, &action, NULL) == 0 &&
           sigaction(SIGTERM, &action, NULL) == 0;
}

int signals_fd(void)
{
    return ends[0];
}

int signals_take(void)
{
    unsigned char number;

    return read(ends[0], &number, 1) == 1 ? number : 0;
}
