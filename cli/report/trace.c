#include "report/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/hex.h"
#include "common/nowait.h"
#include "common/report.h"
#include "key/secretfile.h"
#include "net/address.h"

#define RANDOM_BYTES 32

/* ---- a line per message, per record --------------------------------------------------------- */

struct text {
    char bytes[400];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length =
        vsnprintf(text->bytes + text->used, sizeof text->bytes - text->used, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->used += (size_t)length;
    if (text->used >= sizeof text->bytes)
        text->used = sizeof text->bytes - 1;
}

static void add_message(struct text *text, const dtls_trace_t *event)
{
    static const char *const reasons[] = {
        [DTLS_REPEAT_NONE] = "",
        [DTLS_REPEAT_PEER] = " (after the peer repeated its flight)",
        [DTLS_REPEAT_SUSPECT] = " (after an unauthenticated alert or error, perhaps forged)",
        [DTLS_REPEAT_ACK] = " (after an ACK of some records)",
    };

    add(text, "%s msg%u", dtls_message_name(event->msg_type), event->msg_seq);
    if (event->frag_length != event->msg_length)
        add(text, " bytes %" PRIu32 "-%" PRIu32 " of %" PRIu32, event->frag_offset,
            event->frag_offset + event->frag_length, event->msg_length);
    if (event->retransmit > 0)
        add(text, "  RETRANSMIT %u", event->retransmit);
    if (event->repeat == DTLS_REPEAT_TIMER)
        add(text, " (timer %" PRIu32 " ms)", event->timer_ms);
    else
        add(text, "%s", reasons[event->repeat]);
    if (event->duplicate)
        add(text, "  DUPLICATE");
}

static uint64_t number_at(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* Adds the record numbers that an ACK contains (RFC 9147 section 7). */
static void add_ack(struct text *text, const dtls_trace_t *event)
{
    add(text, "ACK");
    for (size_t at = 0; at < event->length; at += 16)
        add(text, " e%" PRIu64 "#%" PRIu64, number_at(event->data + at),
            number_at(event->data + at + 8));
}

static void add_what(struct text *text, const dtls_trace_t *event)
{
    switch (event->kind) {
    case DTLS_TRACE_MESSAGE: add_message(text, event); break;
    case DTLS_TRACE_CHANGE_CIPHER_SPEC:
        add(text, "ChangeCipherSpec");
        if (event->retransmit > 0)
            add(text, "  RETRANSMIT %u", event->retransmit);
        break;
    case DTLS_TRACE_ALERT:
        add(text, "Alert %s %s", event->alert_level == DTLS_ALERT_LEVEL_FATAL ? "fatal" : "warning",
            dtls_alert_name(event->alert));
        break;
    case DTLS_TRACE_ACK: add_ack(text, event); break;
    case DTLS_TRACE_DROP: add(text, "DROPPED %s", dtls_drop_name(event->drop)); break;
    case DTLS_TRACE_RECORD:
    case DTLS_TRACE_REASSEMBLED:
    case DTLS_TRACE_DATAGRAM:
        add(text, "%s %zu", dtls_content_type_name(event->content_type), event->length);
        break;
    }
}

/* Returns true if each message in records of this content type already has a line (-vv). */
static bool has_own_line(uint8_t content_type)
{
    enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, ACK = 26 };

    switch (content_type) {
    case CHANGE_CIPHER_SPEC:
    case ALERT:
    case HANDSHAKE:
    case ACK: return true;
    default: return false;
    }
}

static bool is_shown(const struct trace *trace, const dtls_trace_t *event)
{
    switch (event->kind) {
    case DTLS_TRACE_REASSEMBLED:
    case DTLS_TRACE_DATAGRAM: return false;
    case DTLS_TRACE_RECORD:
        return trace->verbose >= TRACE_RECORDS && !has_own_line(event->content_type);
    default: return true;
    }
}

void trace_show(struct trace *trace, const dtls_trace_t *event)
{
    struct text text = {.used = 0};
    char name[NET_NAME_MAX];

    if (event->kind == DTLS_TRACE_DATAGRAM)
        trace->datagram = event->length;
    if (!is_shown(trace, event))
        return;
    add(&text, "+%.4f %c dgram %-4zu rec e%" PRIu64 "#%" PRIu64 " ",
        (double)(clock_us() - trace->started_us) / 1e6, event->outgoing ? '>' : '<',
        trace->datagram, event->epoch, event->sequence);
    add_what(&text, event);
    if (trace->name_peers)
        add(&text, "  [%s]", net_name(name, event->session));
    report_bare("%s", text.bytes);
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
    if (trace->verbose >= verbosity_for(level))
        report("%s", message);
}

/* ---- key log -------------------------------------------------------------------------------- */

/* Writes a line with a single write(2), so that lines of several programs in the same file are not
 * mixed. If the key log is a pipe whose reader has stopped, the line is lost, since the loop must not
 * wait. Reports only the first error, because unauthenticated clients can cause these lines. */
static void write_key(struct trace *trace, const char *line, size_t length)
{
    ssize_t written = trace->keylog_is_file
                          ? write(trace->keylog, line, length)
                          : nowait_write(trace->keylog, (const uint8_t *)line, length);

    if (written == (ssize_t)length || trace->keylog_failed)
        return;
    trace->keylog_failed = true;
    report("cannot write to the key log: %s; the key log is incomplete",
           written >= 0      ? strerror(ENOSPC)
           : errno == EAGAIN ? "its reader has stopped"
                             : strerror(errno));
}

void trace_key(struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length)
{
    char line[512];
    size_t used = (size_t)snprintf(line, 64, "%.40s ", label);

    if (used + 2 * (RANDOM_BYTES + secret_length) + 2 > sizeof line)
        return;
    hex_encode(line + used, client_random, RANDOM_BYTES);
    used += 2 * RANDOM_BYTES;
    line[used++] = ' ';
    hex_encode(line + used, secret, secret_length);
    used += 2 * secret_length;
    line[used++] = '\n';
    write_key(trace, line, used);
    explicit_bzero(line, sizeof line);
}

int trace_open(struct trace *trace, const struct options *options)
{
    const char *path = options->keylog;

    *trace = (struct trace){.verbose = options->verbose,
                            .name_peers = options->listen,
                            .started_us = clock_us(),
                            .keylog = -1};
    if (path == NULL)
        path = secure_getenv("SSLKEYLOGFILE");
    if (path == NULL || *path == '\0')
        return EXIT_DONE;
    struct stat status;
    trace->keylog = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (trace->keylog >= 0) {
        trace->keylog_is_file = fstat(trace->keylog, &status) == 0 && S_ISREG(status.st_mode);
        report("warning: a reader of the key log %.200s can decrypt all data of this run", path);
        /* If the file existed before and other users have access to it, or if it belongs to another
         * user, report that and continue. */
        secretfile_is_safe(path, trace->keylog, NULL);
        return EXIT_DONE;
    }
    bool asked = options->keylog != NULL;
    report("%scannot write the key log %.200s%s: %s", asked ? "" : "warning: ", path,
           asked ? "" : " ($SSLKEYLOGFILE)", strerror(errno));
    return asked ? EXIT_IO : EXIT_DONE;
}

void trace_close(struct trace *trace)
{
    if (trace->keylog >= 0)
        close(trace->keylog);
}
