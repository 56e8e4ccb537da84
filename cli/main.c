/* dtlscat: stdin to a DTLS peer, its data to stdout. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/say.h"
#include "common/signals.h"
#include "events.h"
#include "key/keygen.h"
#include "loop.h"
#include "options/parse.h"
#include "peer/calling.h"
#include "peer/child.h"
#include "peer/peer.h"
#include "peer/summary.h"

/* A descriptor that is closed would become our socket. The wrong mode keeps the error: reading
 * stdin ends, writing to stdout fails. */
static void hold_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDONLY);

    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDONLY);
    if (fd >= 0)
        close(fd);
}

static int start_caller(struct cat *cat)
{
    const struct credential *own = &cat->psk->ring.entries[0];
    int code =
        ticketfile_load(&cat->ticket, cat->options->resume, own->identity, own->identity_length);

    if (code == EXIT_DONE)
        code = net_resolve(&cat->net, &cat->options->net);
    if (code == EXIT_DONE)
        code = net_call_next(&cat->net, &cat->options->net);
    return code == EXIT_DONE ? calling_begin(cat) : code;
}

/* Tells whoever waits for it that datagrams to this port will be read. */
static int tell_port(int fd, uint16_t port)
{
    char line[8];
    int length = snprintf(line, sizeof line, "%u\n", port);
    bool good = write(fd, line, (size_t)length) == length;

    good &= close(fd) == 0;
    if (!good)
        say("cannot write to descriptor %d (--ready-fd): %s", fd, strerror(errno));
    return good ? EXIT_DONE : EXIT_IO;
}

/* Whoever waits for this may send a signal next. */
static int announce(struct cat *cat)
{
    char name[NET_NAME_MAX], host[256];

    if (cat->options->reports || cat->options->net.port == 0)
        say("listening on %s", net_local_name(name, &cat->net));
    uint16_t port = net_local(&cat->net, host, sizeof host);
    if (cat->psk->fresh)
        keygen_show(cat->psk->ring.entries[0].key.data, host, port);
    return cat->options->ready_fd != 0 ? tell_port(cat->options->ready_fd, port) : EXIT_DONE;
}

static int start(struct cat *cat)
{
    int code = trace_open(&cat->trace, cat->options);

    if (code == EXIT_DONE)
        code = dump_open(&cat->dump, cat->options);
    if (code == EXIT_DONE && !child_can_start(cat->options))
        code = EXIT_USAGE;
    if (code == EXIT_DONE)
        code = events_start(cat);
    if (code != EXIT_DONE)
        return code;
    return cat->options->listen ? net_listen(&cat->net, &cat->options->net) : start_caller(cat);
}

static void init(struct cat *cat, const struct options *options, struct psk *psk)
{
    cat->options = options;
    cat->psk = psk;
    cat->net.fd = cat->ticket.fd = cat->trace.keylog = -1;
    feed_init(&cat->feed, &options->framing, STDIN_FILENO, "stdin");
    cat->terminal = isatty(STDIN_FILENO) && options->program == NULL && !options->recv_only;
    early_init(&cat->early);
    sink_init(&cat->out, STDOUT_FILENO);
    progress_start(&cat->progress, options->progress);
}

static void clear(struct cat *cat)
{
    peers_clear(cat);
    dtls_free_context(cat->dtls);
    net_close(&cat->net);
    ticketfile_clear(&cat->ticket);
    queue_clear(&cat->early.kept);
    dump_close(&cat->dump);
    trace_close(&cat->trace);
}

/* What scripts are told: of all that went wrong, the gravest. */
static int verdict(const struct cat *cat)
{
    if (cat->code != EXIT_DONE)
        return cat->code;
    if (cat->feed.spoilt || cat->dump.failed)
        return EXIT_IO;
    return cat->lossy && cat->options->fail_on_loss ? EXIT_LOSS : EXIT_DONE;
}

static int run(const struct options *options, struct psk *psk)
{
    static struct cat cat; /* its buffers are too large for a stack */

    init(&cat, options, psk);
    int code = start(&cat);
    if (code == EXIT_DONE && !signals_catch(!psk_can_reload(psk, options))) {
        say("cannot catch signals");
        code = EXIT_IO;
    }
    if (code == EXIT_DONE && options->listen)
        code = announce(&cat);
    if (code == EXIT_DONE) {
        code = loop_run(&cat) ? verdict(&cat) : EXIT_IO;
        dtls_stats_t sum = summary_of_all(&cat);
        progress_end(&cat.progress, &sum);
    }
    clear(&cat);
    return code;
}

int main(int argc, char **argv)
{
    static struct options options;
    static struct psk psk;

    dtls_skip_configuration();
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    int code = options_parse(&options, argc, argv);
    if (code != OPTIONS_RUN)
        return code;
    if (options.keygen)
        return keygen_print(options.identity);
    code = psk_load(&psk, &options);
    if (code == EXIT_DONE) {
        if (options.verbose > 0)
            psk_describe(&psk);
        code = run(&options, &psk);
        keyring_clear(&psk.ring);
    }
    return code;
}
