#include "child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity.h"
#include "peer.h"
#include "say.h"

#define QUEUE_BYTES (1 << 20)

/* ---- starting ------------------------------------------------------------------------------- */

/* For the program that is started next. setenv(3) would keep the values of all before it. */
static void set_environment(const struct peer *peer)
{
    static char name[NET_NAME_MAX + 16] = "DTLSCAT_PEER=",
                                    identity[IDENTITY_TEXT_MAX + 32] = "DTLSCAT_IDENTITY=",
                                    suite[64], version[32];
    const dtls_info_t *info = &peer->info;

    net_name(strchr(name, '=') + 1, &peer->session);
    identity_text(strchr(identity, '=') + 1, info->identity, info->identity_length);
    snprintf(suite, sizeof suite, "DTLSCAT_SUITE=%s", info->suite_name);
    snprintf(version, sizeof version, "DTLSCAT_VERSION=%s",
             info->version == DTLS13 ? "1.3" : "1.2");
    putenv(name);
    putenv(identity);
    putenv(suite);
    putenv(version);
}

static int spawn(pid_t *pid, int fd, const struct options *options)
{
    char shell[] = "sh", command[] = "-c";
    char *whole[] = {options->program, NULL},
         *by_shell[] = {shell, command, options->program, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* which we ignore */
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error = options->by_shell
                    ? posix_spawn(pid, "/bin/sh", &actions, &attributes, by_shell, environ)
                    : posix_spawnp(pid, options->program, &actions, &attributes, whole, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static bool is_program(const char *path)
{
    struct stat status;

    if (access(path, X_OK) != 0 || stat(path, &status) != 0)
        return false;
    errno = EACCES; /* for a directory */
    return S_ISREG(status.st_mode);
}

/* As posix_spawnp() looks for it; which has a path of its own where there is none. */
static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];

    if (path == NULL)
        return true;
    for (size_t length;; path += length + 1) {
        length = strcspn(path, ":");
        if (length > 0)
            snprintf(file, sizeof file, "%.*s/%s", (int)length, path, program);
        else
            snprintf(file, sizeof file, "./%s", program);
        if (is_program(file))
            return true;
        if (path[length] == '\0')
            return false;
    }
}

static void say_cannot_start(const struct options *options, int error)
{
    say("cannot start %.200s: %s%s", options->program, strerror(error),
        strchr(options->program, ' ') != NULL ? "; -e takes a program without arguments, -c a "
                                                "command"
                                              : "");
}

bool child_can_start(const struct options *options)
{
    const char *program = options->program;

    if (program == NULL || options->by_shell ||
        (strchr(program, '/') != NULL ? is_program(program) : is_in_path(program)))
        return true;
    say_cannot_start(options, errno);
    return false;
}

bool child_start(struct child **child, const struct peer *peer)
{
    const struct options *options = peer->cat->options;
    int ends[2] = {-1, -1};

    *child = calloc(1, sizeof **child);
    if (*child == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        say("cannot start a program for the peer: %s", strerror(errno));
        free(*child);
        *child = NULL;
        return false;
    }
    queue_init(&(*child)->in, QUEUE_BYTES);
    (*child)->fd = ends[0];
    set_environment(peer);
    int error = spawn(&(*child)->pid, ends[1], options);
    close(ends[1]);
    if (error == 0)
        return true;
    say_cannot_start(options, error);
    close(ends[0]);
    free(*child);
    *child = NULL;
    return false;
}

/* ---- its input ------------------------------------------------------------------------------ */

/* False: not now. One that does not read any more has had it all. */
static bool hand_over(struct child *child, const uint8_t *data, size_t length)
{
    return child->fd < 0 || send(child->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
           (errno != EAGAIN && errno != EINTR && errno != ENOBUFS);
}

/* An empty message would be the end of its input. */
bool child_put(struct child *child, const uint8_t *data, size_t length)
{
    if (length == 0 || (queue_is_empty(&child->in) && hand_over(child, data, length)))
        return true;
    return queue_put(&child->in, data, length);
}

static void close_socket(struct child *child)
{
    static uint8_t rest[CHILD_READ_BYTES];

    if (child->fd < 0)
        return;
    /* The end of its input, and of interest in its output. What we left unread would cost it the input
     * that it has not read yet. */
    shutdown(child->fd, SHUT_RDWR);
    while (recv(child->fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
        continue;
    close(child->fd);
    child->fd = -1;
}

void child_flush(struct child *child)
{
    while (!queue_is_empty(&child->in) &&
           hand_over(child, child->in.first->data, child->in.first->length))
        queue_drop(&child->in);
    if (child->leaving && queue_is_empty(&child->in))
        close_socket(child);
}

/* ---- its output ----------------------------------------------------------------------------- */

/* Nothing was read: that is an empty message, unless the other end is closed and no more has come from it. */
static bool has_ended(const struct child *child)
{
    struct pollfd ready = {.fd = child->fd, .events = POLLRDHUP};
    int left;

    return poll(&ready, 1, 0) > 0 && (ioctl(child->fd, FIONREAD, &left) != 0 || left == 0);
}

enum pipe_result child_read(struct child *child, uint8_t *data, size_t *length)
{
    ssize_t got = recv(child->fd, data, CHILD_READ_BYTES, MSG_DONTWAIT);

    /* It ended without having read all, which is said once, before what it wrote. */
    if (got < 0 && errno == ECONNRESET)
        got = recv(child->fd, data, CHILD_READ_BYTES, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return child->pid == 0 ? PIPE_END : PIPE_AGAIN;
    if (got < 0)
        return PIPE_END;
    *length = (size_t)got;
    return got == 0 && has_ended(child) ? PIPE_END : PIPE_DATA;
}

/* ---- its end -------------------------------------------------------------------------------- */

void child_leave(struct child **child, struct child **alone)
{
    if (*child == NULL)
        return;
    (*child)->leaving = true;
    child_flush(*child);
    (*child)->next = *alone;
    *alone = *child;
    *child = NULL;
}

static void each_child(struct cat *cat, void (*visit)(struct child *child, int number), int number)
{
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        if (peer->child != NULL)
            visit(peer->child, number);
    for (struct child *child = cat->alone; child != NULL; child = child->next)
        visit(child, number);
}

static void wait_for(struct child *child, int options)
{
    if (child->pid != 0 && waitpid(child->pid, NULL, options) == child->pid)
        child->pid = 0;
}

void children_wait(struct cat *cat)
{
    each_child(cat, wait_for, WNOHANG);
}

static void send_signal(struct child *child, int number)
{
    if (child->pid != 0)
        kill(child->pid, number);
}

void children_signal(struct cat *cat, int number)
{
    each_child(cat, send_signal, number);
}

size_t children_count(const struct child *alone)
{
    size_t count = 0;

    for (; alone != NULL; alone = alone->next)
        count++;
    return count;
}

void children_sweep(struct child **alone)
{
    while (*alone != NULL) {
        struct child *child = *alone;
        child_flush(child);
        if (child->pid != 0) {
            alone = &child->next;
            continue;
        }
        *alone = child->next;
        queue_clear(&child->in);
        close_socket(child);
        free(child);
    }
}
