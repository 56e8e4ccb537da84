#include "sandbox/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/eventlog.h"
#include "common/exit.h"
#include "common/identity.h"
#include "common/lines.h"
#include "common/report.h"
#include "sandbox/fileops.h"
#include "sandbox/message.h"

#define BYTES_MAX (IDENTITY_TEXT_MAX + 1024) /* the longest request: the values of a launch */
#define DESCRIPTORS 1024 /* the helper closes its copies of our descriptors below this number */

enum operation { OPEN, CREATE, REPLACE, DISCARD, REMOVE, LAUNCH };

static int channel = -1; /* the socket to the helper; -1: there is none */
static pid_t helper;

/* ---- the helper ----------------------------------------------------------------------------- */

struct request {
    struct message_header header;
    int fds[MESSAGE_FDS];
    char bytes[BYTES_MAX + 1]; /* with a terminating zero */
};

static bool is_named(const struct helper_config *config, const char *path)
{
    for (size_t i = 0; i < HELPER_PATHS; i++)
        if (config->paths[i] != NULL && strcmp(config->paths[i], path) == 0)
            return true;
    return false;
}

/* Splits the values, each of which ends with a zero. */
static bool parse_launch(struct launch *launch, const struct request *request)
{
    const char *at = request->bytes, *end = at + request->header.length;

    for (size_t i = 0; i < LAUNCH_VARIABLES; i++) {
        if (at >= end)
            return false;
        launch->values[i] = at;
        at += strlen(at) + 1;
    }
    launch->in = request->fds[0];
    launch->out = request->fds[1] >= 0 ? request->fds[1] : request->fds[0];
    return launch->in >= 0;
}

static void do_launch(struct message_header *response, const struct helper_config *config,
                      const struct request *request)
{
    struct launch launch;
    pid_t pid = 0;

    response->error = request->fds[0] >= 0 ? EINVAL : EMFILE;
    if (config->options->program != NULL && parse_launch(&launch, request))
        response->error = launch_for_parent(&pid, config->options, &launch);
    response->pid = pid;
}

/* Executes a request about a file. Returns the descriptor for the response, or -1. */
static int do_file(struct message_header *response, const struct helper_config *config,
                   const struct request *request)
{
    const char *path = request->bytes;
    int allowed = O_NOFOLLOW | O_NONBLOCK, result = -1;
    bool has_fd = request->header.operation == OPEN || request->header.operation == CREATE;

    errno = EPERM;
    if (is_named(config, path))
        switch (request->header.operation) {
        case OPEN: result = fileops_open(path, request->header.flags & allowed); break;
        case CREATE: result = fileops_create(path); break;
        case REPLACE: result = fileops_replace(path); break;
        case DISCARD: result = fileops_discard(path); break;
        case REMOVE: result = fileops_remove(path); break;
        default: break;
        }
    response->error = result < 0 ? errno : 0;
    return has_fd ? result : -1;
}

static void close_all(int fds[MESSAGE_FDS])
{
    for (size_t i = 0; i < MESSAGE_FDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static bool serve_one(const struct helper_config *config, int socket)
{
    static struct request request;
    struct message_header response = {.error = 0};

    if (!message_receive(socket, &request.header, request.fds) ||
        request.header.length > BYTES_MAX ||
        !message_receive_bytes(socket, request.bytes, request.header.length))
        return false;
    request.bytes[request.header.length] = '\0';
    int fds[MESSAGE_FDS] = {-1, -1};
    if (request.header.operation == LAUNCH)
        do_launch(&response, config, &request);
    else
        fds[0] = do_file(&response, config, &request);
    response.fd_count = fds[0] >= 0;
    bool good = message_send(socket, &response, NULL, fds);
    close_all(fds);
    close_all(request.fds);
    return good;
}

static void ignore(int number)
{
    (void)number;
}

/* The helper ends when the process that it serves has closed the socket, and not by the signals that
 * end that process. With a handler, and not SIG_IGN, programs get the default actions. */
static void keep_running(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction action = {.sa_handler = ignore}, before;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

/* Closes what programs must not inherit, such as the UDP socket. Otherwise the helper would keep it
 * open. Descriptors that the caller of dtlscat has opened for programs stay open. */
static void close_others(const struct helper_config *config, int socket)
{
    int null = open("/dev/null", O_RDWR);

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (fd != socket && flags >= 0 && (flags & FD_CLOEXEC) != 0)
            close(fd);
    }
    if (null > STDERR_FILENO)
        close(null);
    if (config->options->ready_fd != 0)
        close(config->options->ready_fd);
}

static void run(const struct helper_config *config, int socket)
{
    lines_forget();
    eventlog_forget();
    config->forget(config->hook);
    keep_running();
    close_others(config, socket);
    while (serve_one(config, socket))
        continue;
    _exit(EXIT_DONE);
}

int helper_start(const struct helper_config *config)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        report("cannot open a socket to the helper process: %s", strerror(errno));
        return EXIT_IO;
    }
    helper = fork();
    if (helper == 0)
        run(config, ends[1]);
    if (helper < 0)
        report("cannot start the helper process: %s", strerror(errno));
    close(ends[1]);
    channel = ends[0];
    return helper < 0 ? EXIT_IO : EXIT_DONE;
}

void helper_stop(void)
{
    if (channel < 0)
        return;
    close(channel);
    channel = -1;
    waitpid(helper, NULL, 0);
}

/* ---- the process that it serves ------------------------------------------------------------- */

/* Sends a request and receives the response. fds has the descriptors of the request, then those of
 * the response. Returns false with errno. */
static bool call(struct message_header *header, const char *bytes, int fds[MESSAGE_FDS])
{
    if (!message_send(channel, header, bytes, fds) || !message_receive(channel, header, fds))
        return false;
    errno = header->error != 0 ? header->error : EMFILE;
    return header->error == 0 && (header->fd_count == 0 || fds[0] >= 0);
}

static int call_file(enum operation operation, const char *path, int flags)
{
    struct message_header header = {
        .operation = operation, .flags = flags, .length = (uint32_t)strlen(path) + 1};
    int fds[MESSAGE_FDS] = {-1, -1};

    if (!call(&header, path, fds))
        return -1;
    return header.fd_count > 0 ? fds[0] : 0;
}

int helper_open(const char *path, int flags)
{
    return channel >= 0 ? call_file(OPEN, path, flags) : fileops_open(path, flags);
}

int helper_create(const char *path)
{
    return channel >= 0 ? call_file(CREATE, path, 0) : fileops_create(path);
}

int helper_replace(const char *path)
{
    return channel >= 0 ? call_file(REPLACE, path, 0) : fileops_replace(path);
}

int helper_discard(const char *path)
{
    return channel >= 0 ? call_file(DISCARD, path, 0) : fileops_discard(path);
}

int helper_remove(const char *path)
{
    return channel >= 0 ? call_file(REMOVE, path, 0) : fileops_remove(path);
}

int helper_launch(pid_t *pid, const struct options *options, const struct launch *launch)
{
    static char bytes[BYTES_MAX];
    struct message_header header = {.operation = LAUNCH,
                                    .fd_count = launch->in == launch->out ? 1 : 2};
    int fds[MESSAGE_FDS] = {launch->in, launch->out};
    size_t used = 0;

    if (channel < 0)
        return launch_here(pid, options, launch);
    for (size_t i = 0; i < LAUNCH_VARIABLES; i++) {
        size_t length = strlen(launch->values[i]) + 1;
        if (length > sizeof bytes - used)
            return E2BIG;
        memcpy(bytes + used, launch->values[i], length);
        used += length;
    }
    header.length = (uint32_t)used;
    if (!call(&header, bytes, fds))
        return errno;
    *pid = header.pid;
    return 0;
}
