#include "peer/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/identity.h"
#include "common/report.h"
#include "peer/peer.h"
#include "peer/programs.h"
#include "sandbox/helper.h"

#define QUEUE_BYTES (1 << 20)

/* ---- starting ------------------------------------------------------------------------------- */

static int launch(pid_t *pid, const struct peer *peer, const int theirs[2])
{
    static char identity[IDENTITY_TEXT_MAX];
    char name[NET_NAME_MAX];
    const dtls_info_t *info = &peer->info;
    const struct launch launch = {
        .values = {[LAUNCH_PEER] = net_name(name, &peer->session),
                   [LAUNCH_IDENTITY] =
                       identity_text(identity, info->identity, info->identity_length),
                   [LAUNCH_SUITE] = info->suite_name,
                   [LAUNCH_VERSION] = info->version == DTLS13 ? "1.3" : "1.2"},
        .in = theirs[STDIN_FILENO],
        .out = theirs[STDOUT_FILENO]};

    return helper_launch(pid, peer->app->options, &launch);
}

static bool is_program(const char *path)
{
    struct stat status;

    if (access(path, X_OK) != 0 || stat(path, &status) != 0)
        return false;
    errno = EACCES; /* reported if path is a directory */
    return S_ISREG(status.st_mode);
}

/* Searches PATH as posix_spawnp(3) does. If PATH is not set, posix_spawnp(3) has a default of its
 * own, so assume that it finds the program. */
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

/* Returns the next step after an error, as the end of an error line. */
static const char *step_after(const struct options *options, int error)
{
    switch (error) {
    case EMFILE: return "; raise the limit with ulimit -n, or serve fewer clients (-m)";
    case ENFILE: return "; the system has too many open files: serve fewer clients (-m)";
    case EAGAIN: return "; raise the limit with ulimit -u, or serve fewer clients (-m)";
    case EPIPE: return "; the helper process has ended: start dtlscat again";
    default:
        return strchr(options->program, ' ') != NULL
                   ? "; -e expects a program without arguments, and -c a shell command"
                   : "";
    }
}

static void report_cannot_start(const struct options *options, int error)
{
    report("cannot start %.200s: %s%s", options->program, strerror(error),
           step_after(options, error));
}

bool child_can_start(const struct options *options)
{
    const char *program = options->program;

    if (program == NULL || options->by_shell ||
        (strchr(program, '/') != NULL ? is_program(program) : is_in_path(program)))
        return true;
    report_cannot_start(options, errno);
    return false;
}

/* Opens two pipes for a program. theirs has the ends of the program, and ours has our ends. The
 * index is STDIN_FILENO or STDOUT_FILENO of the program. Only our ends are non-blocking, since
 * programs expect blocking descriptors. */
static bool open_pipes(int ours[2], int theirs[2])
{
    int in[2], out[2];

    if (pipe2(in, O_CLOEXEC) != 0)
        return false;
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    theirs[STDIN_FILENO] = in[0];
    ours[STDIN_FILENO] = in[1];
    ours[STDOUT_FILENO] = out[0];
    theirs[STDOUT_FILENO] = out[1];
    return fcntl(in[1], F_SETFL, O_NONBLOCK) == 0 && fcntl(out[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_socketpair(int ours[2], int theirs[2])
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    ours[STDIN_FILENO] = ours[STDOUT_FILENO] = ends[0];
    theirs[STDIN_FILENO] = theirs[STDOUT_FILENO] = ends[1];
    return true;
}

static void close_both(const int ends[2])
{
    close(ends[STDIN_FILENO]);
    if (ends[STDOUT_FILENO] != ends[STDIN_FILENO])
        close(ends[STDOUT_FILENO]);
}

static struct child *new_child(struct peer *peer, const int ours[2])
{
    struct app *app = peer->app;
    struct child *child = calloc(1, sizeof *child);

    if (child == NULL)
        return NULL;
    child->app = app;
    child->peer = peer;
    net_name(child->name, &peer->session);
    child->packets = app->options->framing.mode == FRAME_PACKET;
    child->fd = ours[STDIN_FILENO];
    queue_init(&child->in, QUEUE_BYTES);
    feed_init(&child->out, &app->options->framing, ours[STDOUT_FILENO], "program");
    return child;
}

bool child_start(struct child **child, struct peer *peer)
{
    const struct options *options = peer->app->options;
    int ours[2] = {-1, -1}, theirs[2] = {-1, -1};
    bool packets = options->framing.mode == FRAME_PACKET;

    if (!(packets ? open_socketpair(ours, theirs) : open_pipes(ours, theirs))) {
        report_cannot_start(options, errno);
        return false;
    }
    *child = new_child(peer, ours);
    int error = *child != NULL ? launch(&(*child)->pid, peer, theirs) : ENOMEM;
    close_both(theirs);
    if (error == 0) {
        programs_add(*child);
        return true;
    }
    report_cannot_start(options, error);
    close_both(ours);
    free(*child);
    *child = NULL;
    return false;
}
