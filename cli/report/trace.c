#include "report/trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "report/jsonevents.h"
#include "report/jsontrace.h"

/* How often -v must be given for each kind of line. */
enum { TRACE_SESSIONS = 1, TRACE_MESSAGES, TRACE_RECORDS };

bool trace_wants_messages(const struct trace *trace)
{
    return trace->text_wanted || trace->json || trace->capture != NULL;
}

void trace_impaired(struct trace *trace, enum impair_direction direction, uint64_t number,
                    size_t length, const struct impair_decision *decision)
{
    if (trace->text_wanted)
        trace_text_impaired(&trace->text, direction, number, length, decision);
    if (trace->json)
        jsontrace_impaired(direction, number, length, decision);
}

void trace_show(struct trace *trace, const dtls_trace_t *event)
{
    if (trace->capture != NULL)
        capture_event(trace->capture, event);
    if (trace->text_wanted)
        trace_text_show(&trace->text, event);
    if (trace->json)
        jsontrace_show(event);
}

void trace_end_turn(const struct trace *trace)
{
    if (trace->json)
        jsontrace_end_datagram();
}

/* Returns how often -v must be given for a log message of the library. DTLS_LOG_WARN is for
 * messages about the whole run. Messages about one peer need -vv, since outcome_report() reports
 * the failure of a peer too. */
static unsigned verbosity_for(dtls_log_t level)
{
    if (level <= DTLS_LOG_CRIT)
        return 0;
    return level == DTLS_LOG_WARN ? TRACE_SESSIONS : TRACE_MESSAGES;
}

void trace_log(const struct trace *trace, dtls_log_t level, const char *message)
{
    unsigned least = verbosity_for(level);

    if (least == 0)
        report("%s", message);
    else if (trace->verbose >= least)
        report_note("%s", message);
}

void trace_key(struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length)
{
    char line[KEYLOG_LINE_MAX];
    size_t length = keylog_line(line, label, client_random, secret, secret_length);

    if (trace->keylog.fd >= 0)
        keylog_write(&trace->keylog, line, length);
    if (trace->capture != NULL)
        capture_secret(trace->capture, line, length);
    explicit_bzero(line, sizeof line);
}

/* --color=auto follows the convention of $NO_COLOR: any text in it turns colors off. */
static bool is_colored(enum color color)
{
    const char *off = getenv("NO_COLOR");

    return color == COLOR_ALWAYS ||
           (color == COLOR_AUTO && isatty(STDERR_FILENO) && (off == NULL || *off == '\0'));
}

int trace_open(struct trace *trace, const struct options *options, const struct net *net)
{
    int64_t now = clock_us();

    *trace =
        (struct trace){.verbose = options->verbose,
                       .text_wanted = options->verbose >= TRACE_MESSAGES && !eventlog_is_stderr(),
                       .json = eventlog_is_open(),
                       .text = {.records = options->verbose >= TRACE_RECORDS,
                                .name_peers = options->listen,
                                .started_us = now,
                                .shown_us = now}};
    if (trace->json) {
        jsonevents_start(options->json_data);
        jsontrace_start();
    }
    report_in_color(is_colored(options->color));
    int code = keylog_open(&trace->keylog, options);
    return code == EXIT_DONE ? capture_open(&trace->capture, options, net) : code;
}

void trace_close(struct trace *trace)
{
    keylog_close(&trace->keylog);
    capture_close(trace->capture);
}
