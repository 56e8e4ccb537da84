#include "key/prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* While the echo is off, these signals take effect only after the terminal is restored. After
 * SIGCONT the shell may have turned the echo on again, so the prompt is repeated. */
static const int guarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};
#define GUARDED (sizeof guarded / sizeof guarded[0])

static volatile sig_atomic_t caught;

static void note(int number)
{
    if (caught == 0 || number != SIGCONT)
        caught = number;
}

struct guard {
    struct sigaction actions[GUARDED];
    sigset_t mask;
};

/* Blocks the guarded signals. ppoll(2) unblocks them only while it waits, so that a signal cannot
 * arrive unnoticed just before the wait. */
static void guard(struct guard *before)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t held;

    caught = 0;
    sigemptyset(&held);
    for (size_t i = 0; i < GUARDED; i++)
        sigaddset(&held, guarded[i]);
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    for (size_t i = 0; i < GUARDED; i++) {
        sigaction(guarded[i], NULL, &before->actions[i]);
        if (before->actions[i].sa_handler != SIG_IGN)
            sigaction(guarded[i], &action, NULL);
    }
}

/* Restores the handlers. Then raises the caught signal again, so that it ends or stops the
 * program. */
static void unguard(const struct guard *before)
{
    for (size_t i = 0; i < GUARDED; i++)
        sigaction(guarded[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    if (caught != 0)
        raise(caught);
}

/* Reads one line. In canonical mode one read(2) returns one line. */
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

static bool is_stop(int number)
{
    return number == SIGTSTP || number == SIGCONT;
}

/* Prints the question and reads one answer. If a signal interrupts this, `caught` is its number. */
static int ask(int fd, const struct termios *before, const char *question, char *line, size_t size)
{
    struct termios silent = *before;
    struct guard saved;
    int length = PROMPT_FAILED;

    silent.c_lflag &= ~(tcflag_t)ECHO;
    guard(&saved);
    if (tcsetattr(fd, TCSAFLUSH, &silent) == 0 &&
        write(fd, question, strlen(question)) == (ssize_t)strlen(question))
        length = read_line(fd, &saved, line, size);
    tcsetattr(fd, TCSAFLUSH, before);
    ssize_t ignored = write(fd, "\n", 1);
    (void)ignored;
    unguard(&saved);
    return length;
}

int prompt_secret(const char *question, char *line, size_t size)
{
    struct termios before;
    int length, fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    /* If this program is in the background, tcdrain(3) stops it until it may use the terminal. */
    if (fd < 0 || tcdrain(fd) != 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            close(fd);
        return PROMPT_NO_TERMINAL;
    }
    do
        length = ask(fd, &before, question, line, size);
    while (is_stop(caught));
    close(fd);
    return length;
}
