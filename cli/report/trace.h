/*
 * trace.h - passes the trace of the library on to those who show it.
 */
#ifndef TRACE_H
#define TRACE_H

#include "common/eventlog.h"
#include "net/impair.h"
#include "options/options.h"
#include "report/capture.h"
#include "report/keylog.h"
#include "report/tracetext.h"

struct trace {
    unsigned verbose; /* how often -v was given */
    bool text_wanted; /* -vv, and stderr is not used by --json */
    bool json;        /* --json */
    struct trace_text text;
    struct keylog keylog;
    struct capture *capture; /* NULL: no capture */
};

/* Opens the files of the trace. `net` may be opened later. Returns 0, or an exit code after
 * reporting the error. */
int trace_open(struct trace *trace, const struct options *options, const struct net *net);
void trace_close(struct trace *trace);

/* Handles an event of the library's trace. */
void trace_show(struct trace *trace, const dtls_trace_t *event);
/* Prints a line for a datagram that --sim drops, duplicates, reorders or corrupts. */
void trace_impaired(struct trace *trace, enum impair_direction direction, uint64_t number,
                    size_t length, const struct impair_decision *decision);
/* Call this at the end of each turn of the loop. */
void trace_end_turn(const struct trace *trace);
/* Prints a log message of the library if -v was given often enough for its level. */
void trace_log(const struct trace *trace, dtls_log_t level, const char *message);
/* Handles a secret that the library reports for a key log. */
void trace_key(struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length);

/* Returns true if trace_show() has something to do. */
bool trace_wants_messages(const struct trace *trace);
/* Returns true if trace_key() has something to do. */
static inline bool trace_wants_keys(const struct trace *trace)
{
    return trace->keylog.fd >= 0 || trace->capture != NULL;
}

#endif
