/* main.c - dtlscat: sends stdin to a DTLS peer, and writes the data of the peer to stdout. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/eventlog.h"
#include "common/exit.h"
#include "common/home.h"
#include "common/lines.h"
#include "common/nowait.h"
#include "common/report.h"
#include "common/signals.h"
#include "events.h"
#include "key/keygen.h"
#include "key/secretfile.h"
#include "loop.h"
#include "net/route.h"
#include "options/parse.h"
#include "peer/child.h"
#include "peer/connecting.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "reload.h"
#include "report/jsonevents.h"
#include "sandbox/helper.h"
#include "sandbox/sandbox.h"
#include "sandbox/user.h"
#include "simulate.h"
#include "workers.h"

/* Opens /dev/null for each standard descriptor that is closed. Otherwise the socket, for example,
 * would become stdout. /dev/null is opened read-only, so writing to a stdout that was closed still
 * fails. */
static void hold_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDONLY);

    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDONLY);
    if (fd >= 0)
        close(fd);
}

/* Opens the socket. With --workers, the supervisor has opened it. */
static int open_network(struct app *app)
{
    const struct net_config *config = &app->options->net;

    if (app->options->listen)
        return app->options->workers > 0 ? EXIT_DONE : net_listen(&app->net, config);
    int code = net_resolve(&app->net, config);
    return code == EXIT_DONE ? net_connect_next(&app->net, config) : code;
}

static int load_ticket(struct app *app)
{
    const struct credential *own = &app->psk->ring.entries[0];

    if (app->options->listen)
        return EXIT_DONE;
    return ticketfile_load(&app->ticket, app->options->resume, own->identity, own->identity_length);
}

/* Writes the port for --ready-fd. At this time the socket already receives datagrams. */
static int write_port(int fd, uint16_t port)
{
    char line[8];
    int length = snprintf(line, sizeof line, "%u\n", port);
    bool good = write(fd, line, (size_t)length) == length;

    good &= close(fd) == 0;
    if (!good)
        report("cannot write to descriptor %d (--ready-fd): %s", fd, strerror(errno));
    return good ? EXIT_DONE : EXIT_IO;
}

/* Reports the address, and writes the port for --ready-fd. The signal handlers must be installed
 * before: a process that reads the port may send a signal at once. */
static int announce(struct app *app)
{
    char name[NET_NAME_MAX], host[256];

    if (app->options->reports || app->options->net.port == 0)
        report_note("listening on %s", net_local_name(name, &app->net));
    uint16_t port = net_local(&app->net, host, sizeof host);
    jsonevents_listening(host, port);
    if (app->psk->fresh)
        keygen_show(app->psk->ring.entries[0].key.data, host, port);
    return app->options->ready_fd != 0 ? write_port(app->options->ready_fd, port) : EXIT_DONE;
}

static int load_secrets(struct app *app)
{
    const char *file = app->options->secrets;

    if (file != NULL) {
        int code = secrets_create(&app->secrets, file);
        if (code == EXIT_DONE && app->options->verbose > 0)
            secrets_describe(&app->secrets, file);
        return code;
    }
    return app->options->workers > 0 ? secrets_make(&app->secrets) : EXIT_DONE;
}

/* Opens everything that can be opened before the library is started. */
static int open_all(struct app *app)
{
    int code = trace_open(&app->trace, app->options, &app->net);

    if (code == EXIT_DONE)
        code = simulate_start(app);
    if (code == EXIT_DONE)
        code = dump_open(&app->dump, app->options);
    if (code == EXIT_DONE && !child_can_start(app->options))
        code = EXIT_USAGE;
    if (code == EXIT_DONE)
        code = load_secrets(app);
    return code;
}

/* Wipes the secrets that the helper process has inherited. */
static void forget_secrets(void *hook)
{
    struct app *app = hook;

    keyring_clear(&app->psk->ring);
    secrets_clear(&app->secrets);
}

/* Starts the helper process, if the run will need it inside the sandbox. */
static int start_helper(struct app *app)
{
    const struct options *options = app->options;
    struct helper_config config = {
        .options = options, .paths = {options->resume}, .forget = forget_secrets, .hook = app};

    if (psk_can_reload(app->psk, options))
        config.paths[1] = app->psk->path;
    if (options->keep)
        config.paths[2] = options->secrets;
    if (!sandbox_is_on(options) ||
        (options->program == NULL && options->resume == NULL && !reload_is_possible(app)))
        return EXIT_DONE;
    return helper_start(&config);
}

/* Opens the epoll set for programs, which each process with programs needs for itself. */
static int start_programs(struct app *app)
{
    if (app->options->program == NULL || programs_open(&app->programs))
        return EXIT_DONE;
    report("cannot wait for programs: %s", strerror(errno));
    return EXIT_IO;
}

static int enter_sandbox(const struct app *app)
{
    const struct options *options = app->options;
    const struct sandbox_needs needs = {.sockets = !options->listen && net_has_others(&app->net),
                                        .programs = options->program != NULL,
                                        .packets = options->framing.mode == FRAME_PACKET};

    return sandbox_enter(options, &needs);
}

/* The socket may need a privilege, so it is opened before the user is changed. The helper has the
 * privileges of the new user. */
static int start(struct app *app)
{
    int code = open_network(app);

    if (code == EXIT_DONE && app->options->workers == 0)
        code = user_change(app->options);
    if (code == EXIT_DONE)
        code = start_helper(app);
    if (code == EXIT_DONE)
        code = start_programs(app);
    route_open();
    if (code == EXIT_DONE)
        code = load_ticket(app);
    if (code == EXIT_DONE)
        code = events_start(app);
    return code == EXIT_DONE && !app->options->listen ? connecting_begin(app) : code;
}

static void init(struct app *app, const struct options *options, struct psk *psk)
{
    app->options = options;
    app->psk = psk;
    app->net.fd = app->ticket.fd = app->trace.keylog.fd = -1;
    feed_init(&app->feed, &options->framing, STDIN_FILENO, "stdin");
    app->terminal = isatty(STDIN_FILENO) && options->program == NULL && !options->recv_only;
    early_init(&app->early);
    due_init(&app->due);
    programs_init(&app->programs);
    sink_init(&app->out, nowait_descriptor(STDOUT_FILENO));
    progress_start(&app->progress, options->progress);
}

/* Adds the datagrams that belonged to no peer to the statistics of the run. */
static void count_unmatched(const struct app *app)
{
    dtls_stats_t stats;

    if (app->dtls != NULL && dtls_get_stats(app->dtls, NULL, &stats) == 0)
        jsonevents_count(&stats);
}

static void clear(struct app *app)
{
    trace_end_turn(&app->trace);
    count_unmatched(app);
    peers_clear(app);
    due_clear(&app->due);
    dtls_free_context(app->dtls);
    net_close(&app->net);
    ticketfile_clear(&app->ticket);
    secrets_clear(&app->secrets);
    queue_clear(&app->early.cached);
    dump_close(&app->dump);
    trace_close(&app->trace);
}

/* Returns the exit code of the run. The code of a failed session has precedence over failed input
 * or output, and both have precedence over loss. */
static int exit_code(const struct app *app)
{
    if (app->code != EXIT_DONE)
        return app->code;
    if (app->feed.had_errors || app->dump.failed || capture_has_failed(app->trace.capture))
        return EXIT_IO;
    return app->lossy && app->options->fail_on_loss ? EXIT_LOSS : EXIT_DONE;
}

static int serve(struct app *app)
{
    int code = start(app);

    if (code == EXIT_DONE && !signals_catch(!reload_is_possible(app))) {
        report("cannot install the signal handlers: %s", strerror(errno));
        code = EXIT_IO;
    }
    if (code == EXIT_DONE && app->options->listen && app->options->workers == 0)
        code = announce(app);
    if (code == EXIT_DONE)
        code = enter_sandbox(app);
    if (code == EXIT_DONE) {
        loop_run(app);
        code = exit_code(app);
        dtls_stats_t sum = summary_of_all(app);
        progress_end(&app->progress, &sum);
        simulate_report(app);
    }
    return code;
}

/* Serves with several processes. Announces the port before the workers start: the sockets are
 * open already, and the kernel queues datagrams in them until the workers run. */
static int serve_by_workers(struct app *app)
{
    struct workers workers = {.count = 0};
    int code = workers_open(&workers, app);

    if (code == EXIT_DONE)
        code = user_change(app->options);
    if (code == EXIT_DONE)
        code = announce(app);
    if (code == EXIT_DONE && workers_run(&workers, app, &code))
        code = serve(app);
    return code;
}

static int run(const struct options *options, struct psk *psk)
{
    static struct app app; /* static, since its buffers are too large for the stack */

    init(&app, options, psk);
    int code = open_all(&app);
    if (code == EXIT_DONE)
        code = options->workers > 0 ? serve_by_workers(&app) : serve(&app);
    clear(&app);
    helper_stop();
    return code;
}

static int main_with(int argc, char **argv)
{
    static struct options options;
    static struct psk psk;
    int code = options_parse(&options, argc, argv);

    if (code != OPTIONS_RUN)
        return code;
    if (options.keygen)
        return keygen_print(options.identity);
    sandbox_hide_memory(&options);
    secretfile_trust(options.uid);
    code = psk_load(&psk, &options);
    if (code == EXIT_DONE) {
        if (options.verbose > 0)
            psk_describe(&psk);
        code = run(&options, &psk);
        keyring_clear(&psk.ring);
    }
    return code;
}

/* Opens the stream of --json before the command line is parsed. */
static int open_events(int argc, char **argv)
{
    const char *file = NULL;
    char *path = NULL;

    if (!options_find_json(&file, argc, argv))
        return EXIT_DONE;
    if (file != NULL && (path = home_path(file)) == NULL) {
        report("cannot open the file of --json: out of memory");
        return EXIT_IO;
    }
    int code = eventlog_open(path, dtls_package_version());
    free(path);
    return code;
}

int main(int argc, char **argv)
{
    dtls_skip_configuration();
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    lines_open();
    int code = open_events(argc, argv);
    if (code == EXIT_DONE)
        code = main_with(argc, argv);
    jsonevents_exit(code);
    lines_finish();
    return code;
}
