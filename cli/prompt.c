#include "prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int guarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define GUARDED (sizeof guarded / sizeof guarded[0])

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

struct guard {
    struct sigaction actions[GUARDED];
    sigset_t mask;
};

/* Holds the signals back; they are let in only while waiting for input, so that none slips in
 * between. */
static void guard(struct guard *before)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t held;

    caught = 0;
    sigemptyset(&held);
    for (size_t i = 0; i < GUARDED; i++)
        sigaddset(&held, guarded[i]);
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    for (size_t i = 0; i < GUARDED; i++)
        sigaction(guarded[i], &action, &before->actions[i]);
}

static void unguard(const struct guard *before)
{
    for (size_t i = 0; i < GUARDED; i++)
        sigaction(guarded[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    if (caught != 0)
        raise(caught);
}

/* The terminal is in canonical mode: one read gives one line. */
static int read_line(int fd, const struct guard *before, char *line, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    if (ppoll(&ready, 1, NULL, &before->mask) != 1)
        return PROMPT_FAILED;
    ssize_t length = read(fd, line, size);
    if (length <= 0 || line[length - 1] != '\n')
        return PROMPT_FAILED;
    return (int)length - 1;
}

int prompt_secret(const char *question, char *line, size_t size)
{
    struct termios before, silent;
    struct guard saved;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            close(fd);
        return PROMPT_NO_TERMINAL;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    guard(&saved);
    int length = PROMPT_FAILED;
    if (tcsetattr(fd, TCSAFLUSH, &silent) == 0 &&
        write(fd, question, strlen(question)) == (ssize_t)strlen(question))
        length = read_line(fd, &saved, line, size);
    tcsetattr(fd, TCSAFLUSH, &before);
    ssize_t ignored = write(fd, "\n", 1);
    (void)ignored;
    close(fd);
    unguard(&saved);
    return length;
}
